// y[b,t,o] = act( Σ_k Σ_c x[b, t - (K-1-k)·dilation, c] · w[k,c,o] + bias[o] ), x = 0 before t = 0

import { causalConv, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly dilation?: number;
  readonly bias?: boolean;
  readonly activation?: 'relu' | 'tanh' | 'sigmoid';
}

export const op = ([x, w, bias]: readonly Tensor[], { dilation, activation }: Options) =>
  causalConv(x, w, { dilation, bias, activation });

export function reference([x, w, bias]: readonly Doubles[], { dilation = 1, activation }: Options): Doubles {
  const [B, T, C] = x.shape;
  const [K, , O] = w.shape;
  const y = zeros(B, T, O);
  const f = {
    relu: (v: number) => Math.max(v, 0),
    tanh: Math.tanh,
    sigmoid: (v: number) => 1 / (1 + Math.exp(-v)),
  };
  for (let i = 0; i < y.data.length; i++) {
    const [row, t, o] = [Math.floor(i / O), Math.floor(i / O) % T, i % O];
    let sum = bias ? bias.data[o] : 0;
    for (let k = 0; k < K; k++) {
      const shift = (K - 1 - k) * dilation;
      const at = (c: number) => (shift > t ? 0 : x.data[(row - shift) * C + c]);
      for (let c = 0; c < C; c++) sum += at(c) * w.data[(k * C + c) * O + o];
    }
    y.data[i] = activation ? f[activation](sum) : sum;
  }
  return y;
}

const conv = (B: number, T: number, C: number, O: number, K: number, options: Options = {}): Case => ({
  name: `B${B} T${T} ${C}→${O} K${K} ${JSON.stringify(options)}`,
  shapes: [[B, T, C], [K, C, O], ...(options.bias ? [[O]] : [])],
  options,
});

export const cases: Case[] = [
  ...[1, 3, 8, 9, 17].map((n) => conv(1, n, n, n, 2)),
  ...[1, 2, 3, 5, 8].map((K) => conv(2, 19, 3, 5, K, { dilation: 2 })),
  ...[1, 3, 8, 16, 33, 100].map((dilation) => conv(2, 33, 4, 8, 3, { dilation })),
  conv(2, 1, 3, 4, 5),
  conv(1, 70, 1, 25, 7, { dilation: 4 }),
  conv(3, 20, 88, 10, 2),
  conv(2, 11, 10, 1, 8, { dilation: 3 }),
  conv(1, 65, 27, 30, 3, { dilation: 2, bias: true }),
  conv(4, 70, 12, 64, 2, { dilation: 1, bias: true, activation: 'relu' }),
  conv(2, 9, 5, 6, 3, { bias: true, activation: 'tanh' }),
  conv(2, 9, 4, 4, 2, { activation: 'sigmoid' }),
  conv(2, 7, 3, 4, 2, { bias: true, activation: 'relu' }),
  conv(8, 120, 2, 3, 2, { dilation: 7 }),
  conv(1, 14, 2, 3, 13),
  // Edges of the workgroup tiles, of 32 and 64, and of their slabs of 16.
  conv(1, 31, 17, 33, 2),
  conv(2, 16, 20, 32, 2, { dilation: 3 }),
  conv(1, 20, 40, 40, 2),
  conv(1, 1700, 1, 161, 2, { dilation: 3 }),
  // Wide enough for quads both ways, and not a multiple of anything.
  conv(2, 60, 34, 70, 3, { dilation: 5, bias: true }),
  conv(3, 41, 69, 33, 2, { activation: 'relu' }),
  conv(5, 64, 16, 36, 2, { dilation: 40 }),
];
