// Measures the cases in rounds, each round going through all of them, so that a machine that grows slower for a
// while is slower for everybody. The ceilings take part in every round.

import type { Engine } from '../gpu/engine';
import { profileStep, timeStep } from '../gpu/look/profile';
import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Plan } from '../plan/plan';
import type { Built, Case, Runnable } from './case';
import { probes, type Ceiling } from './ceiling';
import { rangeOf } from './spread';

/** A case as it was measured. */
export interface Row {
  readonly name: string;
  readonly about: string;
  /** One run in milliseconds: the median, the fastest and the slowest of the rounds. */
  readonly ms: number;
  readonly min: number;
  readonly max: number;
  /** One run in milliseconds, round by round. */
  readonly samples: readonly number[];
  readonly gflops: number;
  readonly gbps: number;
  /** What limits an ideal run, and how much of that limit the fastest run reached, 0 to 1. */
  readonly limit: Case['limit'];
  readonly ofCeiling: number;
  /** Largest error of the results relative to the largest value, against doubles. */
  readonly error: number;
  readonly dispatches: number;
  /** Milliseconds until the first result: recording, compiling, and the first run. */
  readonly firstMs: number;
  /** Microseconds of the host for each launch of a run, submit and upload included. */
  readonly hostUs: number;
  readonly kernels: readonly { readonly kernel: string; readonly launches: number; readonly ms: number }[];
}

/** All rows of one adapter. */
export interface Measured {
  readonly adapter: string;
  readonly ceiling: Ceiling;
  readonly rows: readonly Row[];
}

/** How long is measured, and what else. */
export interface MeasureOptions {
  readonly rounds?: number;
  /** A sample lasts about this long. */
  readonly sampleMs?: number;
  /** Also time every kernel of a case. */
  readonly kernels?: boolean;
  readonly onProgress?: (what: string, done: number, all: number) => void;
  /** After every round: what is known by then, without the kernels. */
  readonly onRound?: (soFar: Measured) => void;
  /** When a case has run for the first time: what it launches. */
  readonly onPlan?: (name: string, plan: Plan) => void;
}

interface Subject {
  readonly built: Built;
  readonly one: Case;
  readonly times: number;
  readonly firstMs: number;
  readonly hostUs: number;
  readonly error: number;
  readonly samples: number[];
}

/** Largest relative error that rounding explains: sums of a few thousand f32 products. */
export const TOLERANCE = 1e-3;

/** Measures cases in turns, so that a machine that grows slower is slower for all of them. */
export async function measure(
  engine: Engine,
  cases: readonly Case[],
  { rounds = 5, sampleMs = 100, kernels = true, onProgress = () => {}, onRound, onPlan }: MeasureOptions = {},
): Promise<Measured> {
  const all = cases.length * (rounds + 1);
  let done = 0;
  const subjects: Subject[] = [];
  for (const one of cases) {
    onProgress(`${one.name}: first run`, done++, all);
    const subject = await prepare(engine, one, sampleMs);
    onPlan?.(one.name, subject.built.step.plan(...subject.built.args));
    subjects.push(subject);
  }
  const limits = probes(engine);
  const best = { fma: Infinity, copy: Infinity, dispatch: Infinity };
  const timesOf = { fma: 1, copy: 4, dispatch: 1000 };
  for (let round = 0; round < rounds; round++) {
    for (const { name, step, args } of limits) {
      best[name] = Math.min(best[name], (await timeStep(step, timesOf[name], ...args)) / timesOf[name]);
    }
    for (const subject of subjects) {
      onProgress(`${subject.one.name}: round ${round + 1} of ${rounds}`, done++, all);
      subject.samples.push(await sample(engine, subject));
    }
    if (onRound) onRound(await measured(false));
  }
  return measured(kernels);

  async function measured(withKernels: boolean): Promise<Measured> {
    const ceiling: Ceiling = { fma: NaN, copy: NaN, dispatch: NaN };
    for (const { name, value } of limits) Object.assign(ceiling, { [name]: value(best[name]) });
    const rows: Row[] = [];
    for (const subject of subjects) rows.push(await rowOf(subject, ceiling, withKernels));
    return { adapter: engine.name, ceiling, rows };
  }
}

/** A case that has run once: how long that took with recording and compiling, and how wrong it was. */
export async function firstRun(
  engine: Engine,
  one: Case,
): Promise<{ readonly built: Built; readonly firstMs: number; readonly error: number }> {
  const built = one.build(engine, one.inputs());
  await engine.idle();
  const start = performance.now();
  const results = await readAll(built.step(...built.args));
  const firstMs = performance.now() - start;
  return { built, firstMs, error: await built.error(results) };
}

async function prepare(engine: Engine, one: Case, sampleMs: number): Promise<Subject> {
  const { built, firstMs, error } = await firstRun(engine, one);
  const { step, args } = built;
  const { tolerance = TOLERANCE, own } = one;
  const far = `the error is ${error.toExponential(2)} of the largest value, ${tolerance} are allowed`;
  const wrong = built.wrong ? built.wrong() : error < tolerance ? null : far;
  if (wrong !== null) {
    fail(`bench: ${one.name} gives wrong results.`, {
      given: wrong,
      fix: own
        ? 'correct the kernel, or what it is compared with.'
        : 'run `npm test` on this machine: its adapter or driver computes something else.',
    });
  }
  await engine.idle();
  const submitted = performance.now();
  step(...args);
  const hostUs = ((performance.now() - submitted) * 1000) / step.plan(...args).dispatches.length;
  await engine.idle();
  const ms = await timed(engine, one, step, args, 1);
  const times = Math.max(1, Math.min(1000, Math.round(sampleMs / ms)));
  return { built, one, times, firstMs, hostUs, error, samples: [] };
}

async function readAll(readings: unknown): Promise<(Float32Array | Uint32Array)[]> {
  if (!readings) return [];
  const list = (Array.isArray(readings) ? readings : [readings]) as { read(): Promise<Float32Array> }[];
  return Promise.all(list.map((reading) => reading.read()));
}

const sample = (engine: Engine, { one, built, times }: Subject): Promise<number> =>
  timed(engine, one, built.step, built.args, times);

/** Milliseconds for one run. */
async function timed(
  engine: Engine,
  { step: asCalled }: Case,
  step: Runnable,
  args: readonly HostArray[],
  times: number,
): Promise<number> {
  if (!asCalled) return (await timeStep(step, times, ...args)) / times;
  await engine.idle();
  const start = performance.now();
  for (let i = 0; i < times; i++) step(...args);
  await engine.idle();
  return (performance.now() - start) / times;
}

async function rowOf(
  { one, built, samples, ...rest }: Subject,
  ceiling: Ceiling,
  kernels: boolean,
): Promise<Row> {
  const plan = built.step.plan(...built.args);
  const { median: ms, min, max } = rangeOf(samples);
  const sumOf = (key: 'flops' | 'bytes') => plan.dispatches.reduce((sum, launch) => sum + launch[key], 0);
  const flops = sumOf('flops');
  const bytes = one.bytes ?? sumOf('bytes');
  const dispatches = plan.dispatches.length;
  const ideal = {
    fma: flops / ceiling.fma / 1e6,
    copy: bytes / ceiling.copy / 1e6,
    dispatch: (dispatches * ceiling.dispatch) / 1000,
  };
  const profile = kernels ? await profileStep(built.step, ...built.args) : null;
  return {
    name: one.name,
    about: one.about,
    ms,
    min,
    max,
    samples: [...samples],
    gflops: flops / min / 1e6,
    gbps: bytes / min / 1e6,
    limit: one.limit,
    ofCeiling: ideal[one.limit] / min,
    error: rest.error,
    dispatches,
    firstMs: rest.firstMs,
    hostUs: rest.hostUs,
    kernels: profile?.rows.map(({ kernel, launches, ms: each }) => ({ kernel, launches, ms: each })) ?? [],
  };
}
