// The linear system in one dimension, h_t = a·h_{t-1} + x_t: the smallest recurrent model. Forward, backward and
// gradient descent in doubles: outside the stable regime (|a| > 1) its numbers leave the range of float32 at once.

import { Random } from '../../random';

/** h_1 … h_T from h_0. */
export function unroll(a: number, x: ArrayLike<number>, start = 0): Float64Array {
  const h = new Float64Array(x.length);
  let state = start;
  for (let t = 0; t < x.length; t++) h[t] = state = a * state + x[t];
  return h;
}

/** ∂/∂a of Σ_t weights_t·h_t, by backpropagation through time. */
export function gradientOf(a: number, h: Float64Array, weights: ArrayLike<number>, start = 0): number {
  let [delta, gradient] = [0, 0];
  for (let t = h.length - 1; t >= 0; t--) {
    delta = weights[t] + a * delta;
    gradient += delta * (t > 0 ? h[t - 1] : start);
  }
  return gradient;
}

/** ∂h_T/∂a for an input that is zero after h_0 = 1: T·a^(T−1), here by backpropagation. */
export function lastGradient(a: number, T: number): number {
  const h = unroll(a, new Float64Array(T), 1);
  const weights = new Float64Array(T);
  weights[T - 1] = 1;
  return gradientOf(a, h, weights, 1);
}

/** x of length T, standard normal. */
export function inputs(T: number, random: Random): Float64Array {
  return Float64Array.from({ length: T }, () => random.normal());
}

/** What a descent starts from and aims at. */
export interface Descent {
  /** The coefficient that made the targets. */
  readonly target: number;
  /** Where the descent starts. */
  readonly start: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly x: Float64Array;
}

/** Gradient descent on mean_t (h_t(a) − h_t(target))²: the losses before each step and after the last. */
export function descend({ target, start, learningRate, steps, x }: Descent): { losses: number[]; a: number } {
  const wanted = unroll(target, x);
  const losses: number[] = [];
  let a = start;
  for (let step = 0; ; step++) {
    const h = unroll(a, x);
    const error = h.map((value, t) => value - wanted[t]);
    const loss = error.reduce((sum, e) => sum + e * e, 0) / x.length;
    losses.push(loss);
    if (step === steps || !Number.isFinite(loss)) return { losses, a };
    const weights = error.map((e) => (2 * e) / x.length);
    a -= learningRate * gradientOf(a, h, weights);
  }
}

/**
 * How wrong the model is that sees only the last k inputs: |h_t − h_t^k| / |h_{t−k}|, the mean over t; by theory
 * |a|^k.
 */
export function truncationError(a: number, k: number, x: Float64Array): number {
  const h = unroll(a, x);
  let [sum, count] = [0, 0];
  for (let t = k; t < x.length; t++) {
    const seen = unroll(a, x.subarray(t - k + 1, t + 1));
    sum += Math.abs(h[t] - (k ? seen[k - 1] : 0)) / Math.abs(h[t - k]);
    count++;
  }
  return sum / count;
}
