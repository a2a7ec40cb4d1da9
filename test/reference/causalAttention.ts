// y[t] = Σ_{j ≤ t} softmax_j(q[t]·k[j] / √d) · v[j], head by head

import { causalAttention, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly heads: number;
  /** Inputs are this many times larger. */
  readonly scale?: number;
}

export const op = ([x]: readonly Tensor[], { heads }: Options) => causalAttention(x, { heads });

export const reference = ([x]: readonly Doubles[], { heads }: Options): Doubles => {
  const C = x.shape[2] / 3;
  return attention({ x, from: 0 }, { x, from: C }, C, { heads });
};

/** `from`: where queries, or keys and behind them values, begin in a row. Queries are the last positions. */
export function attention(
  q: { x: Doubles; from: number },
  kv: { x: Doubles; from: number },
  C: number,
  { heads, first = 0 }: { heads: number; first?: number },
): Doubles {
  const [B, Q, qWidth] = q.x.shape;
  const [, T, width] = kv.x.shape;
  const d = C / heads;
  const y = zeros(B, Q, C);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < Q; t++) {
        const query = (b * Q + t) * qWidth + q.from + h * d;
        const keyOf = (j: number) => (b * T + j) * width + kv.from + h * d;
        const seen = Array.from({ length: t + T - Q + 1 - first }, (_, i) => first + i);
        const scores = seen.map((j) => {
          let score = 0;
          for (let c = 0; c < d; c++) score += q.x.data[query + c] * kv.x.data[keyOf(j) + c];
          return score / Math.sqrt(d);
        });
        const top = Math.max(...scores);
        const sum = scores.reduce((total, s) => total + Math.exp(s - top), 0);
        seen.forEach((j, i) => {
          const weight = Math.exp(scores[i] - top) / sum;
          for (let c = 0; c < d; c++)
            y.data[(b * Q + t) * C + h * d + c] += weight * kv.x.data[keyOf(j) + C + c];
        });
      }
    }
  }
  return y;
}

/** Scores that need their largest taken off: exp alone would overflow. */
export const fill = (_i: number, shape: readonly number[], { options }: Case) =>
  Float32Array.from(
    { length: shape.reduce((product, n) => product * n, 1) },
    (_, j) => ((options as Options).scale ?? 1) * Math.sin(j * j + 1),
  );

const one = (B: number, T: number, heads: number, d: number, scale?: number): Case => ({
  name: `[${[B, T, 3 * heads * d]}], ${heads} heads${scale ? `, ${scale} times as large` : ''}`,
  shapes: [[B, T, 3 * heads * d]],
  options: { heads, scale },
});

const WIDTHS = [4, 16];
/** Queries and keys whose products are near −FLT_MAX, and all equal; a key that is NaN, and those before it that see none. */
const ends = WIDTHS.flatMap((d): Case[] => {
  const T = 6;
  const most = Math.sqrt(3e38 / Math.sqrt(d));
  const made = (f: (t: number, c: number) => number) => [
    Array.from({ length: T * 3 * d }, (_, i) => f(Math.floor(i / 3 / d), i % (3 * d))),
  ];
  const spread = (t: number, c: number) => Math.sin(t * t + c);
  const parts = [
    made((t, c) => (c < d ? most : c < 2 * d ? -most : spread(t, c))),
    made((t, c) => (t === 3 && c === d + 1 ? NaN : spread(t, c))),
  ];
  return parts.map((values, i) => ({
    name: `${i ? 'NaN in a key' : 'scores near −FLT_MAX'}, ${d} columns`,
    shapes: [[1, T, 3 * d]],
    values,
    options: { heads: 1 },
  }));
});

export const cases: Case[] = [
  one(1, 1, 1, 4),
  one(1, 2, 1, 8),
  one(2, 5, 3, 8),
  one(2, 7, 2, 12),
  one(1, 67, 2, 16),
  one(3, 13, 1, 32),
  one(2, 9, 2, 64),
  one(1, 6, 1, 128),
  one(2, 21, 2, 8, 30),
  ...ends,
];
