// Draws yes or no for every logit by itself, on the device.
//
//   y[i] = 1 with probability sigmoid(x[i] / temperature), else 0

import bernoulliKernel from '../../../shaders/random/bernoulli.wgsl';
import { defineOp } from '../../graph/op';
import { checked } from '../../graph/options';
import { nextDraw } from '../../graph/tape';
import type { Tensor } from '../../graph/tensor';
import { DRAW, type DrawOptions } from './sample';

interface Attrs {
  readonly call: number;
  readonly temperature: number;
}

/** Ones and zeros as f32, of the shape of the logits [...]. At temperature 0: 1 where a logit is above 0. */
export function bernoulli(logits: Tensor, options: DrawOptions): Tensor {
  const { seed, counter, temperature = 1 } = checked('bernoulli', options, DRAW, 'seed', 'counter');
  return bernoulliByCall(logits, seed, counter, { call: nextDraw(), temperature });
}

/** The same with a given number of the call, which tells its draws from others of the same step. */
export const bernoulliByCall = (x: Tensor, seed: Tensor, counter: Tensor, attrs: Attrs): Tensor =>
  bernoulliOp({ x, seed, counter }, attrs).y;

const bernoulliOp = defineOp<'x' | 'seed' | 'counter', 'y', Attrs>({
  name: 'bernoulli',
  inputs: { x: '...', seed: '1', counter: '1' },
  outputs: { y: '...' },
  integers: ['seed', 'counter'],
  stops: ['x'],
  dispatch: ({ x }, _d, { call, temperature }) => ({
    kernel: bernoulliKernel.with({ GREEDY: temperature === 0 }),
    params: { size: x.size, call, scale: temperature === 0 ? 2 ** 127 : 1 / temperature },
    threads: [Math.ceil(x.size / 4)],
  }),
  flops: ({ x }) => 4 * x.size,
});
