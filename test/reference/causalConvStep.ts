// y[b,o] = act( Σ_k Σ_c x_(t - (K-1-k)·dilation)[b,c] · w[k,c,o] + bias[o] + beside[b,o] ), past x from a ring

import type { Tensor } from '../../src/index';
import { causalConvStepOp } from '../../src/ops/conv/causalConvStep';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly activation: 'none' | 'relu' | 'tanh' | 'sigmoid' | 'glu' | 'gtu' | 'bilinear';
  readonly t: number;
}

export const op = ([ring, x, w, position, bias, beside]: readonly Tensor[], { activation }: Options) => {
  const { after, y } = causalConvStepOp({ ring, x, w, position, bias, beside }, { activation });
  return [after, y];
};

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const answers: Record<Options['activation'], (a: number, g: number) => number> = {
  none: (a) => a,
  relu: (a) => Math.max(a, 0),
  tanh: Math.tanh,
  sigmoid,
  glu: (a, g) => a * sigmoid(g),
  gtu: (a, g) => Math.tanh(a) * sigmoid(g),
  bilinear: (a, g) => a * g,
};

export function reference(inputs: readonly Doubles[], { activation, t }: Options): Doubles[] {
  const [ring, x, w, , bias, beside] = inputs;
  const [B, L, C] = ring.shape;
  const [K, , O] = w.shape;
  const gated = ['glu', 'gtu', 'bilinear'].includes(activation);
  const [N, dilation] = [gated ? O / 2 : O, (L - 1) / Math.max(1, K - 1)];
  const after = { shape: ring.shape, data: ring.data.slice() };
  const y = zeros(B, N);
  for (let b = 0; b < B; b++) {
    after.data.set(x.data.subarray(b * C, (b + 1) * C), (b * L + (t % L)) * C);
    const sums = Array.from({ length: O }, (_, o) => {
      let sum = (bias?.data[o] ?? 0) + (beside?.data[b * O + o] ?? 0);
      for (let k = 0; k < K; k++) {
        // Once x is in it, the ring has every input that is asked for.
        const at = (b * L + ((t + L - (K - 1 - k) * dilation) % L)) * C;
        for (let c = 0; c < C; c++) sum += after.data[at + c] * w.data[(k * C + c) * O + o];
      }
      return sum;
    });
    for (let n = 0; n < N; n++) y.data[b * N + n] = answers[activation](sums[n], sums[n + O - N]);
  }
  return [after, y];
}

export const integers = [3];
export const differentiable: readonly number[] = [];
export const fill = (i: number, _shape: readonly number[], { options }: Case) =>
  i === 3 ? [(options as Options).t] : undefined;

function one(
  B: number,
  C: number,
  O: number,
  K: number,
  dilation: number,
  options: Partial<Options> = {},
  beside = 0,
) {
  const L = (K - 1) * dilation + 1;
  const shapes = [
    [B, L, C],
    [B, C],
    [K, C, O],
    [1],
    ...(beside > 0 ? [[O]] : []),
    ...(beside > 1 ? [[B, O]] : []),
  ];
  const given = { activation: 'none', t: 0, ...options };
  return {
    name: `B${B} ${C}→${O} K${K} d${dilation} +${beside} ${JSON.stringify(options)}`,
    shapes,
    options: given,
  };
}

export const cases: Case[] = [
  one(1, 1, 1, 1, 1),
  one(1, 3, 5, 2, 1, { t: 1 }),
  one(2, 4, 4, 2, 8, { t: 5 }),
  one(3, 5, 7, 3, 3, { t: 1000 }, 1),
  one(2, 8, 12, 4, 2, { t: 7, activation: 'relu' }, 2),
  one(1, 33, 65, 2, 16, { t: 16, activation: 'tanh' }, 1),
  one(2, 7, 3, 5, 1, { t: 4, activation: 'sigmoid' }),
  one(1, 6, 10, 2, 4, { t: 9, activation: 'glu' }, 2),
  one(3, 16, 32, 2, 32, { t: 63, activation: 'gtu' }, 2),
  one(2, 5, 6, 3, 2, { t: 3, activation: 'bilinear' }, 1),
];
