// y[t] = act( Σ_k x[t + ahead − (K−1−k)·dilation] · w[k] + bias ), ahead by half of what the taps span

import { conv, gate, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly dilation?: number;
  readonly padding?: 'causal' | 'same';
  /** A gate behind it. */
  readonly glu?: true;
}

export const op = ([x, w, bias]: readonly Tensor[], { glu, ...options }: Options) => {
  const y = conv(x, w, { ...options, bias });
  return glu ? gate(y, 'glu') : y;
};

export function reference([x, w, bias]: readonly Doubles[], options: Options): Doubles {
  const { dilation = 1, padding = 'same', glu } = options;
  const [B, T, C] = x.shape;
  const [K, , O] = w.shape;
  const ahead = padding === 'same' ? (K - 1) * dilation - Math.floor(((K - 1) * dilation) / 2) : 0;
  const y = zeros(B, T, O);
  for (let i = 0; i < B * T * O; i++) {
    const [b, t, o] = [Math.floor(i / O / T), Math.floor(i / O) % T, i % O];
    if (bias) y.data[i] = bias.data[o];
    for (let k = 0; k < K; k++) {
      const from = t + ahead - (K - 1 - k) * dilation;
      // The padding is multiplied, too: 0 · NaN is NaN.
      const at = (c: number) => (from < 0 || from >= T ? 0 : x.data[(b * T + from) * C + c]);
      for (let c = 0; c < C; c++) y.data[i] += at(c) * w.data[(k * C + c) * O + o];
    }
  }
  if (!glu) return y;
  const half = zeros(B, T, O / 2);
  half.data.forEach((_, i) => {
    const at = Math.floor(i / (O / 2)) * O + (i % (O / 2));
    half.data[i] = y.data[at] / (1 + Math.exp(-y.data[at + O / 2]));
  });
  return half;
}

const one = ([B, T, C]: number[], K: number, O: number, options: Options = {}, bias = true): Case => ({
  name: `[${[B, T, C]}], ${K} taps, ${O} channels ${JSON.stringify(options)}${bias ? '' : ', no bias'}`,
  shapes: [[B, T, C], [K, C, O], ...(bias ? [[O]] : [])],
  options,
});

export const cases: Case[] = [
  one([1, 1, 1], 1, 1),
  one([1, 1, 1], 3, 1),
  one([2, 5, 3], 3, 4, {}, false),
  one([2, 7, 2], 4, 6, { dilation: 2, glu: true }),
  one([2, 6, 2], 2, 3, { padding: 'causal' }),
  one([2, 33, 5], 4, 9, { dilation: 3 }),
  one([2, 40, 8], 3, 12),
  // Taps that see nothing, and some that see little.
  one([3, 5, 4], 3, 8, { dilation: 7 }),
  one([1, 4, 2], 4, 3, { dilation: 2 }),
  one([1, 4, 2], 2, 3, { dilation: 10 }),
];
