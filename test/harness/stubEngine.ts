// An engine without a device, for what surrounds a step: it records functions as a real one does, and asks the host
// for what a replay asks, but computes nothing. A script says what a step does to the states and what comes of it.

import { Engine } from '../../src/gpu/engine';
import { fail } from '../../src/graph/check';
import { letTake, type Step } from '../../src/gpu/step';
import { Reading } from '../../src/gpu/replay/reading';
import { hostArray, type Argument, type HostArray } from '../../src/graph/host';
import { type Call, Tensor, type Feed } from '../../src/graph/tensor';
import { outputsOf, type Result } from '../../src/plan/result';
import { onTape } from '../../src/graph/tape';
import type { State } from '../../src/graph/state';
import type { TypedArray } from '../../src/graph/shape';

/** What a replay asked of the host, by the name of the op and of its input, e.g. `adam.hyper`. */
export type Asked = Readonly<Record<string, readonly number[]>>;

export interface Script {
  /** A training step: may change states; gives the loss. */
  step(batch: readonly HostArray[], asked: Asked): number;
  /** What is measured of a batch. */
  measure(batch: readonly HostArray[]): readonly (number | Float32Array<ArrayBuffer>)[];
}

export interface Stub {
  readonly engine: Engine;
  /** The values of a state, to be read and changed. */
  values(state: State): Float32Array;
  /** What was done, in order: `step`, `measure`, `tune`, `record` (a function without a result), `compile` … */
  readonly log: string[];
  /** What the functions recorded so far write to, e.g. `adam`, `spectralNorm/put`. */
  readonly effects: string[];
}

export function stubEngine(script: Script): Stub {
  const [log, effects]: string[][] = [[], []];
  const stored = new Map<State, Float32Array>();
  const values = (state: State): Float32Array => {
    if (state.home)
      return values(state.home.flat).subarray(state.home.offset, state.home.offset + state.size);
    if (!stored.has(state)) stored.set(state, initial(state));
    return stored.get(state)!;
  };
  const run = (training: boolean, batch: readonly HostArray[], { asked, count }: Recorded): Reading[] => {
    if (count === 0) log.push('record');
    else log.push(training ? 'step' : 'measure');
    const numbers = training ? [script.step(batch, asked())] : count ? script.measure(batch) : [];
    return numbers.map(reading);
  };
  const makeStep = <R extends Result>(body: (...args: Tensor[]) => R, training: boolean): Step<R> => {
    let recorded: Recorded | undefined;
    const step = (...given: Argument[]) => {
      const batch = given.map(hostArray);
      recorded ??= record(body, training, batch, effects);
      const readings = run(training, batch, recorded);
      return recorded.single ? readings[0] : readings;
    };
    const repeat = async ([times, ...given]: readonly unknown[]) => {
      step(...(given as Argument[]));
      log.push(`× ${String(times)}`);
    };
    letTake(
      step,
      (_, name, settings) => (name === 'repeatStep' ? repeat(settings) : looked(name, log)) as never,
    );
    const prepare = async () => void log.push('prepare');
    return Object.assign(step, { prepare, destroy: () => void log.push('destroy') }) as never;
  };
  const engine: Engine = Object.assign(Object.create(Engine.prototype), {
    // No device that could be opened again.
    workplace: {},
    traits: {},
    train: <R extends Result>(body: (...args: Tensor[]) => R) => makeStep(body, true),
    record: <R extends Result>(body: (...args: Tensor[]) => R) => makeStep(body, false),
    idle: async () => {},
    read: async (state: State) => values(state).slice(),
    write: (state: State, data: TypedArray, start = 0) => values(state).set(data, start),
  });
  return { engine, values, log, effects };
}

/** What is said of a step that is looked at. */
async function looked(tool: string, log: string[]): Promise<unknown> {
  if (tool === 'tuneStep') return log.push('tune');
  if (tool === 'compileStep') return log.push('compile');
  return { finite: false, toString: () => 'log is the first to make one' };
}

interface Recorded {
  /** Results. */
  readonly count: number;
  readonly single: boolean;
  asked(): Asked;
}

function record<R extends Result>(
  body: (...args: Tensor[]) => R,
  training: boolean,
  batch: readonly HostArray[],
  effects: string[],
): Recorded {
  const inputs = batch.map(({ shape, data }, i) => {
    const dtype = data instanceof Uint32Array ? 'u32' : 'f32';
    return new Tensor(shape, dtype, { kind: 'input', name: `x${i}` });
  });
  const { result, tape } = onTape(training, () => body(...inputs));
  const single = result instanceof Tensor;
  const results = outputsOf(result).outputs;
  const feeds = new Map<string, Feed>();
  const seen = new Set<Call>();
  const visit = (call: Call): void => {
    if (seen.has(call)) return;
    seen.add(call);
    for (const [name, input] of Object.entries(call.inputs)) {
      if (!input) continue;
      if (input.source.kind === 'feed') feeds.set(`${call.op.name}.${name}`, input.source);
      if (input.source.kind === 'call') visit(input.source.call);
    }
  };
  for (const { source } of results) if (source.kind === 'call') visit(source.call);
  tape.effects.forEach(visit);
  effects.push(...tape.effects.map(({ scope, op }) => scope + op.name));
  const asked = (): Asked => {
    const all = Object.fromEntries([...feeds].map(([name, { values }]) => [name, Array.from(values())]));
    new Set(feeds.values()).forEach(({ advance }) => advance());
    return all;
  };
  return { count: results.length, single, asked };
}

function initial({ initial: first, size }: State): Float32Array {
  return first === 'zeros' ? new Float32Array(size) : Float32Array.from(first(size));
}

/** A result that is there already. */
function reading(value: number | Float32Array<ArrayBuffer>): Reading {
  const data = typeof value === 'number' ? Float32Array.of(value) : value;
  const tensor = new Tensor([data.length], 'f32', { kind: 'constant', data });
  const place = () => fail('A stub has no buffers.');
  return new Reading(tensor, { fetch: async () => data.slice().buffer, gone: () => null, place });
}
