// y = x, bit for bit.

import copyKernel from '../../shaders/layout/copy.wgsl';
import { elementwise } from './elementwise';
import { defineOp } from './op';
import type { Dispatch, Part, Tensor } from './tensor';

/** y = x, of any type: [...] to [...]. */
export const copyOp = defineOp<'x', 'y'>({
  name: 'copy',
  inputs: { x: '...' },
  outputs: { y: '...' },
  anyType: true,
  dispatch: ({ x, y }) => copyDispatch(x, y),
  gradient: ({ dy }) => ({ x: dy }),
});

/** The launch that copies x, or a part of it, to y, or to a part of it. */
export function copyDispatch(x: Tensor | Part, y: Tensor | Part): Dispatch {
  return {
    ...elementwise(copyKernel, x.size),
    bind: { x, y },
    params: { size: x.size },
  };
}
