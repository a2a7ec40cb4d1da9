// Dropout of elements or of whole channels, by one function.

import spatialKernel from '../../../shaders/random/spatialDropout.wgsl';
import { check } from '../../graph/check';
import type { Generator } from '../../graph/generator';
import { defineOp } from '../../graph/op';
import { checked, flag, object, part, type Rules } from '../../graph/options';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { checkRate, dropElementsByKey, drops, thresholdOf, type MaskAttrs } from './elementDropout';

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
  return drops(rate) ? dropoutByKey(x, generator.key, { rate, spatial, call: generator.nextCall() }) : x;
}

const OPTIONS: Rules<DropoutOptions> = { rate: part, generator: object, spatial: flag };

interface Attrs extends MaskAttrs {
  readonly spatial: boolean;
}

/** The same with a given key (u32 [2]: seed, step), whatever the recording is for. */
export const dropoutByKey = (x: Tensor, key: Tensor, { spatial, ...attrs }: Attrs): Tensor =>
  spatial ? spatialOp({ x, key }, attrs).y : dropElementsByKey(x, key, attrs);

const spatialOp = defineOp<'x' | 'key', 'y', MaskAttrs>({
  name: 'dropout',
  inputs: { x: '...', key: '2' },
  outputs: { y: '...' },
  integers: ['key'],
  rules(d, attrs, { x }) {
    checkRate(d, attrs);
    check(x.shape.length >= 2, 'spatial dropout needs x [B, ..., C]');
  },
  dispatch: ({ x }, _d, { rate, call }) => ({
    kernel: spatialKernel.with(),
    params: {
      size: x.size,
      R: sizeOf(x.shape.slice(1, -1)),
      C: x.shape.at(-1)!,
      call,
      threshold: thresholdOf(rate),
      scale: 1 / (1 - rate),
    },
    threads: [Math.ceil(x.size / 4)],
  }),
  gradient: ({ key, dy }, _d, attrs) => ({ x: dropoutByKey(dy, key, { ...attrs, spatial: true }) }),
  flops: ({ x }) => x.size,
});
