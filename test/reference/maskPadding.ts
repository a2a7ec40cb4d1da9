// y[b,t] = x[b,t] for t < lengths[b], 0 from there on

import { maskPadding, type Tensor } from '../../src/index';
import type { Case, Doubles } from '../harness/reference';

interface Options {
  readonly lengths: readonly number[];
}

export const op = ([x, lengths]: readonly Tensor[]) => maskPadding(x, lengths);

export function reference([x, lengths]: readonly Doubles[]): Doubles {
  const [, T, C] = x.shape;
  const there = (i: number) => Math.floor(i / C) % T < lengths.data[Math.floor(i / C / T)];
  return { shape: x.shape, data: x.data.map((value, i) => (there(i) ? value : 0)) };
}

export const integers = [1];

export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 1 ? (options as Options).lengths : undefined;

const one = (x: readonly number[], lengths: readonly number[]): Case => ({
  name: `[${x}], of which rows have ${lengths}`,
  shapes: [x, [x[0]]],
  options: { lengths },
});

export const cases: Case[] = [
  one([1, 1, 1], [1]),
  one([3, 5, 3], [5, 0, 2]),
  one([2, 7, 8], [9, 3]),
  one([4, 2, 1], [1, 2, 0, 1]),
  one([3, 19, 40], [19, 4, 11]),
];
