// y[i] = x[i] / (1 − rate) where pcg4d(place / 4, call, step, seed)[place % 4] ≥ rate · 2^32, else 0

import { dropoutByKey } from '../../src/ops/random/dropout';
import type { Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly rate: number;
  readonly spatial: boolean;
  readonly call: number;
}

export const op = ([x, key]: readonly Tensor[], options: Options) => dropoutByKey(x, key, options);

export function reference([x, key]: readonly Doubles[], { rate, spatial, call }: Options): Doubles {
  const C = x.shape.at(-1)!;
  const R = spatial ? x.shape.slice(1, -1).reduce((product, n) => product * n, 1) : 1;
  const y = zeros(...x.shape);
  x.data.forEach((value, i) => {
    const place = Math.floor(i / (R * C)) * C + (i % C);
    const bits = pcg4d([place >>> 2, call, key.data[1], key.data[0]])[place & 3];
    y.data[i] = bits >= Math.round(rate * 2 ** 32) ? value / (1 - rate) : 0;
  });
  return y;
}

/** Jarzynski & Olano 2020. */
export function pcg4d(words: readonly number[]): number[] {
  const v = words.map((word) => (Math.imul(word, 1664525) + 1013904223) >>> 0);
  const mix = () => {
    v[0] = (v[0] + Math.imul(v[1], v[3])) >>> 0;
    v[1] = (v[1] + Math.imul(v[2], v[0])) >>> 0;
    v[2] = (v[2] + Math.imul(v[0], v[1])) >>> 0;
    v[3] = (v[3] + Math.imul(v[1], v[2])) >>> 0;
  };
  mix();
  v.forEach((word, i) => (v[i] = (word ^ (word >>> 16)) >>> 0));
  mix();
  return v;
}

export const integers = [1];

export const fill = (i: number) => (i === 1 ? Uint32Array.of(123456789, 4000000001) : undefined);

/** A case of either kind. */
export const one = (shape: number[], rate: number, spatial = false, call = 0): Case => ({
  name: `[${shape}] rate ${rate}${spatial ? ' spatial' : ''}, call ${call}`,
  shapes: [shape, [2]],
  options: { rate, spatial, call },
});

export const cases: Case[] = [
  one([2, 5, 7], 0.5, true),
  one([3, 4, 8], 0.25, true),
  one([2, 3, 4, 5], 0.4, true, 3),
  one([6, 9], 0.3, true),
  one([4, 20, 33], 0.6, true),
  one([3], 0.5, false, 1),
];
