// counter ← counter + by, modulo 2^32

import { advance, embedding, State, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly first: number;
  readonly by?: number;
}

/** Row i of the table is what a count of i means. */
export function op([table]: readonly Tensor[], { first, by }: Options) {
  const counter = new State(
    [3],
    (size) => Uint32Array.from({ length: size }, (_, i) => first + i),
    'n',
    'u32',
  );
  return embedding(advance(counter, by), table);
}

export function reference([table]: readonly Doubles[], { first, by = 1 }: Options): Doubles {
  const C = table.shape[1];
  const y = zeros(3, C);
  y.data.forEach(
    (_, i) => (y.data[i] = table.data[((first + Math.floor(i / C) + by) % 2 ** 32) * C + (i % C)]),
  );
  return y;
}

export const differentiable: readonly number[] = [];

const one = (first: number, by?: number): Case => ({
  name: `from ${first}, by ${by}`,
  shapes: [[12, 2]],
  options: { first, by },
});

export const cases: Case[] = [one(0), one(4, 5), one(9, -4), one(2 ** 32 - 3, 8)];
