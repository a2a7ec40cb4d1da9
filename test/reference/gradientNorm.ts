// norm = √ Σ g²

import type { Tensor } from '../../src/index';
import { gradientNorm } from '../../src/optim/gradientNorm';
import type { Case, Doubles } from '../harness/reference';

export const op = ([g]: readonly Tensor[]) => gradientNorm(g);

export const reference = ([g]: readonly Doubles[]): Doubles => ({
  shape: [1],
  data: Float64Array.of(Math.sqrt(g.data.reduce((sum, v) => sum + v * v, 0))),
});

const one = (size: number): Case => ({ name: `[${size}]`, shapes: [[size]] });

const ends = [1e-36, 1e-25, 1e20, 1e36].flatMap((size) =>
  [1, 300].map((N) => ({ ...one(N), name: `[${N}], ${size}`, size })),
);

export const cases: Case[] = [
  ...[1, 3, 64, 255, 256, 257, 3000].map(one),
  ...ends,
  // Parts of any size beside each other.
  { ...one(600), name: 'mixed', values: [Array.from({ length: 600 }, (_, i) => [1e-30, 1, 1e25][i >> 8])] },
];

export const differentiable: readonly number[] = [];
