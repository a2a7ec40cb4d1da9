// The length of every row, for measuring: it has no gradient.
//
//   y[…] = √Σ_c x[…,c]²        or max_c |x[…,c]|

import rowNormKernel from '../../../shaders/norm/rowNorm.wgsl';
import { defineOp } from '../../graph/op';
import { checked, flag } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';

/** The options of `rowNorm`. */
export interface RowNormOptions {
  /** The ∞-norm, max |x|, instead of the Euclidean one. */
  readonly largest?: boolean;
}

const rowNormOp = defineOp<'x', 'y', { LARGEST: boolean }>({
  name: 'rowNorm',
  inputs: { x: '... C' },
  outputs: { y: '...' },
  dispatch: (_t, { N }, { LARGEST }) => ({ kernel: rowNormKernel.with({ LARGEST }), threads: [N] }),
  flops: ({ x }) => 2 * x.size,
});

/** The Euclidean (or ∞-) norm over the last axis of x [..., C]; gives [...]. Works from 1e-37 to 1e38. */
export function rowNorm(x: Tensor, options: RowNormOptions = {}): Tensor {
  const { largest = false } = checked('rowNorm', options, { largest: flag });
  return rowNormOp({ x }, { LARGEST: largest }).y;
}
