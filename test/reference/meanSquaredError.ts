// loss = mean of (y − target)²

import { meanSquaredError, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([y, target]: readonly Tensor[]) => meanSquaredError(y, target);

export function reference([y, target]: readonly Doubles[]): Doubles {
  const loss = zeros();
  y.data.forEach((value, i) => (loss.data[0] += (value - target.data[i]) ** 2 / y.data.length));
  return loss;
}

export const cases: Case[] = [[], [1], [3], [63], [64], [65], [3, 5, 7], [129], [2, 1000], [40003]].map(
  (shape) => ({
    name: `[${shape}]`,
    shapes: [shape, shape],
  }),
);
