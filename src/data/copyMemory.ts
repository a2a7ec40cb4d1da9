// The copy-memory task of Bai, Kolter and Koltun (arXiv 1803.01271): remember ten digits over T steps.
//   input   10 random digits 1..8, then T-1 zeros, then 11 nines            [B, T+20]
//   target  T+10 zeros, then the 10 digits                                  [B, T+20]
// The published model reads the digit itself as one float channel; `ids` holds the same digits as classes.
// The loss is cross-entropy over 10 classes, averaged over all T+20 positions.

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Random } from '../random';

const DIGITS = 10;
const BLANK = 0;
const MARKER = 9;

/** Classes of the target: the blank, the digits 1..8 and the marker. */
export const COPY_CLASSES = 10;

/** How large a batch of copy memory is, and what draws it. */
export interface CopyMemoryOptions {
  /** T, the steps between the digits and their recall. */
  length: number;
  batch: number;
  random: Random;
}

/** A batch of copy memory. */
export interface CopyMemoryBatch {
  /** The published input: digits as floats, [B, T+20, 1]. */
  x: HostArray;
  /** The same input as class ids, [B, T+20]. */
  ids: HostArray;
  /** Class ids, [B, T+20]. */
  targets: HostArray;
}

/** Draws a batch of copy memory, sequences of T + 20 steps; T is 1 at the least. */
export function copyMemory({ length, batch, random }: CopyMemoryOptions): CopyMemoryBatch {
  checkCount('length', length);
  checkCount('batch', batch);
  const S = length + 2 * DIGITS;
  const ids = new Uint32Array(batch * S);
  const targets = new Uint32Array(batch * S);
  for (let row = 0; row < batch * S; row += S) {
    for (let i = 0; i < DIGITS; i++) {
      const digit = 1 + random.integer(8);
      ids[row + i] = digit;
      targets[row + length + DIGITS + i] = digit;
    }
    ids.fill(BLANK, row + DIGITS, row + length + DIGITS - 1);
    ids.fill(MARKER, row + length + DIGITS - 1, row + S);
  }
  return {
    x: { shape: [batch, S, 1], data: Float32Array.from(ids) },
    ids: { shape: [batch, S], data: ids },
    targets: { shape: [batch, S], data: targets },
  };
}

/**
 * The loss of knowing the blanks and guessing the digits: T+10 positions cost 0, ten cost ln 8.
 * A model at this loss has remembered nothing.
 */
export function guessZeroLoss(length: number): number {
  return (DIGITS * Math.log(8)) / (length + 2 * DIGITS);
}

function checkCount(name: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  fail(`copyMemory: ${name} is ${count}.`, { fix: 'give an integer of at least 1.' });
}
