// Additive attention with its projections, under the names of NVIDIA's GNMT.

import type { Parameter } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { additiveAttention, additiveAttentionWeights } from '../../ops/attention/additiveAttention';
import { fill, parameter, uniform } from '../init';
import { Linear } from '../linear';
import { Module } from '../module';
import type { Encoding } from './translator';

/**
 * Attention of Bahdanau, Cho & Bengio 2015 (arXiv 1409.0473): score(q, k) = v · tanh(W_q q + W_k k); normed, as in
 * gnmt_v2: g · v / ‖v‖ · tanh(W_q q + W_k k + b). The means are of annotations themselves, not of their keys.
 */
export class AdditiveScores extends Module {
  readonly linear_q: Linear;
  readonly linear_k: Linear;
  readonly linear_att: Parameter;
  readonly normalize_scalar: Parameter | null;
  readonly normalize_bias: Parameter | null;

  constructor(queries: number, heard: number, width: number, normed: boolean) {
    super();
    this.linear_q = new Linear(queries, width, { bias: false });
    this.linear_k = new Linear(heard, width, { bias: false });
    this.linear_att = parameter([width], uniform(1 / Math.sqrt(width)));
    this.normalize_scalar = normed ? parameter([1], fill(1 / Math.sqrt(width))) : null;
    this.normalize_bias = normed ? parameter([width], fill(0)) : null;
  }

  /** What an encoding holds of annotations [B, S, heard]: they, and their keys, computed once. */
  heard(annotations: Tensor): { annotations: Tensor; keys: Tensor } {
    return { annotations, keys: this.linear_k.forward(annotations) };
  }

  /** Queries [B, T, queries] to the annotations' weighted means, [B, T, heard]. */
  override forward(queries: Tensor, encoding?: Encoding): Tensor {
    const { annotations, keys } = encoding!;
    return additiveAttention(
      this.linear_q.forward(queries),
      keys,
      annotations,
      this.linear_att,
      this.form(encoding!),
    );
  }

  /** The weights, [B, T, S]. */
  weights(queries: Tensor, encoding: Encoding): Tensor {
    const { annotations, keys } = encoding;
    const projected = this.linear_q.forward(queries);
    return additiveAttentionWeights(projected, keys, annotations, this.linear_att, this.form(encoding));
  }

  private form({ lengths }: Encoding) {
    const { normalize_scalar, normalize_bias } = this;
    return { lengths, gain: normalize_scalar ?? undefined, bias: normalize_bias ?? undefined };
  }
}
