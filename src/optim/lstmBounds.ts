// Bounds on an LSTM's weights under which it is stable: what a projection keeps to and a certificate checks.
//
//   s = (c, h),  F = σ(‖W_f‖ + B_x·‖U_f‖ + max|b_f|),  so no forget gate is ever above F and |c| ≤ 1/(1 − F)
//   ‖s' − t'‖ ≤ λ·‖s − t‖   in ∞-norms, with   λ = F + ‖W_i‖/4 + ‖W_z‖ + ‖W_f‖/(4(1 − F)) + ‖W_o‖/4
//
// W: recurrent weights, U: input weights, ‖·‖: largest absolute row sum. Miller & Hardt 2019 (arXiv 1805.10369),
// proposition 2, whose four conditions give λ < 1.

import { fail } from '../graph/check';
import { checked, positive } from '../graph/options';

/** Largest absolute row sums ‖·‖ of the gates' weights (a row: what reaches one unit), and the like. */
export interface LSTMBounds {
  /** ‖W_i‖, of the input gate. */
  readonly wi: number;
  /** ‖W_f‖, of the forget gate. */
  readonly wf: number;
  /** ‖W_o‖, of the output gate. */
  readonly wo: number;
  /** ‖W_z‖, of the new cell value (PyTorch's g). */
  readonly wz: number;
  /** ‖U_f‖, from the input to the forget gate. */
  readonly uf: number;
  /** max |b_f|, both of PyTorch's biases together. */
  readonly bf: number;
  /** B_x, the largest absolute value in an input. */
  readonly x: number;
}

/**
 * What the author's code projects to (millerjohnp/examples, main.py), there by columns. It leaves b_f free, so these
 * bounds alone prove nothing; with b_f = 0 they give λ = 0.99324.
 */
export const AUTHOR_CODE: LSTMBounds = {
  wi: 0.395,
  wf: 0.155,
  wo: 0.395,
  wz: 0.099,
  uf: 0.25,
  bf: Infinity,
  x: 1,
};

/** The constants of the paper's version 4, as they are remembered: λ = 0.99605. */
export const PAPER_V4: LSTMBounds = {
  wi: 0.36,
  wf: 0.128,
  wo: 0.36,
  wz: 0.09,
  uf: 0.25,
  bf: 0.25,
  x: 0.75,
};

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** F: no forget gate within these bounds is above it. */
export const forgetBound = ({ wf, uf, bf, x }: LSTMBounds): number => sigmoid(wf + x * uf + bf);

/** λ: the most that a step of an LSTM within these bounds keeps of a difference of states, in ∞-norm. ∞ if F is 1. */
export function contraction(bounds: LSTMBounds): number {
  const { wi, wf, wo, wz } = bounds;
  const F = forgetBound(bounds);
  return F < 1 ? F + wi / 4 + wz + wf / (4 * (1 - F)) + wo / 4 : Infinity;
}

/** What the bounds of an LSTM are computed for. */
export interface BoundsOptions {
  /** B_x, the largest absolute value in an input; default: 1. */
  readonly x?: number;
}

/** Stays inside the bound after rounding to f32. */
const MARGIN = 1e-6;

/**
 * Bounds of which `contraction` is λ, a little less because of rounding. The part of λ above ½ is shared out: a
 * quarter raises F, the rest goes to the weights in the proportions of the proposition (W_i : W_o : W_z : W_f =
 * 1 : 1 : ¼ : 1 − F). What F leaves its gate besides W_f is halved between U_f·B_x and b_f. λ must be above ½: a gate
 * whose bias may be 0 is half open.
 */
export function boundsFor(lambda: number, options: BoundsOptions = {}): LSTMBounds {
  const { x = 1 } = checked('boundsFor', options, { x: positive });
  if (!(lambda > 0.5 && lambda < 1)) {
    fail(`boundsFor: λ is ${lambda}, the inputs are up to ${x}.`, {
      fix: 'give λ between ½ and 1 (F alone is at least σ(0) = ½), and a bound on inputs above 0.',
    });
  }
  const F = 0.5 + (lambda - 0.5) / 4;
  const share = ((lambda - F) / (1 - F)) * (1 - MARGIN);
  const wf = share * (1 - F) ** 2;
  const rest = (Math.log(F / (1 - F)) - wf) * (1 - MARGIN);
  return {
    wi: share * (1 - F),
    wf,
    wo: share * (1 - F),
    wz: (share * (1 - F)) / 4,
    uf: rest / 2 / x,
    bf: rest / 2,
    x,
  };
}
