// Sequences of different lengths in one tensor: what stands behind the end of each is padding.
//
//   y[b,t] = x[b,t]  for t < lengths[b],  0 from there on

import maskPaddingKernel from '../../../shaders/layout/maskPadding.wgsl';
import { defineOp } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';

/**
 * x [B, T, C] with zeros from position `lengths[b]` of row b on, u32 [B], whatever stood there: convolutions over time
 * then give of a padded row what they give of the row alone.
 */
export const maskPadding = (x: Tensor, lengths: Tensor): Tensor => maskPaddingOp({ x, lengths }, {}).y;

const maskPaddingOp = defineOp<'x' | 'lengths', 'y'>({
  name: 'maskPadding',
  inputs: { x: 'B T C', lengths: 'B' },
  outputs: { y: 'B T C' },
  integers: ['lengths'],
  stops: ['lengths'],
  dispatch: ({ x }, { C }) => ({
    kernel: maskPaddingKernel.with({ ALIGNED: C % 4 === 0 }),
    params: { size: x.size },
    threads: [Math.ceil(x.size / 4)],
  }),
  gradient: ({ lengths, dy }) => ({ x: maskPadding(dy, lengths) }),
});
