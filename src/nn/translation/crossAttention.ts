// Attention of one sequence to another, with its projections, under the names of fairseq's MultiheadAttention.

import { flag, checked, type Rules } from '../../graph/options';
import type { Initial } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { attention, attentionWeights } from '../../ops/attention/attention';
import { mean } from '../../ops/reduce/reduce';
import { Linear } from '../linear';
import { Module } from '../module';
import { attentionStart, checkHeadsOf } from '../transformer/selfAttention';

/** What is listened to: keys and values [B, S, C], and of each row how many there are, u32 [B]. */
export interface Heard {
  readonly keys: Tensor;
  readonly values: Tensor;
  readonly lengths?: Tensor;
}

const OPTIONS: Rules<{ readonly bias?: boolean }> = { bias: flag };

/** Multi-head attention of x [B, T, C] to another sequence [B, S, C]: [B, T, C]. */
export class CrossAttention extends Module {
  readonly q_proj: Linear;
  readonly k_proj: Linear;
  readonly v_proj: Linear;
  readonly out_proj: Linear;

  constructor(
    width: number,
    readonly heads: number,
    options: { readonly bias?: boolean } = {},
  ) {
    super();
    checkHeadsOf('CrossAttention', width, heads);
    const { bias = true } = checked('CrossAttention', options, OPTIONS);
    const biasValues = bias ? Array<number>(width).fill(0) : undefined;
    const linear = (weight?: Initial) => new Linear(width, width, { bias, biasValues, weight });
    this.q_proj = linear(attentionStart(width));
    this.k_proj = linear(attentionStart(width));
    this.v_proj = linear(attentionStart(width));
    this.out_proj = linear();
  }

  /** Keys and values of the other sequence [B, S, C], to be computed once. */
  heard(source: Tensor): { keys: Tensor; values: Tensor } {
    return { keys: this.k_proj.forward(source), values: this.v_proj.forward(source) };
  }

  /** `heard`: of the other sequence; default: of x itself. */
  override forward(x: Tensor, heard: Heard = this.heard(x)): Tensor {
    const { keys, values, lengths } = heard;
    return this.out_proj.forward(
      attention(this.q_proj.forward(x), keys, values, { heads: this.heads, lengths }),
    );
  }

  /** How much of each position of the other x looks at, [B, T, S], the mean over heads. */
  weights(x: Tensor, { keys, lengths }: Omit<Heard, 'values'>): Tensor {
    return mean(attentionWeights(this.q_proj.forward(x), keys, { heads: this.heads, lengths }), 1);
  }
}
