// y[b,…] = x[b, (position + offset) mod L, …]

import { readAt, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly offset?: number;
}

export const op = ([x, position]: readonly Tensor[], options: Options) => readAt(x, position, options);

export function reference([x, position]: readonly Doubles[], { offset = 0 }: Options): Doubles {
  const [B, L, ...rest] = x.shape;
  const y = zeros(B, ...rest);
  const Q = y.data.length / B;
  const at = (((position.data[0] + offset) % L) + L) % L;
  y.data.forEach((_, i) => (y.data[i] = x.data[(Math.floor(i / Q) * L + at) * Q + (i % Q)]));
  return y;
}

export const integers = [1];
export const differentiable: readonly number[] = [];

const POSITIONS = [0, 3, 11, 5, 1000];
export const fill = (i: number, _shape: readonly number[], { shapes }: Case) =>
  i === 1 ? [POSITIONS[shapes[0].length % POSITIONS.length]] : undefined;

const one = (shape: number[], options: Options = {}): Case => ({
  name: `[${shape}]${options.offset ? `, offset ${options.offset}` : ''}`,
  shapes: [shape, [1]],
  options,
});

export const cases: Case[] = [
  one([1, 1]),
  one([3, 7]),
  one([2, 5, 9]),
  one([2, 5, 9], { offset: 2 }),
  one([1, 6, 13], { offset: -1 }),
  one([2, 3, 5, 7], { offset: -17 }),
];
