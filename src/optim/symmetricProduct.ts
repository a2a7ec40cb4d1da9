// A product of which it is known that it is symmetric, as those of polynomials of one symmetric matrix are: half of it
// is made.

import symmetricQuadKernel from '../../shaders/optim/symmetricQuad.wgsl';
import { defineOp } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import { matmulDispatch } from '../ops/matmul/matmulDispatch';
import { directWorkgroup } from '../ops/matmul/tile';

/** Rows and columns of y that four neighbouring threads make. */
const SQUARE = 16;

const symmetricProductOp = defineOp<'a' | 'b', 'y'>({
  name: 'symmetricProduct',
  inputs: { a: 'N N', b: 'N N' },
  outputs: { y: 'N N' },
  dispatch({ a, b, y }, { N }, _attrs, traits) {
    const { family, quads } = traits;
    // A GPU has the whole product in workgroup memory, which takes it no longer than what these launches cost.
    if (family !== 'direct' || !quads || N % 4) {
      return matmulDispatch({ a, b, y }, { transposeA: true, transposeB: false, activation: 'none' }, traits);
    }
    const across = Math.ceil(N / SQUARE);
    const squares = Math.ceil(across / 2) * (across + 1);
    return {
      kernel: symmetricQuadKernel.with({ WORKGROUP: directWorkgroup(family) }),
      threads: [4 * squares],
    };
  },
  flops: ({ y }, { N }) => y.size * N,
});

/** aᵀ·b of two matrices [N, N], where it is symmetric; of two with another product nothing is right. No gradient. */
export const symmetricProduct = (a: Tensor, b: Tensor): Tensor => symmetricProductOp({ a, b }, {}).y;
