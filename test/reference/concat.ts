// Tensors one behind the other along an axis

import { concat, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly axis: number;
}

export const op = (list: readonly Tensor[], { axis }: Options) => concat(list, axis);

export function reference(list: readonly Doubles[], { axis }: Options): Doubles {
  const [{ shape }] = list;
  const at = axis < 0 ? axis + shape.length : axis;
  const rows = shape.slice(0, at).reduce((product, n) => product * n, 1);
  const y = zeros(...shape.map((n, i) => (i === at ? list.reduce((sum, x) => sum + x.shape[at], 0) : n)));
  let place = 0;
  for (let row = 0; row < rows; row++) {
    for (const { data } of list) {
      const width = data.length / rows;
      y.data.set(data.subarray(row * width, (row + 1) * width), place);
      place += width;
    }
  }
  return y;
}

const one = (axis: number, ...shapes: number[][]): Case => ({
  name: `${shapes.map((shape) => `[${shape}]`).join(' ')} along ${axis}`,
  shapes,
  options: { axis },
});

export const cases: Case[] = [
  one(0, [2, 3]),
  one(0, [1], [1]),
  one(0, [3], [5]),
  one(0, [64, 2], [63, 2]),
  one(1, [3, 2, 4], [3, 5, 4]),
  one(-1, [5, 7], [5, 3]),
  one(1, [2, 3], [2, 1], [2, 5], [2, 2], [2, 4]),
  one(2, [3, 21, 12], [3, 21, 4]),
];
