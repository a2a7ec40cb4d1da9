// state[b, (position + offset) mod L, …] = x[b,…], the rest as before

import { negate, State, writeAt, type Tensor } from '../../src/index';
import type { Case, Doubles } from '../harness/reference';
import { uniform } from '../harness/engine';

interface Options {
  readonly L: number;
  readonly offset?: number;
}

const before = (size: number) => uniform(77, size);

/** What a step reads is the old state, what is made from the result the new one. */
export function op([x, position]: readonly Tensor[], { L, ...options }: Options) {
  const state = new State([x.shape[0], L, ...x.shape.slice(1)], before);
  return [writeAt(state, position, x, options), negate(state)];
}

export function reference([x, position]: readonly Doubles[], { L, offset = 0 }: Options) {
  const [B, ...rest] = x.shape;
  const Q = x.data.length / B;
  const shape = [B, L, ...rest];
  const old = Float64Array.from(before(B * L * Q));
  const data = old.slice();
  const at = (((position.data[0] + offset) % L) + L) % L;
  x.data.forEach((value, i) => (data[(Math.floor(i / Q) * L + at) * Q + (i % Q)] = value));
  return [
    { shape, data },
    { shape, data: old.map((value) => -value) },
  ];
}

export const integers = [1];
export const differentiable: readonly number[] = [];
export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 1 ? [(options as Options).L + 2] : undefined;

const one = (shape: number[], L: number, offset?: number): Case => ({
  name: `[${shape}] of ${L}${offset ? `, offset ${offset}` : ''}`,
  shapes: [shape, [1]],
  options: { L, offset },
});

export const cases: Case[] = [
  one([1], 1),
  one([3], 7),
  one([2, 9], 5),
  one([2, 9], 5, 1),
  one([1, 130], 3, -1),
  one([2, 5, 7], 4, -9),
];
