// The global norm of all gradients of a model: √ Σ g².

import gradientNormKernel from '../../shaders/optim/gradientNorm.wgsl';
import { defineOp } from '../graph/op';
import type { Dispatch, Part, Tensor } from '../graph/tensor';
import { ALIGNMENT } from '../graph/state';
import { bindableParts } from './parts';

/** Neighbouring threads read neighbouring vec4s: a run of as many parts, each `length` vec4s, is read in order. */
const RUN = ALIGNMENT;
/** At least so many vec4s are summed by one thread. */
const LEAST = 16;
/** At most so many parts, which one thread joins. */
const MOST = 4096;

/** The vec4s in one part of `size` gradients. */
const lengthOf = (size: number): number => Math.max(LEAST, Math.ceil(size / 4 / MOST));
/** The parts of `size` gradients, whole runs of them. */
const partsOf = (size: number, length: number): number => RUN * Math.ceil(size / 4 / length / RUN);

const gradientNormOp = defineOp<'g', 'norm' | 'parts'>({
  name: 'gradientNorm',
  inputs: { g: 'N' },
  outputs: { norm: '1', parts: '*' },
  shape: ({ g: [size] }) => ({ norm: [1], parts: [partsOf(size, lengthOf(size))] }),
  inParts: true,
  dispatch({ g, norm, parts }, _d, _a, traits) {
    const launch = (from: Part | Tensor, to: Part | Tensor, length: number, stride: number): Dispatch => ({
      kernel: gradientNormKernel.with(),
      bind: { g: from, y: to },
      params: { size: from.size, S: to.size, length, stride },
      threads: [to.size],
    });
    const length = lengthOf(g.size);
    // A part of the parameters that fits in a binding is whole runs.
    const some = bindableParts(g.size, traits, 4 * length * RUN).map(({ offset, size }) => {
      const to = { tensor: parts, offset: offset / 4 / length, size: partsOf(size, length) };
      return launch({ tensor: g, offset, size }, to, length, RUN);
    });
    return [...some, launch(parts, norm, parts.size, 1)];
  },
  flops: ({ g }) => 2 * g.size,
});

/** √ Σ g² as [1], of g [N] from 1e-37 to 1e37: no square leaves the range of f32. */
export const gradientNorm = (g: Tensor): Tensor => gradientNormOp({ g }, {}).norm;
