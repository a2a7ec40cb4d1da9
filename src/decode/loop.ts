// The loop of generation, all of it on the device: a step reads the newest value of a history, asks the model what
// comes next, draws it, and writes it behind; the host only says how often. What is known already is read without
// drawing.

import { fail } from '../graph/check';
import { count, type Rules } from '../graph/options';
import type { Engine, Step } from '../gpu/engine';
import { knowIds, type IdCheck } from '../graph/knownIds';
import { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import type { TypedArray } from '../graph/shape';
import { Memory, type Stepwise } from '../nn/stepwise';
import { advance } from '../ops/layout/advance';
import { readAt } from '../ops/layout/readAt';
import { reshape } from '../ops/layout/view';
import { DRAW } from '../ops/random/sample';
import { writeAt } from '../ops/layout/writeAt';

/** What a loop of steps on the device is made of. */
export interface LoopOptions {
  readonly engine: Engine;
  readonly model: Stepwise;
  /** [B, N, ...]: what is known stands in front, what is drawn comes behind it. */
  readonly history: State;
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

/** Refuses a history that no buffer of the device holds, before it is made. */
export function checkHistory({ device }: Engine, subject: string, size: HistorySize, at: string): void {
  const { batch, known, length, each } = size;
  const bytes = device.limits.maxStorageBufferBindingSize;
  const most = Math.floor(bytes / (4 * batch * each)) - known;
  if (length <= most) return;
  fail(
    `${subject}: length is ${length}, but a buffer of this adapter holds ${Math.max(0, most)} steps at most.`,
    {
      given: `${batch} × (${known} + ${length}) × ${each} values of 4 bytes; the buffer has ${bytes} bytes`,
      at,
      fix: `give a length of at most ${Math.max(1, most)}.`,
    },
  );
}

/** What came of a loop. */
export interface Speed {
  readonly seconds: number;
  /** Values drawn a second for each of the sequences, with what had to be read for it. */
  readonly stepsPerSecond: number;
}

interface Loop extends Speed {
  /** The history at the end. */
  readonly values: TypedArray;
}

/**
 * Draws `length` values behind the first `known` of the history, which the caller has written: at least one. A model
 * that goes only so many steps from a beginning (a Transformer: its positions) begins again when it has gone them, and
 * reads the second half of what it saw once more before it goes on. Frees what it needs, the history too.
 */
export async function runLoop(options: LoopOptions, known: number, length: number): Promise<Loop> {
  const { engine, model, history, seed } = options;
  const memory = new Memory(history.shape[0]);
  const place = new State([1], 'zeros', 'place', 'u32');
  const key = new State([1], () => Uint32Array.of(seed), 'seed', 'u32');
  const steps = recordSteps(options, model, memory, { seed: key, counter: place });
  const prepare = engine.record(() => memory.prepare());
  try {
    prepare();
    const speed = await walk(engine, { ...steps, memory, place }, known, length);
    return { ...speed, values: await engine.read(history) };
  } finally {
    for (const one of [...Object.values(steps), prepare, memory, place, key, history]) one.destroy();
  }
}

interface Walk extends Record<'read' | 'write', Step<void>> {
  readonly memory: Memory;
  readonly place: State;
}

async function walk(
  engine: Engine,
  { read, write, memory, place }: Walk,
  known: number,
  length: number,
): Promise<Speed> {
  await Promise.all([read, write].map((step) => step.prepare()));
  await engine.idle();
  const start = performance.now();
  const { limit } = memory;
  const back = Math.max(1, Math.floor(limit / 2));
  let at = known > limit ? known - back : 0;
  let position = Infinity;
  let filled = known;
  while (at < known + length - 1) {
    if (position >= limit) {
      if (position < Infinity) at -= back;
      position = 0;
      for (const state of memory.states) engine.write(state, zerosOf(state));
      engine.write(place, Uint32Array.of(at));
    }
    const knows = filled - 1 - at;
    const times = Math.min(knows || known + length - 1 - at, limit - position);
    await (knows ? read : write).repeat(times);
    at += times;
    position += times;
    if (!knows) filled += times;
  }
  await engine.idle();
  const seconds = (performance.now() - start) / 1000;
  return { seconds, stepsPerSecond: length / seconds };
}

function recordSteps(
  { engine, history, draw, check }: LoopOptions,
  model: Stepwise,
  memory: Memory,
  random: Record<'seed' | 'counter', State>,
): Record<'read' | 'write', Step<void>> {
  const [B, , ...rest] = history.shape;
  const next = model.stepper(memory);
  const { counter: place } = random;
  const step = (end: (answer: Tensor) => void) =>
    engine.record(() => {
      const now = readAt(history, place);
      if (check) knowIds(now, check);
      end(next(reshape(now, [B, 1, ...rest])));
      advance(place);
      advance(memory.position);
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
