// Bounds on the weights of an LSTM's gates, as its stability asks for them (Miller & Hardt 2019, proposition 2): the
// ∞-norm of each gate's recurrent matrix, of the forget gate's input matrix, and the forget gate's bias.

import clipGatesKernel from '../../shaders/optim/clipGates.wgsl';
import { defineOp } from '../graph/op';
import { checked, oneOf, type Rules } from '../graph/options';
import { sizeOf } from '../graph/shape';
import type { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { reshape } from '../ops/layout/view';
import { Constraint } from './constraint';
import type { LSTMBounds } from './lstmBounds';

/** The gates in PyTorch's order i, f, z (its g), o. */
type PerGate = readonly [number, number, number, number];

const GATES = 4;
/** No bound, as a kernel reads it: it cannot be given ∞. */
const FREE = -1;

interface ClipAttrs {
  readonly bounds: PerGate;
  readonly across: boolean;
}

const clipGatesOp = defineOp<'x', 'y', ClipAttrs>({
  name: 'clipGates',
  inputs: { x: 'K N' },
  outputs: { y: 'K N' },
  dispatch(_t, { K, N }, { bounds, across }) {
    const [bound0, bound1, bound2, bound3] = bounds.map((bound) => (bound < Infinity ? bound : FREE));
    const lines = across ? K * GATES : N;
    return {
      kernel: clipGatesKernel.with({ ACROSS: across }),
      params: { G: GATES, lines, bound0, bound1, bound2, bound3 },
      threads: [lines],
    };
  },
  flops: ({ x }) => 2 * x.size,
});

/**
 * x [K, H·4], gates of a unit side by side: what reaches a gate of a unit from all K is scaled down until the sum of
 * its absolute values is at most the gate's bound, which may be ∞. With `across`, as in the author's code: what one of
 * the K sends to a gate of all units is scaled to exactly the bound. No gradient.
 */
export const clipGates = (x: Tensor, bounds: PerGate, across = false): Tensor =>
  clipGatesOp({ x }, { bounds, across }).y;

/** The parameters of one LSTM layer; it may have no biases. */
export interface LSTMParameters {
  readonly wx: Parameter;
  readonly wh: Parameter;
  readonly bx?: Parameter;
  readonly bh?: Parameter;
}

/** How the gates of an LSTM are kept within their bounds. */
export interface GateNormOptions {
  /**
   * `rows` satisfies the proposition. `columns` is what the published code does: recurrent weights and the forget
   * gate's input weights are scaled by columns, always to exactly the bound, and biases are free.
   */
  readonly variant?: 'rows' | 'columns';
}

/** The rules of GateNormOptions, see graph/options. */
export const GATE_NORM_RULES: Rules<GateNormOptions> = { variant: oneOf(['rows', 'columns']) };

/** Keeps an LSTM layer within `bounds`. */
export function gateNorms(
  { wx, wh, bx, bh }: LSTMParameters,
  bounds: LSTMBounds,
  options: GateNormOptions = {},
): Constraint {
  const { variant = 'rows' } = checked('gateNorms', options, GATE_NORM_RULES);
  const recurrent: PerGate = [bounds.wi, bounds.wf, bounds.wz, bounds.wo];
  const forget = (bound: number): PerGate => [Infinity, bound, Infinity, Infinity];
  const name = 'gateNorms';
  if (variant === 'columns') {
    return new Constraint(name, [wh, wx], ([h, x]) => [
      clipGates(h, recurrent, true),
      clipGates(x, forget(bounds.uf), true),
    ]);
  }
  // Two biases add: each gets half. A bias is a line of one.
  const bias = (b: Tensor) =>
    reshape(clipGates(reshape(b, [1, sizeOf(b.shape)]), forget(bounds.bf / 2)), b.shape);
  const parameters = [wh, wx, bx, bh].filter((parameter) => parameter !== undefined);
  return new Constraint(name, parameters, ([h, x, ...biases]) => [
    clipGates(h, recurrent),
    clipGates(x, forget(bounds.uf)),
    ...biases.map(bias),
  ]);
}
