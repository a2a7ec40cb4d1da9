// ids = argmax of x / temperature + Gumbel noise over what may be drawn: at least the k-th largest, then the nucleus

import { constant, embedding, type Tensor } from '../../src/index';
import { sampleByCall } from '../../src/ops/random/sample';
import { uniform } from '../harness/engine';
import { zeros, type Case, type Doubles } from '../harness/reference';
import { pcg4d } from './dropout';

interface Options {
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly call: number;
}

/** The ids as f32. */
export function op([x, seed, counter]: readonly Tensor[], options: Options) {
  const V = x.shape.at(-1)!;
  const numbers = constant(
    [V, 1],
    Array.from({ length: V }, (_, v) => v),
  );
  return embedding(sampleByCall(x, seed, counter, options), numbers);
}

export function reference([x, seed, counter]: readonly Doubles[], options: Options): Doubles {
  const V = x.shape.at(-1)!;
  const ids = zeros(...x.shape.slice(0, -1), 1);
  ids.data.forEach((_, n) => {
    const row = x.data.subarray(n * V, (n + 1) * V);
    const allowed = allowedIn(row, options);
    let best = -Infinity;
    row.forEach((value, v) => {
      const words = [n * Math.ceil(V / 4) + (v >>> 2), options.call, counter.data[0], seed.data[0]];
      const score = options.temperature ? value / options.temperature + gumbel(pcg4d(words)[v & 3]) : value;
      if (allowed[v] && score > best) [best, ids.data[n]] = [score, v];
    });
    // An id that is none, whose number is NaN.
    if (row.some(Number.isNaN)) ids.data[n] = NaN;
  });
  return ids;
}

/** −log E, E = −log(1 − u) for a u in the middle of its 2^-32. */
export const gumbel = (bits: number): number => -Math.log(-Math.log1p(-(bits + 0.5) / 2 ** 32));

/** Which of a row's symbols may be drawn. */
export function allowedIn(
  row: ArrayLike<number>,
  { temperature, topK = Infinity, topP = 1 }: Partial<Options>,
) {
  const sorted = Float64Array.from(row).sort().reverse();
  const least = sorted[Math.min(topK, sorted.length) - 1];
  const left = sorted.filter((value) => value >= least);
  const weights = left.map((value) =>
    value === sorted[0] ? 1 : Math.exp((value - sorted[0]) / (temperature || 1)),
  );
  const enough = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const last = weights.findIndex((weight) => (sum += weight) >= enough);
  const floor = topP < 1 && temperature ? left[last] : least;
  return Array.from(row, (value) => !temperature || value >= floor);
}

export const integers = [1, 2];
export const differentiable: readonly number[] = [];
export const fill = (i: number, shape: readonly number[], { options }: Case) => {
  if (i > 0) return [i * 1234567 + (options as Options).call];
  // Some of the logits are equal.
  return uniform(
    5,
    shape.reduce((size, n) => size * n, 1),
  ).map((value) => Math.round(value * 60) / 10);
};

const one = (shape: number[], options: Partial<Options> = {}): Case => {
  const all = { temperature: 1, call: 0, ...options };
  return { name: `[${shape}] ${JSON.stringify(all)}`, shapes: [shape, [1], [1]], options: all };
};

const MOST = 3.4028234663852886e38;
/** The only symbol that may be drawn of rows at the ends of f32; temperature 0.001 makes ∞ of what is divided by it. */
const ends = [7, 130].flatMap((V) => {
  const rows = [
    Array<number>(V).fill(-MOST),
    Array.from({ length: V }, (_, v) => (v === 5 ? MOST : MOST / 2)),
    Array.from({ length: V }, (_, v) => (v === 5 ? -MOST : -Infinity)),
    Array.from({ length: V }, (_, v) => (v === 5 ? Infinity : MOST)),
  ];
  const options = [{ temperature: 0 }, { temperature: 0.001 }, { topK: 1 }, { topP: 0.5 }];
  return options.map((some, i): Case => {
    // Of equal ones the first is the likeliest, but each may be drawn.
    const own = i ? rows.slice(1) : rows;
    const made = one([own.length, V], some);
    return { ...made, name: `ends ${made.name}`, values: [own.flat()] };
  });
});

export const cases: Case[] = [
  one([1, 1]),
  one([5, 2], { temperature: 0.5 }),
  one([70, 3], { call: 3 }),
  one([3, 5, 17], { temperature: 2 }),
  one([9, 63], { temperature: 0 }),
  one([9, 64], { topK: 1 }),
  one([40, 65], { topK: 5, call: 1 }),
  one([40, 65], { topK: 500 }),
  one([40, 65], { topP: 0.3, temperature: 1.5 }),
  one([30, 257], { topP: 1e-6 }),
  one([30, 257], { topP: 0.9, topK: 7, temperature: 0.8 }),
  one([2, 3001], { topP: 0.97, call: 2 }),
  one([2, 33278], { topK: 40, topP: 0.95 }),
  ...ends,
];
