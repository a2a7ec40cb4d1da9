// Sets one place of a state, named by a number that the device has: a row of a ring buffer, the next token of a text.
//
//   state[b, (position + offset) mod L, …] = x[b,…]

import writeAtKernel from '../../../shaders/layout/writeAt.wgsl';
import { check, shapeText } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { checked } from '../../graph/options';
import { effect } from '../../graph/tape';
import type { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { PLACE, checkPlace, placeParams, type PlaceOptions } from './readAt';

/**
 * After this step, state[:, position + offset] is x, and the rest of the state what it was: state [B, L, ...], x
 * [B, ...] of the same type, `position` u32 [1]; places are counted modulo L. Everything in the step itself still reads
 * the old state, but what is made from the result, the state as it is then.
 */
export function writeAt(state: State, position: Tensor, x: Tensor, options: PlaceOptions = {}): Tensor {
  const { offset = 0 } = checked('writeAt', options, PLACE);
  const { after } = writeAtOp({ state, x, position }, { offset });
  effect(after, 'writeAt');
  return after;
}

const writeAtOp = defineOp<'state' | 'x' | 'position', 'after', { offset: number }>({
  name: 'writeAt',
  inputs: { state: '*', x: '*', position: '1' },
  outputs: { after: '*' },
  inPlace: { after: 'state' },
  anyType: true,
  stops: ['state', 'x', 'position'],
  rules(_d, _a, { state, x, position }) {
    checkPlace(state, position);
    const [B, , ...rest] = state.shape;
    const wanted = shapeText([B, ...rest]);
    const fits = shapeText(x.shape) === wanted && x.dtype === state.dtype;
    check(
      fits,
      `x is ${x.dtype} ${shapeText(x.shape)}, a place of the state ${state.dtype} ${wanted}`,
      'give both the same shape and type',
    );
  },
  shape: ({ state }) => ({ after: state }),
  dispatch: ({ state, x, after }, _d, { offset }) => ({
    kernel: writeAtKernel.with(),
    bind: { y: after },
    params: { size: x.size, ...placeParams(state.shape, offset) },
    threads: [x.size],
  }),
});
