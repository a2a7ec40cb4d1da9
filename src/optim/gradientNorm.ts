// The global norm of all gradients of a model: √ Σ g².

import gradientNormKernel from '../../shaders/gradientNorm.wgsl';
import { defineOp } from '../graph/op';
import type { Tensor } from '../graph/tensor';

/** vec4s that one thread sums. */
const LENGTH = 64;

const gradientNormOp = defineOp<'g', 'norm' | 'parts'>({
  name: 'gradientNorm',
  inputs: { g: 'N' },
  outputs: { norm: '1', parts: '*' },
  // Whole vec4s of parts, the last ones zero, since the second launch reads them so.
  shape: ({ g: [size] }) => ({ norm: [1], parts: [4 * Math.ceil(size / 4 / LENGTH / 4)] }),
  dispatch({ g, norm, parts }) {
    const whole = { S: 1, size: parts.size, length: Math.ceil(parts.size / 4) };
    return [
      {
        kernel: gradientNormKernel.with(),
        bind: { g, y: parts },
        params: { size: g.size, S: parts.size, length: LENGTH },
        threads: [parts.size],
      },
      {
        kernel: gradientNormKernel.with({ FINISH: true }),
        bind: { g: parts, y: norm },
        params: whole,
        threads: [1],
      },
    ];
  },
  flops: ({ g }) => 2 * g.size,
});

export const gradientNorm = (g: Tensor): Tensor => gradientNormOp({ g }, {}).norm;
