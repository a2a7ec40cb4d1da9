// y = x, bit for bit; and `assign`, which writes a tensor to a state at the end of the step.

import copyKernel from '../../shaders/layout/copy.wgsl';
import { callerLine, fail, hereStack, shapeText } from './check';
import { elementwise } from './elementwise';
import { defineOp, type Dispatch, type Part } from './op';
import { effect } from './tape';
import type { State, Tensor } from './tensor';

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

const assignOp = defineOp<'state' | 'x', 'after'>({
  name: 'assign',
  inputs: { state: '...', x: '...' },
  outputs: { after: '...' },
  inPlace: { after: 'state' },
  anyType: true,
  dispatch: ({ x, after }) => copyDispatch(x, after),
});

/** After this step, `state` holds `value`. Everything in the step itself still reads the old one. */
export function assign(state: State, value: Tensor): void {
  if (state.dtype !== value.dtype || shapeText(state.shape) !== shapeText(value.shape)) {
    const textOf = ({ dtype, shape }: Tensor) => `${dtype} ${shapeText(shape)}`;
    fail(`assign: ${state.name} is ${textOf(state)}, the value ${textOf(value)}.`, {
      at: callerLine(hereStack()),
      fix: 'give both the same shape and type.',
    });
  }
  effect(assignOp({ state, x: value }, {}).after, 'assign');
}
