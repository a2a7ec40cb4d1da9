// A weight as length times direction, for every output channel.
//
//   w[…,o] = g[o] · v[…,o] / ‖v[…,o]‖        the norm over all axes but the last
//
// Salimans & Kingma 2016, "Weight Normalization", equation 2; the gradients are its equation 3.

import weightNormKernel from '../../../shaders/norm/weightNorm.wgsl';
import weightNormDvKernel from '../../../shaders/norm/weightNormDv.wgsl';
import weightNormSumsKernel from '../../../shaders/norm/weightNormSums.wgsl';
import { defineOp } from '../../graph/op';
import { sizeOf, type Shape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

/**
 * v [..., O] with every v[..., o] scaled to length g [O]; works for lengths from 1e-37 to 1e37. A v of 0 has no
 * direction: w is NaN.
 */
export const weightNorm = (v: Tensor, g: Tensor): Tensor => weightNormOp({ v, g }, {}).w;

/** At least this many elements are summed by one thread. */
const LEAST = 16;
/** As many threads as keep any adapter busy. */
const ENOUGH = 4096;

/** Columns are cut into S parts of `length` rows. */
function parts([...shape]: Shape): { R: number; S: number; length: number } {
  const O = shape.pop()!;
  const R = sizeOf(shape);
  const length = Math.max(LEAST, Math.ceil(R / Math.max(1, Math.floor(ENOUGH / O))), Math.ceil(R / 64));
  return { R, S: Math.ceil(R / length), length };
}

const weightNormOp = defineOp<'v' | 'g', 'w' | 'norm' | 'parts'>({
  name: 'weightNorm',
  inputs: { v: '... O', g: 'O' },
  outputs: { w: '... O', norm: 'O', parts: '*' },
  shape: ({ v, g }) => ({ w: v, norm: g, parts: [parts(v).S, g[0]] }),
  dispatch({ v }, { O }) {
    const params = parts(v.shape);
    const threads = [params.S * O];
    return [
      { kernel: weightNormSumsKernel.with(), bind: { dw: v, norm: v }, params, threads },
      { kernel: weightNormKernel.with(), params, threads },
    ];
  },
  gradient({ v, g, norm, dw }) {
    const { dv, dg } = weightNormDv({ v, g, norm, dw }, {});
    return { v: dv, g: dg };
  },
  flops: ({ v }) => 3 * v.size,
});

const weightNormDv = defineOp<'v' | 'g' | 'norm' | 'dw', 'dv' | 'dg' | 'parts'>({
  name: 'weightNormDv',
  inputs: { v: '... O', g: 'O', norm: 'O', dw: '... O' },
  outputs: { dv: '... O', dg: 'O', parts: '*' },
  shape: ({ v, g }) => ({ dv: v, dg: g, parts: [parts(v).S, g[0]] }),
  dispatch({ v }, { O }) {
    const params = parts(v.shape);
    const threads = [params.S * O];
    return [
      { kernel: weightNormSumsKernel.with({ ALONG: true }), params, threads },
      { kernel: weightNormDvKernel.with(), params, threads },
    ];
  },
  flops: ({ v }) => 6 * v.size,
});
