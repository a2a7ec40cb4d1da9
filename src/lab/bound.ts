// How large k must be by theory: how far a truncated model can be from the recurrent one (Miller & Hardt 2019).
//
//   one layer    ‖h[t] − h^k[t]‖ ≤ λ^k·R         R: the largest state; for a tanh RNN without bias L_x·B_x/(1 − λ)
//   layer l      Δ_l(k) ≤ λ_l·Δ_l(k−1) + L_l·Δ_(l−1)(k),   Δ_l(0) = R_l,      L_l: its gain from inputs
//   output       ‖y[t] − y^k[t]‖₂ ≤ L_f·‖h[t] − h^k[t]‖₂
//
// So for one layer  k ≥ log(L_f·R/ε) / log(1/λ)  suffices.

import { lstmCertificate, rnnCertificate, type Certificate } from './certificate';
import type { RecurrentWeights } from './weights';

/** What is compared: all of the top layer's state, or the model's output. */
export type Quantity = 'state' | 'output';

/** What a bound on the truncation error is computed for. */
export interface BoundOptions {
  /**
   * B_x, the largest input of the first recurrent layer: its Euclidean norm for an RNN, its largest absolute value
   * for an LSTM.
   */
  readonly inputBound: number;
  readonly of: Quantity;
  /** L_f, of the function from the top layer's h to the output. */
  readonly outputLipschitz: number;
}

/** A bound on what a truncation changes, from the weights alone. */
export interface TruncationBound {
  /** One for every layer. */
  readonly certificates: readonly Certificate[];
  /** The bound on the Euclidean distance after k inputs; null where there is none. */
  readonly at: ((k: number) => number) | null;
  /** Why there is none. */
  readonly why: string | null;
}

/** The bound for a stack of tanh RNNs or LSTMs. */
export function truncationBound(weights: RecurrentWeights, options: BoundOptions): TruncationBound {
  const { kind, layers, hidden } = weights;
  const { inputBound, of, outputLipschitz } = options;
  if (kind === 'gru')
    return { certificates: [], at: null, why: 'there is no bound: none is known for a GRU.' };
  const certificates: Certificate[] = [];
  for (const layer of layers) {
    // A layer below is at most √H long, in Euclidean norm, and below 1 in every unit.
    const below = kind === 'rnn' ? (certificates.at(-1)?.largestState ?? inputBound) : 1;
    const bound = certificates.length ? below : inputBound;
    certificates.push(kind === 'rnn' ? rnnCertificate(layer, bound) : lstmCertificate(layer, bound));
  }
  const unstable = certificates.findIndex(({ stable }) => !stable);
  if (unstable >= 0) {
    const { lambda } = certificates[unstable];
    const why = `there is no bound: λ = ${lambda.toPrecision(4)} of layer ${unstable} is not below 1.`;
    return { certificates, at: null, why };
  }
  // An LSTM's Δ is in ∞-norm, over h and c.
  const width = kind === 'rnn' ? 1 : Math.sqrt(of === 'state' ? 2 * hidden : hidden);
  const factor = width * (of === 'output' ? outputLipschitz : 1);
  const at = (k: number): number => factor * distances(certificates, k).at(-1)!;
  return { certificates, at, why: null };
}

/** Δ of every layer after k inputs. */
function distances(certificates: readonly Certificate[], k: number): number[] {
  if (certificates.length === 1) return [certificates[0].lambda ** k * certificates[0].largestState];
  let now = certificates.map(({ largestState }) => largestState);
  for (let j = 0; j < k; j++) now = advance(certificates, now);
  return now;
}

function advance(certificates: readonly Certificate[], before: readonly number[]): number[] {
  const now: number[] = [];
  certificates.forEach(({ lambda, inputGain, largestState }, l) => {
    const fromBelow = l ? inputGain * now[l - 1] : 0;
    now.push(Math.min(largestState, lambda * before[l] + fromBelow));
  });
  return now;
}

/** The smallest k whose bound is at most ε; null where there is no bound. */
export function boundedK({ at }: TruncationBound, epsilon: number): number | null {
  if (!at) return null;
  // The bound falls with k: double, then halve.
  let high = 1;
  while (at(high) > epsilon) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (at(middle) > epsilon) low = middle;
    else high = middle;
  }
  return high;
}
