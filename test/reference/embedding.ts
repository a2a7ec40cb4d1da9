// y[…,c] = table[ids[…], c], and the product of these rows with b, which is made of the table where it has fewer rows

import { embedding, matmul, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';
import { reference as matmulReference } from './matmul';

interface Options {
  readonly tB?: boolean;
  readonly activation?: 'tanh';
}

export const op = ([ids, table, b, bias]: readonly Tensor[], { tB, activation }: Options = {}) => {
  const y = embedding(ids, table);
  return b ? matmul(y, b, { transposeB: tB, bias, activation }) : y;
};

export function reference([ids, table, ...more]: readonly Doubles[], options: Options = {}): Doubles {
  const C = table.shape[1];
  const y = zeros(...ids.shape, C);
  ids.data.forEach((id, n) => y.data.set(table.data.subarray(id * C, (id + 1) * C), n * C));
  return more.length ? matmulReference([y, ...more], options) : y;
}

export const integers = [0];

/** Some rows are used often, some never. */
export const fill = (i: number, shape: readonly number[], { shapes }: Case) =>
  i === 0
    ? Uint32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, (_, n) =>
        Math.floor((((n * n * 7) % 1009) ** 2 / 1009 ** 2) * shapes[1][0]),
      )
    : undefined;

const one = (ids: number[], V: number, C: number): Case => ({
  name: `[${ids}] of [${V}, ${C}]`,
  shapes: [ids, [V, C]],
});

const product = (ids: number[], V: number, C: number, N: number, options: Options = {}): Case => ({
  name: `[${ids}] of [${V}, ${C}], times [${C}, ${N}] ${JSON.stringify(options)}`,
  shapes: [ids, [V, C], options.tB ? [N, C] : [C, N], ...(options.activation ? [[N]] : [])],
  options,
});

export const cases: Case[] = [
  one([1], 1, 1),
  one([3], 2, 3),
  one([2, 33], 15, 4),
  one([63], 16, 5),
  one([64], 17, 8),
  one([65], 255, 12),
  one([5, 7, 9], 256, 3),
  one([4, 100], 5000, 6),
  one([2500], 10, 4),
  one([8, 300], 70000, 1),
  one([], 3, 4),
  product([1, 6], 3, 4, 5),
  product([2, 33], 15, 4, 8, { tB: true, activation: 'tanh' }),
  product([5, 7], 15, 3, 7, { activation: 'tanh' }),
];
