// y[i] = x[i] / (1 − rate) where pcg4d(place / 4, call, step, seed)[place % 4] ≥ rate · 2^32, else 0

import { dropElementsByKey } from '../../src/ops/random/elementDropout';
import type { Tensor } from '../../src/index';
import type { Case } from '../harness/reference';
import { one } from './dropout';

export { fill, integers, reference } from './dropout';

export const op = ([x, key]: readonly Tensor[], options: { readonly rate: number; readonly call: number }) =>
  dropElementsByKey(x, key, options);

export const cases: Case[] = [
  one([1], 0.5),
  one([3], 0.5, false, 1),
  one([63], 0.25),
  one([64], 0.9),
  one([65], 0.05, false, 7),
  one([5, 7, 9], 0.5),
  one([40, 33], 0),
  one([40, 33], 0.75),
];
