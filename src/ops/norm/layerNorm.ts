// Every row with mean 0 and variance 1, then scaled and shifted by column.
//
//   y[…,c] = (x[…,c] − mean) / √(variance + epsilon) · scale[c] + shift[c]
//
// Mean and variance are over c; the variance is a sum divided by C, not by C − 1.
//
// Ba, Kiros & Hinton 2016, "Layer Normalization".

import layerNormKernel from '../../../shaders/norm/layerNorm.wgsl';
import layerNormDscaleKernel from '../../../shaders/norm/layerNormDscale.wgsl';
import layerNormDxKernel from '../../../shaders/norm/layerNormDx.wgsl';
import layerNormDxRowsKernel from '../../../shaders/norm/layerNormDxRows.wgsl';
import layerNormRowsKernel from '../../../shaders/norm/layerNormRows.wgsl';
import { defineOp } from '../../graph/op';
import { checked, notNegative, tensor, type Rules } from '../../graph/options';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { sumRows } from '../reduce/sumMiddle';

/** The options of `layerNorm`. */
export interface LayerNormOptions {
  /** [C]; default: 1. */
  readonly scale?: Tensor;
  /** [C]; default: 0. */
  readonly shift?: Tensor;
  /** Added to the variance. */
  readonly epsilon?: number;
}

/** Rows, from which on one thread takes several. */
const MANY = 256;
/** Shorter rows are read by one thread even where workgroups are cheap. */
const LONG = 32;

/** Normalizes x [..., C] over its last axis. */
export function layerNorm(x: Tensor, options: LayerNormOptions = {}): Tensor {
  const { scale, shift, epsilon = 1e-5 } = checked('layerNorm', options, OPTIONS);
  return layerNormOp({ x, scale, shift }, { epsilon }).y;
}

const OPTIONS: Rules<LayerNormOptions> = { scale: tensor, shift: tensor, epsilon: notNegative };

const layerNormOp = defineOp<'x' | 'scale' | 'shift', 'y' | 'mean' | 'inverse', { epsilon: number }>({
  name: 'layerNorm',
  inputs: { x: '... C', scale: 'C', shift: 'C' },
  optional: ['scale', 'shift'],
  outputs: { y: '... C', mean: '*', inverse: '...' },
  shape({ x }) {
    const rows = x.slice(0, -1);
    return { y: x, mean: [sizeOf(rows), 2], inverse: rows };
  },
  dispatch({ x, scale, shift }, { N, C }, _a, { family }) {
    const switches = { SCALE: !!scale, SHIFT: !!shift };
    const bind = { scale: scale ?? x, shift: shift ?? x };
    if (family === 'workgroup' && C >= LONG) {
      return { kernel: layerNormRowsKernel.with(switches), bind, workgroups: [N] };
    }
    // Rows of one thread share what it reads of scale and shift, as long as there are threads enough.
    const ROWS = family === 'direct' && N >= MANY ? 4 : 1;
    const kernel = layerNormKernel.with({ ...switches, ROWS, ALIGNED: C % 4 === 0 });
    return { kernel, bind, threads: [Math.ceil(N / ROWS)] };
  },
  gradient({ x, scale, shift, mean, inverse, dy }) {
    const { scales, shifts } = layerNormDscale({ x, mean, inverse, dy }, {});
    return {
      x: layerNormDx({ x, scale, mean, inverse, dy }, {}).dx,
      scale: scale && sumRows(scales),
      shift: shift && sumRows(shifts),
    };
  },
  flops: ({ x }) => 7 * x.size,
});

const layerNormDx = defineOp<'x' | 'scale' | 'mean' | 'inverse' | 'dy', 'dx'>({
  name: 'layerNormDx',
  inputs: { x: '... C', scale: 'C', mean: '*', inverse: '...', dy: '... C' },
  optional: ['scale'],
  outputs: { dx: '... C' },
  dispatch({ x, scale }, { N, C }, _a, { family }) {
    const SCALE = !!scale;
    const bind = { scale: scale ?? x };
    return family === 'workgroup' && C >= LONG
      ? { kernel: layerNormDxRowsKernel.with({ SCALE }), bind, workgroups: [N] }
      : { kernel: layerNormDxKernel.with({ SCALE }), bind, threads: [N] };
  },
  flops: ({ x }) => 10 * x.size,
});

/** At least this many rows are summed by one thread. */
const LEAST = 16;
/** As many threads as keep any adapter busy. */
const ENOUGH = 4096;

function parts(N: number, C: number): { S: number; length: number } {
  const length = Math.max(LEAST, Math.ceil(N / Math.max(1, Math.floor(ENOUGH / C))));
  return { S: Math.ceil(N / length), length };
}

const layerNormDscale = defineOp<'x' | 'mean' | 'inverse' | 'dy', 'scales' | 'shifts'>({
  name: 'layerNormDscale',
  inputs: { x: '... C', mean: '*', inverse: '...', dy: '... C' },
  outputs: { scales: '*', shifts: '*' },
  shape({ x, inverse }) {
    const C = x.at(-1)!;
    const { S } = parts(sizeOf(inverse), C);
    return { scales: [S, C], shifts: [S, C] };
  },
  dispatch(_t, { N, C }) {
    const params = parts(N, C);
    return { kernel: layerNormDscaleKernel.with(), params, threads: [params.S * C] };
  },
  flops: ({ x }) => 5 * x.size,
});
