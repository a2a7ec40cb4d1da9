// y[…,t,…] = x[…, t − by, …], zeros elsewhere

import { shift, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly axis: number;
  readonly by: number;
}

export const op = ([x]: readonly Tensor[], { axis, by }: Options) => shift(x, axis, by);

export function reference([x]: readonly Doubles[], { axis, by }: Options): Doubles {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const Q = x.shape.slice(at + 1).reduce((product, n) => product * n, 1);
  const T = x.shape[at];
  const y = zeros(...x.shape);
  y.data.forEach((_, i) => {
    const from = (Math.floor(i / Q) % T) - by;
    if (from >= 0 && from < T) y.data[i] = x.data[i - by * Q];
  });
  return y;
}

const one = (shape: number[], options: Options): Case => ({
  name: `[${shape}] ${JSON.stringify(options)}`,
  shapes: [shape],
  options,
});

export const cases: Case[] = [
  one([3], { axis: 0, by: 1 }),
  one([3, 5, 4], { axis: 1, by: 1 }),
  one([3, 5, 4], { axis: 1, by: -2 }),
  one([2, 6, 3], { axis: -1, by: 2 }),
  one([2, 7, 5], { axis: 1, by: 6 }),
  one([4, 3], { axis: 0, by: -3 }),
  one([2, 2, 3, 8], { axis: 2, by: 1 }),
];
