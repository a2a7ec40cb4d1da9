// `assign` writes a tensor to a state at the end of the step.

import { check, shapeText } from './check';
import { copyDispatch } from './copy';
import { defineOp } from './op';
import type { State } from './state';
import { effect } from './tape';
import type { Tensor } from './tensor';

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
  const [held, given] = [state, value].map(({ dtype, shape }) => `${dtype} ${shapeText(shape)}`);
  const problem = `assign: ${state.name} is ${held}, the value ${given}`;
  check(held === given, problem, 'give both the same shape and type');
  effect(assignOp({ state, x: value }, {}).after, 'assign');
}
