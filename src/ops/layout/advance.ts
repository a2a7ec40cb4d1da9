// Counters on the device: a step that is repeated knows by them which time it is.

import advanceKernel from '../../../shaders/layout/advance.wgsl';
import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { effect } from '../../graph/tape';
import type { State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';

/**
 * After this step, the u32 `counter` [...] is `by` more, modulo 2^32. Everything in the step itself still reads the old
 * count: call it last.
 */
export function advance(counter: State, by = 1): Tensor {
  const { after } = advanceOp({ counter }, { by });
  effect(after, 'advance');
  return after;
}

const advanceOp = defineOp<'counter', 'after', { by: number }>({
  name: 'advance',
  inputs: { counter: '...' },
  outputs: { after: '...' },
  integers: ['counter', 'after'],
  inPlace: { after: 'counter' },
  rules: (_d, { by }) =>
    check(Number.isInteger(by) && Math.abs(by) < 2 ** 32, `by is ${by}`, 'give a whole number below 2^32'),
  dispatch: ({ after }, _d, { by }) => ({
    kernel: advanceKernel.with(),
    bind: { y: after },
    params: { size: after.size, by: by >>> 0 },
    threads: [after.size],
  }),
});
