// norm = √ Σ g²

import type { Tensor } from '../../src/index';
import { gradientNorm } from '../../src/optim/gradientNorm';
import type { Case, Doubles } from '../harness/reference';

export const op = ([g]: readonly Tensor[]) => gradientNorm(g);

export const reference = ([g]: readonly Doubles[]): Doubles => ({
  shape: [1],
  data: Float64Array.of(Math.sqrt(g.data.reduce((sum, v) => sum + v * v, 0))),
});

export const cases: Case[] = [1, 3, 64, 255, 256, 257, 3000].map((size) => ({
  name: `[${size}]`,
  shapes: [[size]],
}));

export const differentiable: readonly number[] = [];
