// Dropout: each element is kept with probability 1 − rate, and then scaled up so that the mean stays.
//
//   y[i] = x[i] / (1 − rate)  where hash(i) ≥ rate · 2^32,  else 0
//
// Srivastava et al. 2014. The mask is not stored: the gradient is the same op on dy, which hashes again.

import dropoutKernel from '../../../shaders/random/dropout.wgsl';
import { check } from '../../graph/check';
import type { Generator } from '../../graph/generator';
import { defineOp } from '../../graph/op';
import { checked, flag, object, part, type Rules } from '../../graph/options';
import { isTraining } from '../../graph/tape';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

/** The options of `dropout`. */
export interface DropoutOptions {
  /** The part that is zeroed, from 0 up to 1. */
  readonly rate: number;
  /** Where the mask comes from: another at every step and for every call, the same for the same seed. */
  readonly generator: Generator;
  /** One decision for each channel: x is [B, ..., C], and what is between B and C shares it. */
  readonly spatial?: boolean;
}

/** x [...] with a random part zeroed, in a recording for training; x itself in any other, or at rate 0. */
export function dropout(x: Tensor, options: DropoutOptions): Tensor {
  const { rate, generator, spatial = false } = checked('dropout', options, OPTIONS, 'rate', 'generator');
  if (rate === 0 || !isTraining()) return x;
  return dropoutByKey(x, generator.key, { rate, spatial, call: generator.nextCall() });
}

const OPTIONS: Rules<DropoutOptions> = { rate: part, generator: object, spatial: flag };

interface Attrs {
  readonly rate: number;
  readonly spatial: boolean;
  readonly call: number;
}

/** The same with a given key (u32 [2]: seed, step), whatever the recording is for. */
export const dropoutByKey = (x: Tensor, key: Tensor, attrs: Attrs): Tensor => dropoutOp({ x, key }, attrs).y;

const dropoutOp = defineOp<'x' | 'key', 'y', Attrs>({
  name: 'dropout',
  inputs: { x: '...', key: '2' },
  outputs: { y: '...' },
  integers: ['key'],
  rules(_d, { rate, spatial }, { x }) {
    check(
      rate >= 0 && rate < 1,
      `rate is ${rate}`,
      'give the part to be zeroed, from 0 up to but not including 1',
    );
    check(!spatial || x.shape.length >= 2, 'spatial dropout needs x [B, ..., C]');
  },
  dispatch({ x }, _d, { rate, spatial, call }) {
    const R = spatial ? sizeOf(x.shape.slice(1, -1)) : 1;
    const params = { size: x.size, R, C: x.shape.at(-1) ?? 1, call };
    return {
      kernel: dropoutKernel.with({ SHARED: R > 1 }),
      params: { ...params, threshold: thresholdOf(rate), scale: 1 / (1 - rate) },
      threads: [Math.ceil(x.size / 4)],
    };
  },
  gradient: ({ key, dy }, _d, attrs) => ({ x: dropoutByKey(dy, key, attrs) }),
  flops: ({ x }) => x.size,
  link: (through, { rate, spatial, call }) =>
    spatial || through !== 'x'
      ? null
      : {
          does: 'dropout',
          own: { key: 'key', params: { call, threshold: thresholdOf(rate), keep: 1 / (1 - rate) } },
        },
});

/** Hashes below it are of elements that are zeroed. */
const thresholdOf = (rate: number): number => Math.min(Math.round(rate * 2 ** 32), 2 ** 32 - 1);
