// What a product or a convolution can apply to its result while it is still in registers, and the way back.

import type { Link, Tensor } from '../../graph/tensor';
import { slopes } from './slopes';

/** Their names; kernels have constants that are called so, in capitals. */
export const ACTIVATIONS = ['none', 'relu', 'tanh', 'sigmoid'] as const;
/** One of them. */
export type Activation = (typeof ACTIVATIONS)[number];

/** The activation that a step of a chain is; undefined for every other step. */
export const activationOf = ({ does }: Link): Activation | undefined =>
  ACTIVATIONS.find((name) => does === `${name}Of`);

/** dy · act'(x), written in y = act(x), so x is never stored: the way back through an epilogue. */
export const backThrough = (activation: Activation, dy: Tensor, y: Tensor): Tensor =>
  activation === 'none' ? dy : slopes[activation](y, dy);
