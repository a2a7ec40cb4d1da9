// What a product or a convolution can apply to its result while it is still in registers, and the way back.

import type { AnyOp, Tensor } from '../../graph/tensor';
import { relu, sigmoid, tanh, type Unary } from './unary';

/** Their names; kernels have constants that are called so, in capitals. */
export const ACTIVATIONS = ['none', 'relu', 'tanh', 'sigmoid'] as const;
/** One of them. */
export type Activation = (typeof ACTIVATIONS)[number];

/** Their derivatives are written in y, so x is never stored. */
const FUNCTIONS: Readonly<Record<Exclude<Activation, 'none'>, Unary>> = { relu, tanh, sigmoid };

/** The activation that an op is; undefined for every other op, whatever its name. */
export const activationOf = (op: AnyOp): Activation | undefined =>
  ACTIVATIONS.find((name) => name !== 'none' && FUNCTIONS[name].op === op);

/** dy · act'(x), written in y = act(x): the way back through an epilogue. */
export const backThrough = (activation: Activation, dy: Tensor, y: Tensor): Tensor =>
  activation === 'none' ? dy : FUNCTIONS[activation].back(y, dy);
