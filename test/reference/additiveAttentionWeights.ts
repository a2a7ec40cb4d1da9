// The weights of additive attention, 0 where a key is not seen

import { additiveAttentionWeights, type Tensor } from '../../src/index';
import type { Case, Doubles } from '../harness/reference';
import { fill, integers, loops, one, optionsOf, type Options } from './additiveAttention';

export { fill, integers };

export const op = ([q, k, v, vector, ...rest]: readonly Tensor[], options: Options) =>
  additiveAttentionWeights(q, k, v, vector, optionsOf(rest, options));

export const reference = (inputs: readonly Doubles[], options: Options): Doubles =>
  loops(inputs, options).weights;

export const differentiable: readonly number[] = [];

export const cases: Case[] = [
  one([2, 3, 5, 8, 12]),
  one([2, 5, 67, 6, 5], { bias: true, gain: true, lengths: [66, 0] }),
];
