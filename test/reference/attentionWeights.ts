// The weights of attention, 0 where a key is not seen

import { attentionWeights, type Tensor } from '../../src/index';
import type { Case, Doubles } from '../harness/reference';
import { loops, one, type Options } from './attention';

export const op = ([q, k, lengths]: readonly Tensor[], { lengths: given, ...options }: Options) =>
  attentionWeights(q, k, given ? { ...options, lengths } : options);

export const reference = ([q, k, lengths]: readonly Doubles[], options: Options): Doubles =>
  loops([q, k, k, lengths], options).weights;

export const integers = [2];
export const differentiable: readonly number[] = [];

export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 2 ? (options as Options).lengths : undefined;

/** Without the values. */
const weights = (c: Case): Case => ({ ...c, shapes: c.shapes.filter((_, i) => i !== 2) });

export const cases: Case[] = [
  one([1, 1, 1, 1, 1]),
  one([2, 3, 5, 3, 5], { lengths: [5, 2] }),
  one([1, 7, 3, 2, 8], { causal: true }),
  one([2, 5, 9, 2, 16], { causal: true, lengths: [9, 0] }),
  one([2, 50, 3, 2, 4]),
].map(weights);
