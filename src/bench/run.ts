// The whole bench, the same in a page, in Node and in Deno: chooses rows by name, measures them, makes the
// report.

import type { Engine } from '../gpu/engine';
import { open } from '../gpu/open';
import { fail } from '../graph/check';
import { callable, checked, count, flag, listOf, object, text, type Rules } from '../graph/options';
import { matmul } from '../ops/matmul/matmul';
import type { Plan } from '../plan/plan';
import { noise, type Case } from './case';
import { METRICS, type Metric } from './metrics';
import { measure, type Measured } from './measure';
import {
  caseRow,
  metricRow,
  timeRow,
  BUNDLE_SIZE,
  FIRST_RESULT,
  type Report,
  type ReportRow,
} from './report';

/** What `bench` measures, and where. */
export interface BenchOptions {
  readonly cases: readonly Case[];
  readonly metrics?: readonly Metric[];
  /** Also how long a fresh engine takes to its first result. */
  readonly firstResult?: boolean;
  readonly rounds?: number;
  /** One round of the shortest samples: shows that it runs, and promises nothing about time. */
  readonly quick?: boolean;
  readonly kernels?: boolean;
  /** What the engine runs in, in words. */
  readonly runtime: string;
  readonly open?: () => Promise<Engine>;
  readonly onProgress?: (what: string, done: number, all: number) => void;
  readonly onRound?: (soFar: Report) => void;
  /**
   * What a row launches, with the texts of its kernels: of a case when it has run for the first time, of a metric
   * before that, once for each of its sides, which have one name.
   */
  readonly onPlan?: (name: string, plan: Plan) => void;
}

const RULES: Rules<BenchOptions> = {
  cases: listOf(object),
  metrics: listOf(object),
  firstResult: flag,
  rounds: count,
  quick: flag,
  kernels: flag,
  runtime: text,
  open: callable,
  onProgress: callable,
  onRound: callable,
  onPlan: callable,
};

/** Rounds in which every case is measured. */
export const ROUNDS = 5;

/** Every first result opens an engine, and every sample of a metric runs a step many times. */
const FEW_ROUNDS = 3;

/** Measures cases and metrics on an engine that it opens, and reports. */
export async function bench(given: BenchOptions): Promise<Report> {
  checked('bench', given, RULES, 'cases', 'runtime');
  const { cases, metrics = [], firstResult, open: fresh = open, ...options } = given;
  const { quick = false, kernels = true, runtime, onProgress, onRound, onPlan } = options;
  refuseNamesakes(cases);
  const rounds = options.rounds ?? (quick ? 1 : ROUNDS);
  const few = Math.min(rounds, FEW_ROUNDS);
  const others: ReportRow[] = [];
  if (metrics.length) others.push(...(await measureMetrics(metrics, few, fresh, { onProgress, onPlan })));
  if (firstResult) {
    const samples: number[] = [];
    for (let round = 0; round < few; round++) {
      onProgress?.(FIRST_RESULT, round, few);
      samples.push(await timeToFirstResult(fresh, round ? undefined : onPlan));
    }
    others.push(timeRow(FIRST_RESULT, FIRST_ABOUT, samples));
  }
  const engine = await fresh();
  const { family, quads } = engine.traits;
  const reportOf = ({ adapter, ceiling, rows }: Measured): Report => ({
    adapter,
    date: new Date().toISOString(),
    runtime,
    rounds,
    family: `${family}${quads ? ' with quads' : ''}`,
    ceiling: cases.length ? ceiling : null,
    rows: [...rows.map(caseRow), ...others],
  });
  try {
    return reportOf(
      await measure(engine, cases, {
        // Without a case only the adapter's name is wanted, and no ceiling.
        rounds: cases.length ? rounds : 0,
        kernels,
        onProgress,
        onPlan,
        ...(quick ? { sampleMs: 0 } : {}),
        ...(onRound ? { onRound: (soFar: Measured) => onRound(reportOf(soFar)) } : {}),
      }),
    );
  } finally {
    engine.destroy();
  }
}

/** Rows are told apart by their names. */
function refuseNamesakes(cases: readonly Case[]): void {
  const names = cases.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) fail(`bench: two cases are called "${twice}".`, { fix: 'rename one of them.' });
}

/** In an engine of their own: their models need as much memory as the cases'. */
async function measureMetrics(
  metrics: readonly Metric[],
  rounds: number,
  fresh: () => Promise<Engine>,
  { onProgress, onPlan }: Pick<BenchOptions, 'onProgress' | 'onPlan'>,
): Promise<ReportRow[]> {
  const engine = await fresh();
  try {
    const subjects = metrics.map((metric) => ({
      metric,
      take: metric.prepare(engine, (plan) => onPlan?.(metric.name, plan)),
      samples: [] as number[],
    }));
    for (let round = 0; round < rounds; round++) {
      for (const [i, { metric, take, samples }] of subjects.entries()) {
        onProgress?.(`${metric.name}: round ${round + 1} of ${rounds}`, round + i / subjects.length, rounds);
        samples.push(await take());
      }
    }
    return subjects.map(({ metric, samples }) => metricRow(metric, samples));
  } finally {
    engine.destroy();
  }
}

const FIRST_ABOUT = 'open(), and a product 256³ recorded, run and read back, in a fresh engine';

async function timeToFirstResult(
  fresh: () => Promise<Engine>,
  onPlan: BenchOptions['onPlan'],
): Promise<number> {
  const [a, b] = [noise([256, 256], 1), noise([256, 256], 2)];
  const start = performance.now();
  const engine = await fresh();
  const step = engine.record((x, y) => matmul(x, y));
  await step(a, b).read();
  const ms = performance.now() - start;
  onPlan?.(FIRST_RESULT, step.plan(a, b));
  engine.destroy();
  return ms;
}

/** What the names that were given stand for. */
export interface Chosen {
  readonly cases: readonly Case[];
  readonly metrics: readonly Metric[];
  readonly firstResult: boolean;
  readonly bundleSize: boolean;
}

/** The rows whose name contains one of the words; all without a word. */
export function choose(cases: readonly Case[], words: readonly string[] = []): Chosen {
  const names = [...cases, ...METRICS].map(({ name }) => name).concat(FIRST_RESULT, BUNDLE_SIZE);
  const holds = (name: string, word: string) => name.toLowerCase().includes(word.toLowerCase());
  const unknown = words.find((word) => !names.some((name) => holds(name, word)));
  if (unknown !== undefined) {
    fail(`bench: no case has "${unknown}" in its name.`, {
      given: `known: ${names.join(', ')}`,
      fix: '--only takes a part of a name, or several with commas between them.',
    });
  }
  const isChosen = (name: string) => words.length === 0 || words.some((word) => holds(name, word));
  return {
    cases: cases.filter(({ name }) => isChosen(name)),
    metrics: METRICS.filter(({ name }) => isChosen(name)),
    firstResult: isChosen(FIRST_RESULT),
    bundleSize: isChosen(BUNDLE_SIZE),
  };
}
