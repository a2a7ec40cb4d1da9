// y = exp(x) / Σ exp(x) over the last axis, and its logarithm

import { logSoftmax, softmax, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

const ops = { softmax, logSoftmax };
type Name = keyof typeof ops;

export const op = ([x]: readonly Tensor[], { name }: { name: Name }) => ops[name](x);

export function reference([x]: readonly Doubles[], { name }: { name: Name }): Doubles {
  const V = x.shape.at(-1)!;
  const y = zeros(...x.shape);
  for (let first = 0; first < x.data.length; first += V) {
    const row = x.data.subarray(first, first + V);
    const top = Math.max(...row);
    const lse = top + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
    row.forEach((v, i) => (y.data[first + i] = name === 'softmax' ? Math.exp(v - lse) : v - lse));
  }
  return y;
}

/** Large values too, where exp alone would overflow. */
export const fill = (_i: number, shape: readonly number[]) =>
  Float32Array.from(
    { length: shape.reduce((product, n) => product * n, 1) },
    (_, j) => 90 + 8 * Math.sin(j * j + 1),
  );

const shapes = [[1], [5], [3, 3], [2, 3, 63], [5, 64], [4, 65], [3, 257], [130, 7]];

export const cases: Case[] = (Object.keys(ops) as Name[]).flatMap((name) =>
  shapes.map((shape) => ({ name: `${name} [${shape}]`, shapes: [shape], options: { name } })),
);
