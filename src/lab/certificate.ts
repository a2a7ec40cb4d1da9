// What proves a recurrent layer stable, computed from its weights alone (Miller & Hardt 2019, section 3).
//
//   tanh RNN   ‖φ(h,x) − φ(h',x)‖₂ ≤ λ‖h − h'‖₂       λ = ‖W‖₂
//   LSTM       ‖φ(s,x) − φ(s',x)‖_∞ ≤ λ‖s − s'‖_∞     λ of optim/lstmBounds.ts;  s = (c, h)
//              ‖φ^r(s) − φ^r(s')‖₂ < ‖s − s'‖₂         r > log √(2H) / log(1/λ),  since ‖·‖₂ ≤ √(2H)‖·‖_∞
//
// The proofs need no bound on what the state is, besides |c| ≤ 1/(1 − F) in the LSTM, which holds from a zero state.

import { fail } from '../graph/check';
import { contraction, forgetBound, type LSTMBounds } from '../optim/lstmBounds';
import { largestRowSum, rowsOf, spectralNorm } from './matrix';
import type { LayerWeights } from './weights';

/** Something that must hold for a certificate, and whether it does. */
export interface Condition {
  readonly name: string;
  readonly value: number;
  readonly bound: number;
  /** value < bound is asked for, not value ≤ bound. */
  readonly strict: boolean;
  readonly holds: boolean;
}

/** A proof that one step of a layer contracts, or why there is none. */
export interface Certificate {
  /** Norm in which one step contracts. */
  readonly norm: 'euclidean' | 'largest';
  /** One step keeps at most this much of a difference between two states. */
  readonly lambda: number;
  /** λ < 1: the state forgets where it began. */
  readonly stable: boolean;
  readonly conditions: readonly Condition[];
  /** L_x: one step makes at most this much, times the difference, of a difference between two inputs. */
  readonly inputGain: number;
  /** No state on the way from zeros is larger, for inputs within the given bound. */
  readonly largestState: number;
}

/** The certificate of an LSTM layer. */
export interface LSTMCertificate extends Certificate {
  /** The layer's own norms. */
  readonly norms: LSTMBounds;
  /** F: no forget gate is ever above it. */
  readonly F: number;
  /** Steps after which a difference is smaller in the Euclidean norm too; null where λ ≥ 1. */
  readonly r: number | null;
}

const condition = (name: string, value: number, bound: number, strict = true): Condition => {
  return { name, value, bound, strict, holds: strict ? value < bound : value <= bound };
};

/** The certificate of a layer of tanh RNN with inputs of Euclidean norm up to `inputBound`. */
export function rnnCertificate({ input, recurrent, bias }: LayerWeights, inputBound = Infinity): Certificate {
  const lambda = spectralNorm(recurrent);
  const inputGain = spectralNorm(input);
  // ‖h‖ ≤ λ‖h‖ + ‖U‖B_x + ‖b‖; and no tanh is above 1.
  const driven = inputGain * inputBound + Math.hypot(...bias);
  const largestState = Math.min(Math.sqrt(recurrent.columns), lambda < 1 ? driven / (1 - lambda) : Infinity);
  return {
    norm: 'euclidean',
    lambda,
    stable: lambda < 1,
    conditions: [condition('‖W‖₂', lambda, 1)],
    inputGain,
    largestState,
  };
}

/** The certificate of a layer of LSTM with inputs of absolute values up to `inputBound`. */
export function lstmCertificate(layer: LayerWeights, inputBound: number): LSTMCertificate {
  const { input, recurrent, bias } = layer;
  const H = recurrent.columns;
  if (recurrent.rows !== 4 * H) {
    fail(`lstmCertificate: the recurrent weights are ${recurrent.rows} rows of ${H}.`, {
      fix: 'give an LSTM layer: four gates of H rows each.',
    });
  }
  if (!(inputBound >= 0)) {
    fail(`lstmCertificate: the inputs are up to ${inputBound}.`, { fix: 'give max |x|, a number.' });
  }
  const [wi, wf, wz, wo] = [0, 1, 2, 3].map((gate) => largestRowSum(rowsOf(recurrent, gate * H, H)));
  const [ui, uf, uz, uo] = [0, 1, 2, 3].map((gate) => largestRowSum(rowsOf(input, gate * H, H)));
  const bf = bias.subarray(H, 2 * H).reduce((most, b) => Math.max(most, Math.abs(b)), 0);
  const norms: LSTMBounds = { wi, wf, wo, wz, uf, bf, x: inputBound };
  const F = forgetBound(norms);
  const lambda = contraction(norms);
  const stable = lambda < 1;
  return {
    norm: 'largest',
    norms,
    F,
    lambda,
    stable,
    r: stable ? Math.floor(Math.log(Math.sqrt(2 * H)) / -Math.log(lambda)) + 1 : null,
    conditions: [
      condition('F', F, 1),
      condition('‖W_i‖_∞', wi, 1 - F),
      condition('‖W_o‖_∞', wo, 1 - F),
      condition('‖W_z‖_∞', wz, (1 - F) / 4, false),
      condition('‖W_f‖_∞', wf, (1 - F) ** 2),
    ],
    // As λ, with U in place of W: the cell's part reaches h too.
    inputGain: ui / 4 + uz + uf / (4 * (1 - F)) + uo / 4,
    largestState: 1 / (1 - F),
  };
}
