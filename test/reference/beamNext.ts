// The best continuations of K beams of every sentence together, and those of them that go on

import type { Tensor } from '../../src/index';
import { beamNext } from '../../src/ops/random/beamNext';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly V: number;
  readonly pad: number;
  readonly end: number;
}

export const op = ([scores, values, ids]: readonly Tensor[], options: Options) => {
  const { found, sums, nextScores, tokens, parents } = beamNext({ scores, values, ids }, options);
  return [found, sums, nextScores, tokens, parents];
};

export function reference([scores, values, ids]: readonly Doubles[], { V, pad, end }: Options): Doubles[] {
  const [[B, K], [N, M]] = [scores.shape, values.shape];
  const [found, sums, nextScores] = [zeros(B, 2 * K), zeros(B, 2 * K), zeros(B, K)];
  const [tokens, parents] = [zeros(N), zeros(N)];
  for (let b = 0; b < B; b++) {
    const all = Array.from({ length: K * M }, (_, i) => {
      const n = b * K + Math.floor(i / M);
      const sum = Math.fround(scores.data[n] + values.data[n * M + (i % M)]);
      return { n, id: ids.data[n * M + (i % M)], sum };
    }).filter(({ id }) => id !== pad);
    const key = (sum: number) => (Number.isNaN(sum) ? Infinity : sum);
    all.sort((x, y) => (key(x.sum) === key(y.sum) ? 0 : key(y.sum) - key(x.sum)));
    all.slice(0, 2 * K).forEach(({ n, id, sum }, r) => {
      found.data[b * 2 * K + r] = (n % K) * V + id;
      sums.data[b * 2 * K + r] = sum;
    });
    const going = all.slice(0, 2 * K).filter(({ id }) => id !== end);
    going.slice(0, K).forEach(({ n, id, sum }, k) => {
      nextScores.data[b * K + k] = sum;
      tokens.data[b * K + k] = id;
      parents.data[b * K + k] = n;
    });
  }
  return [found, sums, nextScores, tokens, parents];
}

export const integers = [2];
export const differentiable: readonly number[] = [];

/** Rows in order, with equal numbers; ids of a row in another order in each. */
export const fill = (i: number, [N, M]: readonly number[], { options }: Case) => {
  const { V } = options as Options;
  if (i === 0) return Float32Array.from({ length: N * M }, (_, j) => -((j * 3) % 4) / 2);
  const at = (j: number) => [Math.floor(j / M), j % M];
  return Float32Array.from({ length: N * M }, (_, j) => {
    const [n, m] = at(j);
    return i === 1 ? -Math.floor((m + (n % 3)) / 2) / 2 : (m * 2 + n) % V;
  });
};

const one = (B: number, K: number, V: number, scores?: number[]): Case => ({
  name: `${B} sentences of ${K} beams, ${V} ids${scores ? `, ${scores[0]}` : ''}`,
  shapes: [
    [B, K],
    [B * K, Math.min(2 * K + 1, V)],
    [B * K, Math.min(2 * K + 1, V)],
  ],
  options: { V, pad: 0, end: 1 },
  // A NaN in the middle of a row would not be in order.
  values: [scores, undefined, undefined],
});

const NEVER = -3.4028234663852886e38;

export const cases: Case[] = [
  one(1, 1, 3),
  one(3, 2, 7),
  one(70, 3, 11),
  one(150, 2, 5),
  one(2, 4, 5, [0, NEVER, NEVER, NEVER, 0, NEVER, NEVER, NEVER]),
  one(1, 2, 7, [NaN, 0]),
];
