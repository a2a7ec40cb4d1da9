// The k largest of every row, of equal ones the first, NaN before all, and where they are

import { topK, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([x]: readonly Tensor[], { k }: { k: number }) => {
  const { values, ids } = topK(x, k);
  return [values, ids];
};

export function reference([x]: readonly Doubles[], { k }: { k: number }): Doubles[] {
  const lead = x.shape.slice(0, -1);
  const V = x.shape.at(-1)!;
  const [values, ids] = [zeros(...lead, k), zeros(...lead, k)];
  const key = (v: number) => (Number.isNaN(v) ? Infinity : v);
  for (let n = 0; n < x.data.length / V; n++) {
    const row = x.data.subarray(n * V, (n + 1) * V);
    const first = (a: number, b: number) => Number(Number.isNaN(row[b])) - Number(Number.isNaN(row[a]));
    const order = [...row.keys()].sort((a, b) => first(a, b) || key(row[b]) - key(row[a]) || a - b);
    order.slice(0, k).forEach((v, i) => {
      values.data[n * k + i] = row[v];
      ids.data[n * k + i] = v;
    });
  }
  return [values, ids];
}

export const differentiable: readonly number[] = [];

/** With equal numbers in every longer row. */
export const fill = (_i: number, shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, j) =>
    Math.round(20 * Math.sin(j * j + 1)),
  );

const one = (shape: number[], k: number, values?: number[]): Case => ({
  name: `${k} of [${shape}]${values ? `, ${values.slice(0, 3)} …` : ''}`,
  shapes: [shape],
  options: { k },
  values: values && [values],
});

export const cases: Case[] = [
  one([1], 1),
  one([3, 7], 2),
  one([2, 3, 5], 5),
  one([3, 300], 2),
  one([2, 1500], 5),
  one([200, 4], 1),
  one([2, 3], 2, [-0, 0, -1, -3.4e38, NaN, 3.4e38]),
];
