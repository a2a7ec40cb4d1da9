// The adding problem as Bai, Kolter and Koltun publish it (arXiv 1803.01271): add the two marked numbers.
//   x       channel 0 uniform in [0, 1], channel 1 zero but for two ones at distinct positions   [B, T, 2]
//   target  the sum of the two marked numbers                                                    [B, 1]
// The loss is the mean squared error of the prediction at the last step.

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Random } from '../random';

/**
 * The error of always predicting 1, the mean of the target: the variance of a sum of two independent
 * uniforms, 2 · 1/12. A model at this loss has added nothing.
 */
export const PREDICT_ONE_MSE = 1 / 6;

/** How large a batch of the adding problem is, and what draws it. */
export interface AddingOptions {
  /** T, the length of the sequence. */
  length: number;
  batch: number;
  random: Random;
}

/** A batch of the adding problem. */
export interface AddingBatch {
  /** [B, T, 2] */
  x: HostArray;
  /** [B, 1] */
  target: HostArray;
}

/** Draws a batch of the adding problem: x [B, T, 2] and the sums [B, 1]; T is 2 at the least. */
export function adding({ length, batch, random }: AddingOptions): AddingBatch {
  checkCount('length', length, 2);
  checkCount('batch', batch, 1);
  const x = new Float32Array(batch * length * 2);
  const target = new Float32Array(batch);
  for (let row = 0; row < batch; row++) {
    const start = row * length * 2;
    for (let t = 0; t < length; t++) x[start + 2 * t] = random.uniform();
    const first = random.integer(length);
    const second = (first + 1 + random.integer(length - 1)) % length; // any position but the first
    x[start + 2 * first + 1] = 1;
    x[start + 2 * second + 1] = 1;
    target[row] = x[start + 2 * first] + x[start + 2 * second];
  }
  return { x: { shape: [batch, length, 2], data: x }, target: { shape: [batch, 1], data: target } };
}

function checkCount(name: string, count: number, least: number): void {
  if (Number.isInteger(count) && count >= least) return;
  fail(`adding: ${name} is ${count}.`, { fix: `give an integer of at least ${least}.` });
}
