// The loop of generation, all of it on the device: a step reads the newest value of a history, asks the model what
// comes next, draws it, and writes it behind; the host only says how often. What is known already is read without
// drawing.

import { fail, shown } from '../graph/check';
import { count, type Rules } from '../graph/options';
import type { Engine, Step } from '../gpu/engine';
import { repeatStep } from '../gpu/look/repeatStep';
import { knowIds, type IdCheck } from '../graph/knownIds';
import { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import type { TypedArray } from '../graph/shape';
import { goesStepwise, Memory, type StepFunction, type Stepwise } from '../nn/stepwise';
import { readAt } from '../ops/layout/readAt';
import { reshape } from '../ops/layout/view';
import { DRAW } from '../ops/random/sample';
import { writeAt } from '../ops/layout/writeAt';

/** What a loop of steps on the device is made of. */
export interface LoopOptions {
  readonly engine: Engine;
  readonly model: Stepwise;
  /** Sequences side by side. */
  readonly batch: number;
  /**
   * Makes the history, [B, N, ...]: what is known stands in front, what is drawn comes behind it; a ring, where N is
   * too few for all. `again`: steps that are read once more at most, which N must hold, and one.
   */
  history(again: number): State;
  /**
   * Steps that are handed out at once, at most: first 16, then more while they take no longer than a moment. Default:
   * all at the end.
   */
  readonly most?: number;
  readonly seed: number;
  /** Refuses ids in front that a table of so many rows does not have. */
  readonly check?: IdCheck;
  /** What comes next, [B, ...], from the model's answer [B, 1, ...]; `seed` and `counter` are u32 [1]. */
  draw(answer: Tensor, random: { readonly seed: Tensor; readonly counter: Tensor }): Tensor;
}

/** How large a history is: sequences, steps that are known, steps to be drawn, and values of a step. */
export interface HistorySize {
  readonly batch: number;
  readonly known: number;
  readonly length: number;
  readonly each: number;
}

/** Steps that a buffer of the device holds behind those that are known; below 1 where it holds none. */
export const mostSteps = ({ device }: Engine, { batch, known, each }: Omit<HistorySize, 'length'>): number =>
  Math.floor(device.limits.maxStorageBufferBindingSize / (4 * batch * each)) - known;

/** Refuses a history that no buffer of the device holds, before it is made. */
export function checkHistory(engine: Engine, subject: string, size: HistorySize, at: string): void {
  const { batch, known, length, each } = size;
  const bytes = engine.device.limits.maxStorageBufferBindingSize;
  const most = mostSteps(engine, size);
  if (length <= most) return;
  fail(
    `${subject}: length is ${length}, but a buffer of this adapter holds ${Math.max(0, most)} steps at most.`,
    {
      given: `${batch} × (${known} + ${length}) × ${each} values of 4 bytes; the buffer has ${bytes} bytes`,
      at,
      fix:
        most > 0
          ? `give a length of at most ${most}.`
          : 'give fewer steps to begin with, or fewer sequences.',
    },
  );
}

/** Refuses a model that has no step function. */
export function checkModel(subject: string, model: Stepwise, at: string): void {
  if (goesStepwise(Object(model) as object)) return;
  fail(`${subject}: ${shown(model)} does not go step by step.`, {
    at,
    fix: 'give it a stepper(memory), which returns the function of one step; see nn.Stepwise.',
  });
}

/** What came of a loop. */
export interface Speed {
  readonly seconds: number;
  /** Values drawn a second for each of the sequences, with what had to be read for it. */
  readonly stepsPerSecond: number;
}

/** Steps that were drawn: from, and up to but not, counted from the first that was known. */
export interface Drawn extends Speed {
  readonly from: number;
  readonly to: number;
  /** The history; step i is at the place i mod N of its second axis. */
  readonly values: TypedArray;
}

/**
 * Draws `length` values behind the first `known` of the history, which the caller has written: at least one; and hands
 * them out in their order, each once. A model that goes only so many steps from a beginning (a Transformer: its
 * positions) begins again when it has gone them, and reads the second half of what it saw once more before it goes on.
 * Frees what it needs, the history too, also where it is left early.
 */
export async function* runLoop(options: LoopOptions, known: number, length: number): AsyncGenerator<Drawn> {
  const { engine, model, batch, seed, most = Infinity } = options;
  const memory = new Memory(batch);
  const next = model.stepper(memory);
  const history = options.history(backOf(memory.limit));
  const key = new State([1], () => Uint32Array.of(seed), 'seed', 'u32');
  const steps = recordSteps(options, next, history, { memory, key });
  const prepare = engine.record(() => memory.prepare());
  try {
    await prepare.prepare();
    prepare();
    await Promise.all(Object.values(steps).map((step) => step.prepare()));
    await engine.idle();
    const start = performance.now();
    for await (const [from, to] of walk(engine, { ...steps, memory }, { known, length, most })) {
      const values = await engine.read(history);
      const seconds = (performance.now() - start) / 1000;
      yield { from, to, values, seconds, stepsPerSecond: (to - known) / seconds };
    }
  } finally {
    for (const one of [...Object.values(steps), prepare, memory, key, history]) one.destroy();
  }
}

/** The same, handed out once: all of it, which the history has room for. */
export async function drawAll(
  options: Omit<LoopOptions, 'most'>,
  known: number,
  length: number,
): Promise<Drawn> {
  let last: Drawn | undefined;
  for await (const drawn of runLoop(options, known, length)) last = drawn;
  return last!;
}

interface Walk extends Record<'read' | 'write', Step<void>> {
  readonly memory: Memory;
}

/** Steps that a model that begins again reads once more: the second half of what it sees; none where that is one. */
const backOf = (limit: number): number => (limit < Infinity ? Math.floor(limit / 2) : 0);

/** The first steps that are handed out, where not all are at the end. */
const FIRST = 16;
const MOMENT_MS = 100;

async function* walk(
  engine: Engine,
  { read, write, memory }: Walk,
  { known, length, most }: { readonly known: number; readonly length: number; readonly most: number },
): AsyncGenerator<[from: number, to: number]> {
  const { limit } = memory;
  const back = backOf(limit);
  const end = known + length;
  let at = known > limit ? known - Math.max(1, back) : 0;
  let position = Infinity;
  let [filled, handed] = [known, known];
  let some = most < Infinity ? Math.min(FIRST, most) : length;
  let since = performance.now();
  while (filled < end) {
    if (position >= limit) {
      if (position < Infinity) at -= back;
      position = 0;
      for (const state of memory.states) engine.write(state, zerosOf(state));
      engine.write(memory.place, Uint32Array.of(at));
    }
    const knows = filled - 1 - at;
    const times = Math.min(knows || Math.min(end, handed + some) - filled, limit - position);
    await repeatStep(knows ? read : write, times);
    at += times;
    position += times;
    if (!knows) filled += times;
    if (filled < Math.min(end, handed + some)) continue;
    await engine.idle();
    yield [handed, filled];
    handed = filled;
    if (performance.now() - since < MOMENT_MS) some = Math.min(most, 2 * some);
    since = performance.now();
  }
}

function recordSteps(
  { engine, draw, check }: LoopOptions,
  next: StepFunction,
  history: State,
  { memory, key }: { readonly memory: Memory; readonly key: State },
): Record<'read' | 'write', Step<void>> {
  const [B, , ...rest] = history.shape;
  const { place } = memory;
  const random = { seed: key, counter: place };
  const step = (end: (answer: Tensor) => void) =>
    engine.record(() => {
      const now = readAt(history, place);
      if (check) knowIds(now, check);
      end(next(reshape(now, [B, 1, ...rest])));
      memory.advance();
    });
  return {
    read: step(() => {}),
    write: step((answer) => writeAt(history, place, draw(answer, random), { offset: 1 })),
  };
}

const zerosOf = ({ size, dtype }: State) =>
  dtype === 'u32' ? new Uint32Array(size) : new Float32Array(size);

/** What every kind of generation is given. */
export interface GenerateOptions {
  /** How many values to draw. */
  readonly length: number;
  /** A whole number from 0 to 2^32 − 1: the same seed gives the same values on the same adapter. Default: 1. */
  readonly seed?: number;
  /** Below 1 likely values become likelier, 0 takes always the likeliest; default: 1. */
  readonly temperature?: number;
  /** Sequences side by side, which begin alike and go on each in its own way; default: 1. */
  readonly batch?: number;
}

/** The rules of GenerateOptions, see graph/options. */
export const GENERATE_RULES: Rules<GenerateOptions> = {
  length: count,
  batch: count,
  temperature: DRAW.temperature,
  seed: (value) => value === Number(value) >>> 0 || 'a whole number from 0 to 4294967295',
};
