// A tensor as it is, whose gradient is made smaller or larger: what is read by many is not changed by all of them.

import { defineOp } from '../../graph/op';
import { check, shown } from '../../graph/check';
import type { Tensor } from '../../graph/tensor';
import { scale } from './unary';

/** x, through which `factor` times the gradient flows back. Costs nothing forward. */
export const scaleGradient = (x: Tensor, factor: number): Tensor => scaleGradientOp({ x }, { factor }).y;

const scaleGradientOp = defineOp<'x', 'y', { factor: number }>({
  name: 'scaleGradient',
  inputs: { x: '*' },
  outputs: { y: '*' },
  view: true,
  rules: (_d, { factor }) =>
    check(
      Number.isFinite(factor),
      `the factor is ${shown(factor)}`,
      'give a number; to stop gradients, detach',
    ),
  shape: ({ x }) => ({ y: x }),
  dispatch: () => [],
  gradient: ({ dy }, _d, { factor }) => ({ x: scale(dy, factor) }),
});
