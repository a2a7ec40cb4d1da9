// Hidden Markov models with few states, in doubles: random ones, samples of their observations, and the exact
// prediction of the next observation from all of the past and from a window of it.

import { Random } from '../../random';

/** Rows are distributions. */
export interface HMM {
  /** P(next state | state), [n][n]. */
  readonly transition: readonly Float64Array[];
  /** P(observation | state), [n][d]. */
  readonly emission: readonly Float64Array[];
  /** The stationary distribution of the states, [n]. */
  readonly stationary: Float64Array;
}

/**
 * `random`: all rows drawn from Dirichlet(½). `slow`: the same, but a state is kept with probability 0.95. `clock`:
 * the states follow each other in a circle, waiting now and then, and only the first of them strikes.
 */
export const FAMILIES = ['random', 'slow', 'clock'] as const;
/** How a model is drawn: see FAMILIES. */
export type Family = (typeof FAMILIES)[number];

const KEPT = 0.95;
const WAITS = 0.02;
/** How clearly the clock strikes. */
const CLEAR = 0.98;

/** A model of n states and d observations of a family. */
export function randomHmm(family: Family, n: number, d: number, random: Random): HMM {
  const rows = (count: number, width: number) =>
    Array.from({ length: count }, () => dirichlet(width, random));
  if (family === 'clock') {
    const row = (i: number) =>
      Float64Array.from({ length: n }, (_, j) => (j === (i + 1) % n ? 1 - WAITS : 0) + (j === i ? WAITS : 0));
    const transition = Array.from({ length: n }, (_, i) => row(i));
    const strike = (clear: number) =>
      Float64Array.from({ length: d }, (_, x) => (x === 0 ? clear : (1 - clear) / (d - 1)));
    const emission = Array.from({ length: n }, (_, i) => strike(i === 0 ? CLEAR : 1 - CLEAR));
    return makeHmm(transition, emission);
  }
  const drawn = rows(n, n);
  const transition =
    family === 'slow'
      ? drawn.map((row, i) => row.map((p, j) => (1 - KEPT) * p + (i === j ? KEPT : 0)))
      : drawn;
  return makeHmm(transition, rows(n, d));
}

/** A model of these probabilities, with its stationary distribution. */
export function makeHmm(transition: readonly Float64Array[], emission: readonly Float64Array[]): HMM {
  return { transition, emission, stationary: stationary(transition) };
}

/** Dirichlet(½): squares of normal numbers, scaled to one. */
function dirichlet(width: number, random: Random): Float64Array {
  const squares = Float64Array.from({ length: width }, () => random.normal() ** 2);
  const sum = squares.reduce((total, value) => total + value, 0);
  return squares.map((value) => value / sum);
}

/** π with π·A = π and Σπ = 1, by elimination: Grassmann, Taksar & Heyman (1985), which never subtracts. */
function stationary(transition: readonly Float64Array[]): Float64Array {
  const a = transition.map((row) => Float64Array.from(row));
  const n = a.length;
  for (let k = n - 1; k > 0; k--) {
    let out = 0;
    for (let j = 0; j < k; j++) out += a[k][j];
    for (let i = 0; i < k; i++) a[i][k] /= out;
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) a[i][j] += a[i][k] * a[k][j];
  }
  const pi = new Float64Array(n);
  pi[0] = 1;
  let sum = 1;
  for (let k = 1; k < n; k++) {
    for (let i = 0; i < k; i++) pi[k] += pi[i] * a[i][k];
    sum += pi[k];
  }
  return pi.map((value) => value / sum);
}

/** Observations of a run that starts in the stationary distribution. */
export function sample(
  { transition, emission, stationary: start }: HMM,
  length: number,
  random: Random,
): Uint8Array {
  let state = pick(start, random);
  return Uint8Array.from({ length }, () => {
    const x = pick(emission[state], random);
    state = pick(transition[state], random);
    return x;
  });
}

function pick(p: Float64Array, random: Random): number {
  let rest = random.uniform();
  for (let i = 0; i < p.length - 1; i++) if ((rest -= p[i]) < 0) return i;
  return p.length - 1;
}

/** The belief about the next state, once `x` was seen in the present one. Overwrites `belief` [n]. */
export function advance({ transition, emission }: HMM, belief: Float64Array, x: number): void {
  const n = belief.length;
  let sum = 0;
  const seen = new Float64Array(n);
  for (let i = 0; i < n; i++) sum += seen[i] = belief[i] * emission[i][x];
  belief.fill(0);
  for (let i = 0; i < n; i++) {
    const weight = seen[i] / sum;
    if (weight === 0) continue;
    const row = transition[i];
    for (let j = 0; j < n; j++) belief[j] += weight * row[j];
  }
}

/** The belief about the state behind `past`, from the stationary distribution. */
export function filter(hmm: HMM, past: ArrayLike<number>): Float64Array {
  const belief = Float64Array.from(hmm.stationary);
  for (let t = 0; t < past.length; t++) advance(hmm, belief, past[t]);
  return belief;
}

/** P(observation | belief about its state), [d]. */
export function predict({ emission }: HMM, belief: Float64Array): Float64Array {
  const p = new Float64Array(emission[0].length);
  belief.forEach((weight, i) => emission[i].forEach((e, x) => (p[x] += weight * e)));
  return p;
}

/** KL(p‖q) in nats. Rounding may make the sum of two equal distributions slightly negative: it is 0 then. */
export function divergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let x = 0; x < p.length; x++) if (p[x] > 0) sum += p[x] * Math.log(p[x] / q[x]);
  return Math.max(0, sum);
}

/**
 * KL from the prediction that knows all of `past` to those that know its last l: the l-th order Markov model, whose
 * prediction starts from the stationary distribution. One value for each of `windows`.
 */
export function windowDivergences(
  hmm: HMM,
  past: Uint8Array,
  windows: readonly number[],
  belief = filter(hmm, past),
): number[] {
  const full = predict(hmm, belief);
  return windows.map((l) =>
    l >= past.length ? 0 : divergence(full, predict(hmm, filter(hmm, past.subarray(past.length - l)))),
  );
}

/** Entropy of a distribution in nats. */
export const entropy = (p: Float64Array): number =>
  p.reduce((sum, q) => (q > 0 ? sum - q * Math.log(q) : sum), 0);
