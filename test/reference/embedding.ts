// y[…,c] = table[ids[…], c]

import { embedding, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([ids, table]: readonly Tensor[]) => embedding(ids, table);

export function reference([ids, table]: readonly Doubles[]): Doubles {
  const C = table.shape[1];
  const y = zeros(...ids.shape, C);
  ids.data.forEach((id, n) => y.data.set(table.data.subarray(id * C, (id + 1) * C), n * C));
  return y;
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
];
