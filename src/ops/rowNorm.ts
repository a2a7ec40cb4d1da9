// The length of every row, for measuring: it has no gradient.
//
//   y[…] = √Σ_c x[…,c]²        or max_c |x[…,c]|

import rowNormKernel from '../../shaders/rowNorm.wgsl';
import { defineOp } from '../graph/op';
import type { Tensor } from '../graph/tensor';

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
export const rowNorm = (x: Tensor, { largest = false }: RowNormOptions = {}): Tensor =>
  rowNormOp({ x }, { LARGEST: largest }).y;
