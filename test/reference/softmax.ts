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
    // Apart from the largest: beside −3e38 a logarithm would be lost.
    const log = Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
    row.forEach((v, i) => (y.data[first + i] = name === 'softmax' ? Math.exp(v - top - log) : v - top - log));
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

/** Rows at the ends of f32, each as long as V. */
const MOST = 3.4028234663852886e38;
const extremes = (V: number): number[][] => [
  Array<number>(V).fill(-MOST),
  Array<number>(V).fill(MOST),
  Array.from({ length: V }, (_, v) => (v % 3 ? -MOST : MOST)),
  Array.from({ length: V }, (_, v) => (v === 1 ? -MOST : -Infinity)),
  Array.from({ length: V }, (_, v) => (v % 2 ? -Infinity : v / 50)),
  Array.from({ length: V }, (_, v) => 1e8 + 8 * (v % 2)),
  Array.from({ length: V }, (_, v) => (v === V - 1 ? NaN : v)),
  Array.from({ length: V }, (_, v) => (v ? v : NaN)),
  Array.from({ length: V }, (_, v) => (v === V - 2 ? Infinity : -v)),
  Array<number>(V).fill(-Infinity),
];

export const cases: Case[] = (Object.keys(ops) as Name[]).flatMap((name) => [
  ...shapes.map((shape) => ({ name: `${name} [${shape}]`, shapes: [shape], options: { name } })),
  ...[8, 67, 200].flatMap((V) => {
    const values = [extremes(V).flat()];
    return {
      name: `${name} at the ends, ${V}`,
      shapes: [[values[0].length / V, V]],
      values,
      options: { name },
    };
  }),
]);
