// Sequences of a split, places on them, and what is asked there of a model that sees less than all.

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import { sizeOf } from '../graph/shape';
import type { Tensor } from '../graph/tensor';
import { Random } from '../random';

/** A sequence of a split: inputs x [T, ...] and what is to be said after each of them, y [T, ...]. */
export interface Sequence {
  readonly x: HostArray;
  readonly y: HostArray;
  /** Steps that count: those behind are padding. */
  readonly length: number;
  /** What a model is told of a sound as a whole: its class, or speaker and digit. */
  readonly told?: readonly number[];
  /** The class of the whole, of a task that asks for it. */
  readonly label?: number;
  /** The whole sentence that a target translates, END counted. */
  readonly source?: Uint32Array;
}

/** The end of a window: a step of a sequence. */
export interface Place {
  readonly sequence: Sequence;
  readonly end: number;
}

/** `count` places with at least `past` inputs before their own, spread evenly over these sequences. */
export function placesIn(sequences: readonly Sequence[], past: number, count: number): Place[] {
  const all = sequences.flatMap((sequence) =>
    Array.from({ length: Math.max(0, sequence.length - past) }, (_, i) => ({ sequence, end: past + i })),
  );
  if (all.length < count) {
    fail(`windows: there are ${all.length} places with ${past} inputs before them.`, {
      given: `${count} are asked for`,
      fix: 'take more of the data, fewer places, or shorter windows.',
    });
  }
  const random = new Random(SEED);
  // One from each of `count` equal parts.
  return Array.from({ length: count }, (_, i) => {
    const [start, end] = [i, i + 1].map((part) => Math.floor((part * all.length) / count));
    return all[start + random.integer(end - start)];
  });
}

const SEED = 20180806;

/**
 * Mean loss [] over windows: x [N, k, ...], y [N, 1, ...] and what is told of each, u32 [N]; of pairs those
 * of `pairWindowsAt`, of labelled sequences those of `labelledWindowsAt`.
 */
export type WindowLoss = (...arrays: Tensor[]) => Tensor;

/** Row b of an array [B, ...], without a copy. */
export const row = ({ shape: [, ...rest], data }: HostArray, b: number): HostArray => {
  const size = sizeOf(rest);
  return { shape: rest, data: data.subarray(b * size, (b + 1) * size) };
};
