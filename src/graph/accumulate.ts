// a + b of one shape: how gradients of a tensor that is used twice are joined, and whatever else needs no broadcasting.

import accumulateKernel from '../../shaders/elementwise/accumulate.wgsl';
import { elementwise } from './elementwise';
import { defineOp } from './op';
import type { Tensor } from './tensor';

const accumulateOp = defineOp<'a' | 'b', 'y'>({
  name: 'accumulate',
  inputs: { a: '...', b: '...' },
  outputs: { y: '...' },
  dispatch: ({ y }) => ({
    ...elementwise(accumulateKernel, y.size),
    params: { size: y.size },
  }),
  gradient: ({ dy }) => ({ a: dy, b: dy }),
  flops: ({ y }) => y.size,
  link: (through) => ({ does: 'add', operand: through === 'a' ? 'b' : 'a' }),
});

/** a + b, both [...]. */
export const accumulate = (a: Tensor, b: Tensor): Tensor => accumulateOp({ a, b }, {}).y;
