// y[t] = Σ_{j seen by t} softmax_j(q[t]·k[j] / √d) · v[j], head by head: attention of three parts of a row

import { selfAttention, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';
import { loops, type Options } from './attention';

export const op = ([x, lengths]: readonly Tensor[], { heads, causal, lengths: given }: Options) =>
  selfAttention(x, { heads, causal, ...(given && { lengths }) });

export const reference = ([x, lengths]: readonly Doubles[], options: Options): Doubles => {
  const [B, T, W] = x.shape;
  const C = W / 3;
  const [q, k, v] = [0, 1, 2].map((part) => {
    const y = zeros(B, T, C);
    y.data.forEach((_, i) => (y.data[i] = x.data[Math.floor(i / C) * W + part * C + (i % C)]));
    return y;
  });
  return loops([q, k, v, lengths], options).y;
};

export const integers = [1];

export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 1 ? (options as Options).lengths : undefined;

const one = ([B, T, heads, d]: readonly number[], more: Omit<Options, 'heads'> = {}): Case => ({
  name: `[${[B, T, 3 * heads * d]}], ${heads} heads ${JSON.stringify(more)}`,
  shapes: [[B, T, 3 * heads * d], ...(more.lengths ? [[B]] : [])],
  options: { heads, ...more },
});

export const cases: Case[] = [
  one([1, 1, 1, 4]),
  one([2, 7, 2, 16]),
  one([3, 6, 1, 12], { lengths: [6, 1, 4] }),
  one([2, 5, 2, 16], { lengths: [0, 3] }),
  one([2, 6, 1, 16], { lengths: [5, 2], causal: true }),
  one([2, 33, 2, 16], { lengths: [32, 0] }),
  one([1, 34, 1, 12], { lengths: [20], causal: true }),
];
