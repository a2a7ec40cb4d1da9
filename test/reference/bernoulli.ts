// y[i] = 1 where u[i] < sigmoid(x[i] / temperature), else 0; at temperature 0 where x[i] > 0; NaN of NaN

import type { Tensor } from '../../src/index';
import { bernoulliByCall } from '../../src/ops/random/bernoulli';
import { zeros, type Case, type Doubles } from '../harness/reference';
import { pcg4d } from './dropout';

interface Options {
  readonly temperature: number;
  readonly call: number;
}

export const op = ([x, seed, counter]: readonly Tensor[], options: Options) =>
  bernoulliByCall(x, seed, counter, options);

export function reference([x, seed, counter]: readonly Doubles[], { temperature, call }: Options): Doubles {
  const y = zeros(...x.shape);
  x.data.forEach((value, i) => {
    const u = (pcg4d([i >>> 2, call, counter.data[0], seed.data[0]])[i & 3] + 0.5) / 2 ** 32;
    const yes = Number(temperature ? u * (1 + Math.exp(-value / temperature)) < 1 : value > 0);
    y.data[i] = Number.isNaN(value) ? NaN : yes;
  });
  return y;
}

export const integers = [1, 2];
export const differentiable: readonly number[] = [];
export const fill = (i: number) => (i > 0 ? [i * 7654321] : undefined);

const one = (shape: number[], temperature = 1, call = 0): Case => ({
  name: `[${shape}] temperature ${temperature}, call ${call}`,
  shapes: [shape, [1], [1]],
  options: { temperature, call },
});

export const cases: Case[] = [
  one([1]),
  one([3, 88], 1, 4),
  one([5, 63], 0.01),
  one([257], 3),
  one([2, 65], 0),
  {
    ...one([2, 3], 0),
    name: 'small numbers at temperature 0',
    values: [[1e-9, -1e-9, 0, 2e-38, Infinity, -Infinity], undefined, undefined],
  },
];
