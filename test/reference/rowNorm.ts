// y = √Σ x² over the last axis, or max |x|

import { rowNorm, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly largest?: boolean;
  /** What all values are multiplied with: far outside the range of their squares. */
  readonly size?: number;
}

export const op = ([x]: readonly Tensor[], { largest }: Options) => rowNorm(x, { largest });

export function reference([x]: readonly Doubles[], { largest }: Options): Doubles {
  const C = x.shape.at(-1)!;
  const y = zeros(...x.shape.slice(0, -1));
  y.data.forEach((_, n) => {
    const row = [...x.data.subarray(n * C, (n + 1) * C)];
    y.data[n] = largest ? Math.max(...row.map(Math.abs)) : Math.hypot(...row);
  });
  return y;
}

export const fill = (_i: number, shape: readonly number[], { options }: Case) =>
  Float32Array.from(
    { length: shape.reduce((product, n) => product * n, 1) },
    (_, j) => Math.sin(j * j + 1) * (options.size ?? 1),
  );

/** A measure, not a part of a loss. */
export const differentiable: readonly number[] = [];

const one = (shape: number[], options: Options = {}): Case => ({
  name: `[${shape}] ${JSON.stringify(options)}`,
  shapes: [shape],
  options,
});

export const cases: Case[] = [
  one([1]),
  one([5]),
  one([3, 3]),
  one([2, 3, 65]),
  one([130, 7], { largest: true }),
  one([2, 9], { size: 1e-30 }),
  one([2, 9], { size: 1e30 }),
  { ...one([3, 4]), name: 'infinite, or NaN', values: [[1, Infinity, 2, 3, 4, 5, NaN, 6, 7, 8, 9, 1]] },
];
