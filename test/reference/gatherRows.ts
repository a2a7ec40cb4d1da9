// y[m,…] = x[rows[m],…]

import { gatherRows, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([x, rows]: readonly Tensor[]) => gatherRows(x, rows);

export function reference([x, rows]: readonly Doubles[]): Doubles {
  const [N, ...rest] = x.shape;
  const C = x.data.length / N;
  const y = zeros(rows.shape[0], ...rest);
  rows.data.forEach((row, m) => y.data.set(x.data.subarray(row * C, (row + 1) * C), m * C));
  return y;
}

export const integers = [1];

/** Some are named often, some never. */
export const fill = (i: number, [M]: readonly number[], { shapes }: Case) =>
  i === 1 ? Array.from({ length: M }, (_, m) => (m * m) % shapes[0][0]) : undefined;

const one = (x: number[], M: number): Case => ({
  name: `${M} rows of [${x}]`,
  shapes: [x, [M]],
});

export const cases: Case[] = [
  one([1], 1),
  one([5, 3], 7),
  one([6, 2, 4], 6),
  one([3, 70], 20),
  one([3, 66], 40),
];
