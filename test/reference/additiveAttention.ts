// y[t] = Σ_{j seen} softmax_j(Σ_a u[a] · tanh(q[t,a] + k[j,a] + bias[a])) · v[j], u = gain · vector / ‖vector‖

import { additiveAttention, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export interface Options {
  readonly bias?: boolean;
  readonly gain?: boolean;
  /** Keys of every row. */
  readonly lengths?: readonly number[];
}

/** The optional inputs by name: lengths are always there, but not always used, and what else there is follows. */
export function optionsOf<T>([lengths, ...rest]: readonly T[], { bias, gain, lengths: used }: Options) {
  return {
    bias: bias ? rest[0] : undefined,
    gain: gain ? rest[bias ? 1 : 0] : undefined,
    lengths: used ? lengths : undefined,
  };
}

export const op = ([q, k, v, vector, ...rest]: readonly Tensor[], options: Options) =>
  additiveAttention(q, k, v, vector, optionsOf(rest, options));

export const reference = (inputs: readonly Doubles[], options: Options): Doubles => loops(inputs, options).y;

/** What additive attention gives, and its weights. */
export function loops([q, k, v, vector, ...rest]: readonly Doubles[], options: Options) {
  const { bias, gain, lengths } = optionsOf(rest, options);
  const [[B, T, A], [, S, C]] = [q.shape, v.shape];
  const [y, weights] = [zeros(B, T, C), zeros(B, T, S)];
  const norm = Math.sqrt(vector.data.reduce((sum, value) => sum + value ** 2, 0));
  const u = vector.data.map((value) => (gain ? (gain.data[0] * value) / norm : value));
  for (let n = 0; n < B * T; n++) {
    const b = Math.floor(n / T);
    const seen = Math.min(S, lengths?.data[b] ?? S);
    const scores = Array.from({ length: seen }, (_, j) =>
      u.reduce((sum, factor, a) => {
        const inner = q.data[n * A + a] + k.data[(b * S + j) * A + a] + (bias?.data[a] ?? 0);
        return sum + factor * Math.tanh(inner);
      }, 0),
    );
    const top = Math.max(...scores);
    const total = scores.reduce((sum, s) => sum + Math.exp(s - top), 0);
    scores.forEach((s, j) => {
      weights.data[n * S + j] = Math.exp(s - top) / total;
      for (let c = 0; c < C; c++) y.data[n * C + c] += weights.data[n * S + j] * v.data[(b * S + j) * C + c];
    });
  }
  return { y, weights };
}

export const integers = [4];

export const fill = (i: number, [B]: readonly number[], { options }: Case) =>
  i === 4 ? ((options as Options).lengths ?? Array<number>(B).fill(1)) : undefined;

type Extents = readonly [B: number, T: number, S: number, A: number, C: number];

export const one = ([B, T, S, A, C]: Extents, options: Options = {}): Case => ({
  name: `${B} × ${T} queries, ${S} keys of ${A}, values of ${C} ${JSON.stringify(options)}`,
  shapes: [
    [B, T, A],
    [B, S, A],
    [B, S, C],
    [A],
    [B],
    ...(options.bias ? [[A]] : []),
    ...(options.gain ? [[1]] : []),
  ],
  options,
});

/** Scores near −FLT_MAX, and all equal. */
const low: Case = {
  ...one([1, 3, 5, 4, 8]),
  name: 'scores near −FLT_MAX',
  values: [Array<number>(12).fill(20), undefined, undefined, Array<number>(4).fill(-8e37)],
};

/** What is behind the keys of a row is NaN. */
const unseen: Case = {
  ...one([2, 3, 6, 8, 8], { lengths: [6, 3] }),
  name: 'NaN where nobody looks',
  values: [
    undefined,
    ...[0, 1].map(() => Array.from({ length: 2 * 6 * 8 }, (_, i) => (i >= 9 * 8 ? NaN : Math.sin(i * i)))),
  ],
};

export const cases: Case[] = [
  one([1, 1, 1, 1, 1]),
  one([2, 3, 5, 8, 12]),
  one([2, 5, 7, 6, 5], { bias: true, gain: true }),
  one([3, 4, 9, 8, 8], { lengths: [9, 0, 4] }),
  one([2, 9, 70, 36, 20], { lengths: [67, 3] }),
  one([1, 1, 6, 40, 272], { gain: true, lengths: [5] }),
  one([9, 60, 5, 72, 4], { bias: true }),
  low,
  unseen,
];
