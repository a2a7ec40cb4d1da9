// seen[b,k,c] = x of position t - (K-1-k)·dilation, those before t from a ring, which x joins

import type { Tensor } from '../../src/index';
import { causalConvTapsOp } from '../../src/ops/conv/causalConvTaps';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly K: number;
  readonly t: number;
}

export const op = ([ring, x, position]: readonly Tensor[], { K }: Options) => {
  const { after, seen } = causalConvTapsOp({ ring, x, position }, { K });
  return [after, seen];
};

export function reference([ring, x]: readonly Doubles[], { K, t }: Options): Doubles[] {
  const [B, L, C] = ring.shape;
  const dilation = (L - 1) / Math.max(1, K - 1);
  const after = { shape: ring.shape, data: ring.data.slice() };
  const seen = zeros(B, K * C);
  for (let b = 0; b < B; b++) {
    after.data.set(x.data.subarray(b * C, (b + 1) * C), (b * L + (t % L)) * C);
    for (let k = 0; k < K; k++) {
      const at = (b * L + ((t + L - (K - 1 - k) * dilation) % L)) * C;
      seen.data.set(after.data.subarray(at, at + C), (b * K + k) * C);
    }
  }
  return [after, seen];
}

export const integers = [2];
export const differentiable: readonly number[] = [];
export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 2 ? [(options as Options).t] : undefined;

const one = (B: number, C: number, K: number, dilation: number, t: number): Case => ({
  name: `B${B} C${C} K${K} d${dilation} t${t}`,
  shapes: [[B, (K - 1) * dilation + 1, C], [B, C], [1]],
  options: { K, t },
});

export const cases: Case[] = [
  one(1, 1, 1, 1, 0),
  one(1, 3, 2, 1, 1),
  one(2, 4, 2, 8, 5),
  one(3, 5, 3, 3, 1000),
  one(16, 7, 4, 2, 6),
];
