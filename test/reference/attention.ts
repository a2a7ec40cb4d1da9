// y[t] = Σ_{j seen by t} softmax_j(scale · q[t]·k[j]) · v[j], head by head

import { attention, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export interface Options {
  readonly heads: number;
  readonly causal?: boolean;
  readonly scale?: number;
  /** Keys of every row. */
  readonly lengths?: readonly number[];
}

export const op = ([q, k, v, lengths]: readonly Tensor[], { lengths: given, ...options }: Options) => {
  return attention(q, k, v, given ? { ...options, lengths } : options);
};

export const reference = ([q, k, v, lengths]: readonly Doubles[], options: Options): Doubles =>
  loops([q, k, v, lengths], options).y;

/** What attention gives, and its weights. */
export function loops([q, k, v, lengths]: readonly Doubles[], options: Options) {
  const { heads, causal } = options;
  const [B, Q, C] = q.shape;
  const T = k.shape[1];
  const d = C / heads;
  const scale = options.scale ?? 1 / Math.sqrt(d);
  const [y, weights] = [zeros(B, Q, C), zeros(B, heads, Q, T)];
  for (let i = 0; i < B * heads * Q; i++) {
    const [b, h, t] = [Math.floor(i / Q / heads), Math.floor(i / Q) % heads, i % Q];
    const seen = Math.min(T, options.lengths ? lengths.data[b] : T, causal ? Math.max(0, t + 1 + T - Q) : T);
    const at = (x: Doubles, row: number) =>
      x.data.subarray((b * x.shape[1] + row) * C + h * d, (b * x.shape[1] + row) * C + (h + 1) * d);
    const scores = Array.from(
      { length: seen },
      (_, j) => scale * at(q, t).reduce((sum, value, c) => sum + value * at(k, j)[c], 0),
    );
    const top = Math.max(...scores);
    const total = scores.reduce((sum, s) => sum + Math.exp(s - top), 0);
    scores.forEach((s, j) => {
      const weight = Math.exp(s - top) / total;
      weights.data[i * T + j] = weight;
      at(v, j).forEach((value, c) => (at(y, t)[c] += weight * value));
    });
  }
  return { y, weights };
}

export const integers = [3];

export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 3 ? (options as Options).lengths : undefined;

type Extents = readonly [B: number, Q: number, T: number, heads: number, d: number];

export const one = ([B, Q, T, heads, d]: Extents, more: Omit<Options, 'heads'> = {}): Case => ({
  name: `${B} × ${Q} queries, ${T} keys, ${heads} heads of ${d} ${JSON.stringify(more)}`,
  shapes: [[B, Q, heads * d], ...Array<number[]>(2).fill([B, T, heads * d]), ...(more.lengths ? [[B]] : [])],
  options: { heads, ...more },
});

/** Queries and keys whose products are near −FLT_MAX, and all equal. */
const low: Case = {
  ...one([1, 4, 3, 1, 16]),
  name: 'scores near −FLT_MAX',
  values: [Array<number>(64).fill(Math.sqrt(3e38 / 4)), Array<number>(48).fill(-Math.sqrt(3e38 / 4))],
};

/** What is behind the keys of a row, and a key that earlier queries do not see, is NaN. */
const unseen: Case = {
  ...one([2, 4, 6, 1, 16], { lengths: [6, 3], causal: true }),
  name: 'NaN where nobody looks',
  values: [
    undefined,
    ...[0, 1].map(() =>
      Array.from({ length: 2 * 6 * 16 }, (_, i) => (i >= 9 * 16 || i === 5 * 16 ? NaN : Math.sin(i * i))),
    ),
  ],
};

/** The same in tiles: behind the length of the second row, and a key that only the last query of the first sees. */
const unseenInTile: Case = {
  ...one([2, 20, 34, 1, 16], { lengths: [34, 30], causal: true }),
  name: 'NaN where nobody looks, within a tile',
  values: [
    undefined,
    ...[0, 1].map(() =>
      Array.from({ length: 2 * 34 * 16 }, (_, i) => (i >= 64 * 16 || i >> 4 === 33 ? NaN : Math.sin(i * i))),
    ),
  ],
};

/** Most are 16 columns wide, and share their kernels. */
export const cases: Case[] = [
  one([1, 1, 1, 1, 1]),
  one([2, 4, 5, 1, 16]),
  one([2, 4, 6, 1, 16], { lengths: [0, 9], scale: 1 }),
  one([2, 6, 67, 1, 16], { lengths: [66, 3] }),
  one([1, 7, 5, 1, 16], { causal: true }),
  one([2, 5, 4, 1, 16], { causal: true, lengths: [3, 0] }),
  one([2, 5, 9, 2, 16], { causal: true, lengths: [9, 6] }),
  one([2, 6, 9, 3, 5], { lengths: [5, 2] }),
  one([1, 2, 3, 1, 132]),
  low,
  unseen,
  one([6, 8, 8, 3, 16]),
  one([1, 32, 33, 1, 16]),
  one([1, 33, 31, 1, 16], { causal: true }),
  one([3, 20, 70, 1, 16], { lengths: [0, 33, 70], causal: true }),
  one([2, 12, 13, 1, 132], { lengths: [5, 13] }),
  unseenInTile,
];
