// Data that is drawn, not read: endless for training, the same few batches for validation and for test.

import type { HostArray } from '../graph/host';
import { Random } from '../random';
import type { Source } from '../train/fit';
import type { Split } from './task';

/** Draws the arrays of a batch. */
export type Make = (random: Random) => readonly HostArray[];

/** A fresh batch at every step. */
export const drawn = (random: Random, make: Make): Source => ({
  next: () => make(random),
  save: () => random.save(),
  restore: (saved: number[]) => random.restore(saved),
});

const FIXED_BATCHES = 16;
const FIXED_SEED = 20180304;

/** Batches that no seed of a run changes. */
export function* fixed(split: Split, make: Make): Generator<readonly HostArray[]> {
  const random = new Random(FIXED_SEED).fork(split);
  for (let i = 0; i < FIXED_BATCHES; i++) yield make(random);
}
