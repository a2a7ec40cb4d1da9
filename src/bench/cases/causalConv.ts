// The dilated causal convolution, there and back, and the block of a WaveNet that is made of it.

import { gradient } from '../../graph/gradient';
import type { Tensor } from '../../graph/tensor';
import { add, mul } from '../../ops/elementwise/binary';
import { causalConv } from '../../ops/conv/causalConv';
import { sigmoid, tanh } from '../../ops/elementwise/unary';
import { noise, sampledError, type Case, type Inputs } from '../case';

const B = 8;
const T = 512;
const C = 128;
const O = 128;
const K = 3;

const inputs = (): Inputs => ({
  x: noise([B, T, C], 1),
  w: noise([K, C, O], 2, 1 / Math.sqrt(K * C)),
  dy: noise([B, T, O], 3),
});

const about = (dilation: number) => `x [${B}, ${T}, ${C}], w [${K}, ${C}, ${O}], dilation ${dilation}`;

const forwardAt =
  ({ x, w }: Inputs, dilation: number) =>
  (i: number): number => {
    const [b, t, o] = [Math.floor(i / O / T), Math.floor(i / O) % T, i % O];
    let sum = 0;
    for (let k = 0; k < K; k++) {
      const at = t - (K - 1 - k) * dilation;
      if (at < 0) continue;
      for (let c = 0; c < C; c++) sum += x.data[(b * T + at) * C + c] * w.data[(k * C + c) * O + o];
    }
    return sum;
  };

const dxAt =
  ({ w, dy }: Inputs, dilation: number) =>
  (i: number): number => {
    const [b, t, c] = [Math.floor(i / C / T), Math.floor(i / C) % T, i % C];
    let sum = 0;
    for (let k = 0; k < K; k++) {
      const at = t + (K - 1 - k) * dilation;
      if (at >= T) continue;
      for (let o = 0; o < O; o++) sum += dy.data[(b * T + at) * O + o] * w.data[(k * C + c) * O + o];
    }
    return sum;
  };

const dwAt =
  ({ x, dy }: Inputs, dilation: number) =>
  (i: number): number => {
    const [k, c, o] = [Math.floor(i / O / C), Math.floor(i / O) % C, i % O];
    let sum = 0;
    for (let b = 0; b < B; b++) {
      for (let t = (K - 1 - k) * dilation; t < T; t++) {
        sum += x.data[(b * T + t - (K - 1 - k) * dilation) * C + c] * dy.data[(b * T + t) * O + o];
      }
    }
    return sum;
  };

const forward = (dilation: number): Case => ({
  name: `causalConv dilation ${dilation}`,
  about: about(dilation),
  limit: 'fma',
  inputs,
  build: (engine, given) => ({
    step: engine.record((x, w) => causalConv(x, w, { dilation })),
    args: [given.x, given.w],
    error: ([y]) => sampledError(y, forwardAt(given, dilation)),
  }),
});

type Part = 'y' | 'dx' | 'dw';
const REFERENCES = { y: forwardAt, dx: dxAt, dw: dwAt };

/** What is not asked for is not computed: dx alone needs no forward pass. */
const backward = (name: string, dilation: number, parts: readonly Part[]): Case => ({
  name,
  about: about(dilation),
  limit: 'fma',
  inputs,
  build(engine, given) {
    const run = (x: Tensor, w: Tensor, dy: Tensor) => {
      const y = causalConv(x, w, { dilation });
      const [dx, dw] = gradient(y, [x, w], dy);
      return parts.map((part) => ({ y, dx, dw })[part]);
    };
    return {
      step: engine.record(run),
      args: [given.x, given.w, given.dy],
      error: (results) =>
        Math.max(...parts.map((part, i) => sampledError(results[i], REFERENCES[part](given, dilation)))),
    };
  },
});

const WAVE = { T: 4096, C: 64, dilation: 16 };

/** Gate, residual and skip of one layer, and back to its weights and input. */
const waveNetBlock: Case = {
  name: 'WaveNet block',
  about: `forward and backward, x [1, ${WAVE.T}, ${WAVE.C}], 2 taps, dilation ${WAVE.dilation}`,
  limit: 'fma',
  inputs() {
    const scale = 1 / Math.sqrt(WAVE.C);
    return {
      x: noise([1, WAVE.T, WAVE.C], 1),
      filter: noise([2, WAVE.C, WAVE.C], 2, scale),
      gate: noise([2, WAVE.C, WAVE.C], 3, scale),
      residual: noise([1, WAVE.C, WAVE.C], 4, scale),
      skip: noise([1, WAVE.C, WAVE.C], 5, scale),
      dy: noise([1, WAVE.T, WAVE.C], 6),
    };
  },
  build(engine, given) {
    const { dilation } = WAVE;
    const step = engine.record((x, filter, gate, residual, skip, dy) => {
      const unit = mul(tanh(causalConv(x, filter, { dilation })), sigmoid(causalConv(x, gate, { dilation })));
      const y = add(add(causalConv(unit, residual), x), causalConv(unit, skip));
      return [y, ...gradient(y, [x, filter, gate, residual, skip], dy)];
    });
    const args = ['x', 'filter', 'gate', 'residual', 'skip', 'dy'].map((name) => given[name]);
    return { step, args, error: ([y]) => sampledError(y, (i) => waveNetAt(given, i)) };
  },
};

function waveNetAt({ x, filter, gate, residual, skip }: Inputs, i: number): number {
  const [t, o] = [Math.floor(i / WAVE.C), i % WAVE.C];
  let sum = x.data[i];
  for (let c = 0; c < WAVE.C; c++) {
    let [f, g] = [0, 0];
    for (let tap = 0; tap < 2; tap++) {
      const at = t - (1 - tap) * WAVE.dilation;
      if (at < 0) continue;
      for (let from = 0; from < WAVE.C; from++) {
        f += x.data[at * WAVE.C + from] * filter.data[(tap * WAVE.C + from) * WAVE.C + c];
        g += x.data[at * WAVE.C + from] * gate.data[(tap * WAVE.C + from) * WAVE.C + c];
      }
    }
    const unit = Math.tanh(f) / (1 + Math.exp(-g));
    sum += unit * (residual.data[c * WAVE.C + o] + skip.data[c * WAVE.C + o]);
  }
  return sum;
}

/** Causal convolutions, forward and backward. */
export const CONVOLUTIONS: readonly Case[] = [
  ...[1, 8, 64].map(forward),
  backward('causalConv dx', 8, ['dx']),
  backward('causalConv dw', 8, ['dw']),
  backward('causalConv training', 8, ['y', 'dx', 'dw']),
  waveNetBlock,
];
