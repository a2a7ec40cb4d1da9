// The constraints that make a recurrent layer stable: its state map contracts, whatever the input, so that it forgets
// exponentially fast (Miller & Hardt 2019).

import { callerLine, fail, hereStack } from '../graph/check';
import { checked, object, positive, type Rules } from '../graph/options';
import { GRU, LSTM, RNN } from '../nn/recurrent';
import type { Module } from '../nn/module';
import type { Constraint } from '../optim/constraint';
import { GATE_NORM_RULES, gateNorms, type GateNormOptions, type LSTMParameters } from '../optim/gateNorms';
import { boundsFor, type LSTMBounds } from '../optim/lstmBounds';
import { spectralNorm } from '../optim/spectralNorm';

/** How stable a recurrent layer is kept. */
export interface StableOptions extends GateNormOptions {
  /**
   * How much of a difference of states a step may keep. Of a tanh RNN the bound on ‖W_hh‖₂, in (0, 1], 1 as published
   * but strictly stable only below; of an LSTM the factor in ∞-norm, in (½, 1).
   */
  readonly lambda?: number;
  /** Bounds of an LSTM, in place of λ: AUTHOR_CODE, PAPER_V4 or your own. */
  readonly bounds?: LSTMBounds;
}

const RULES: Rules<StableOptions> = {
  ...GATE_NORM_RULES,
  bounds: object,
  lambda: (value) => (positive(value) === true && Number(value) <= 1) || 'a number above 0 and at most 1',
};

/**
 * For an optimizer's `constraints`. Of a tanh RNN only W_hh is constrained; of an LSTM see gateNorms, and its inputs
 * must be bounded as the bounds say. Every layer of a stack.
 */
export function stable(layer: Module, options: StableOptions): Constraint[] {
  const { lambda } = checked('stable', options, RULES);
  const refuse = (what: string, fix: string): never =>
    fail(`stable: ${what}.`, { at: callerLine(hereStack()), fix });
  if (layer instanceof RNN) {
    if (lambda === undefined) refuse('an RNN needs λ', 'give { lambda: 0.99 }.');
    return layersOf(layer, layer.layers).map(({ wh }) => spectralNorm(wh, lambda!));
  }
  if (layer instanceof LSTM) {
    if (lambda === undefined && !options.bounds) refuse('an LSTM needs λ or bounds', 'give one of them.');
    const bounds = options.bounds ?? boundsFor(lambda!);
    return layersOf(layer, layer.layers).map((one) => gateNorms(one, bounds, { variant: options.variant }));
  }
  const why = layer instanceof GRU ? 'no projection is known for a GRU' : 'there is no recurrence in it';
  return refuse(`${layer.constructor.name} cannot be made stable: ${why}`, 'give an nn.RNN or an nn.LSTM.');
}

function layersOf(layer: Module, layers: number): LSTMParameters[] {
  const all = layer.namedParameters();
  return Array.from({ length: layers }, (_, l) => {
    const [wx, wh, bx, bh] = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((name) =>
      all.get(`${name}_l${l}`),
    );
    return { wx: wx!, wh: wh!, bx, bh };
  });
}
