// loss = Σ_n w[n] · Σ_k −log p(t[n,k]) / Σ_n w[n]  with p from logits

import { binaryCrossEntropy, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([x, t, weights]: readonly Tensor[]) => binaryCrossEntropy(x, t, { weights });

export function reference([x, t, w]: readonly Doubles[]): Doubles {
  const K = x.shape.at(-1)!;
  const loss = zeros();
  let total = 0;
  for (let n = 0; n < x.data.length / K; n++) {
    const weight = w ? w.data[n] : 1;
    for (let i = n * K; i < (n + 1) * K && weight !== 0; i++) {
      const v = x.data[i];
      loss.data[0] += weight * (Math.max(v, 0) - v * t.data[i] + Math.log1p(Math.exp(-Math.abs(v))));
    }
    total += weight;
  }
  loss.data[0] /= total === 0 ? 1 : total;
  return loss;
}

export const differentiable = [0];

export function fill(i: number, shape: readonly number[], { options }: Case) {
  const size = shape.reduce((product, n) => product * n, 1);
  if (i === 0) return Float32Array.from({ length: size }, (_, j) => 12 * Math.sin(j * j + 1));
  if (i === 1) return Float32Array.from({ length: size }, (_, j) => ((j * j) % 5 < 2 ? 1 : 0));
  return Float32Array.from({ length: size }, (_, j) => (options.none || j % 3 === 2 ? 0 : 1 + (j % 2) / 4));
}

const one = (shape: number[], weighted: boolean, none = false): Case => ({
  name: `[${shape}]${weighted ? ' weighted' : ''}${none ? ' by nothing' : ''}`,
  shapes: [shape, shape, ...(weighted ? [shape.slice(0, -1)] : [])],
  options: { none },
});

export const cases: Case[] = [
  one([1], false),
  one([3, 3], true),
  one([5, 63], true),
  one([2, 3, 64], true),
  one([7, 65], false),
  one([4, 9, 88], true),
  one([6, 10], true),
  one([2, 401], true),
  one([3, 8], true, true),
  one([300, 5], true),
  one([130, 132], false),
];
