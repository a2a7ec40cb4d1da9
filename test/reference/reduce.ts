// Σ and mean over one axis or all

import { mean, sum, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly axis?: number;
  readonly mean?: boolean;
}

export const op = ([x]: readonly Tensor[], o: Options) => (o.mean ? mean(x, o.axis) : sum(x, o.axis));

export function reference([x]: readonly Doubles[], o: Options): Doubles {
  const all = o.axis === undefined;
  const axis = all ? 0 : o.axis < 0 ? o.axis + x.shape.length : o.axis;
  const R = all ? x.data.length : x.shape[axis];
  const Q = all ? 1 : x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const y = zeros(...(all ? [] : x.shape.filter((_, i) => i !== axis)));
  x.data.forEach((v, i) => (y.data[Math.floor(i / (R * Q)) * Q + (i % Q)] += v / (o.mean ? R : 1)));
  return y;
}

const one = (shape: number[], options: Options): Case => ({
  name: `[${shape}] ${JSON.stringify(options)}`,
  shapes: [shape],
  options,
});

export const cases: Case[] = [
  one([1], {}),
  one([3], {}),
  one([127], {}),
  one([64, 65], {}),
  one([129, 70], { mean: true }),
  one([5, 7, 3], { axis: 0 }),
  one([5, 7, 3], { axis: 1, mean: true }),
  one([5, 7, 3], { axis: -1 }),
  one([700, 9], { axis: 0 }),
  one([3, 500], { axis: 1 }),
  one([2, 1, 4], { axis: 1 }),
  one([700, 12], { axis: 0, mean: true }),
  one([3, 65, 8], { axis: 1 }),
];
