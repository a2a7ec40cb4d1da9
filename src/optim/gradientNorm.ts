// The global norm of all gradients of a model: √ Σ g².

import gradientNormKernel from '../../shaders/gradientNorm.wgsl';
import { defineOp, type Dispatch } from '../graph/op';
import type { Tensor } from '../graph/tensor';

/** At least so many vec4s are summed by one thread. */
const LEAST = 64;
/** At most so many parts, which one thread joins. */
const MOST = 4096;

/** Of `size` gradients the vec4s of one part. */
const lengthOf = (size: number): number => Math.max(LEAST, Math.ceil(size / 4 / MOST));

const gradientNormOp = defineOp<'g', 'norm' | 'parts'>({
  name: 'gradientNorm',
  inputs: { g: 'N' },
  outputs: { norm: '1', parts: '*' },
  shape: ({ g: [size] }) => ({ norm: [1], parts: [Math.ceil(size / 4 / lengthOf(size))] }),
  dispatch({ g, norm, parts }) {
    const launch = (from: Tensor, to: Tensor, length: number): Dispatch => ({
      kernel: gradientNormKernel.with(),
      bind: { g: from, y: to },
      params: { size: from.size, S: to.size, length },
      threads: [to.size],
    });
    return [launch(g, parts, lengthOf(g.size)), launch(parts, norm, parts.size)];
  },
  flops: ({ g }) => 2 * g.size,
});

/** √ Σ g² as [1], of g [N] from 1e-37 to 1e37: no square leaves the range of f32. */
export const gradientNorm = (g: Tensor): Tensor => gradientNormOp({ g }, {}).norm;
