// Attention of a sequence to itself, with its projections, and where the matrices of a Transformer's layers start.

import { check } from '../../graph/check';
import { checkSizes } from '../../graph/options';
import type { Initial, Parameter, State } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { cachedAttention } from '../../ops/attention/cachedAttention';
import { selfAttention } from '../../ops/attention/selfAttention';
import { reshape, slice } from '../../ops/layout/view';
import { writeAt } from '../../ops/layout/writeAt';
import { matmul } from '../../ops/matmul/matmul';
import { fill, normal, parameter, transposed, uniform } from '../init';
import { Linear, type LinearOptions } from '../linear';
import { Module } from '../module';

/** The deviation that GPT-2 draws all matrices with (Radford et al. 2019). */
export const GPT2_DEVIATION = 0.02;

/** What a layer's matrices and biases are made with. */
export interface LayerStart {
  /** Whether there are biases; default: true. */
  readonly bias?: boolean;
  /**
   * GPT-2's start: matrices N(0, 0.02²), those before a sum N(0, 0.02² / (2 · layers)), biases 0. Here is the number of
   * layers; PyTorch's start where it is left out.
   */
  readonly gpt2Layers?: number;
}

/** What a layer's attention is made with. */
export interface SelfAttentionSettings extends LayerStart {
  /** Whether a position sees none behind itself; default: true. */
  readonly causal?: boolean;
}

/** The start of a matrix whose product is added to a sum of 2 · layers others; undefined: PyTorch's. */
export const beforeSum = ({ gpt2Layers }: LayerStart): Initial | undefined =>
  gpt2Layers ? normal(GPT2_DEVIATION / Math.sqrt(2 * gpt2Layers)) : undefined;

/** The start of every other matrix. */
export const elsewhere = ({ gpt2Layers }: LayerStart): Initial | undefined =>
  gpt2Layers ? normal(GPT2_DEVIATION) : undefined;

const zeros = (size: number): number[] => Array<number>(size).fill(0);

/** Options of a Linear for its bias: at PyTorch's start, at GPT-2's, or none. */
export const biasOf = ({ bias, gpt2Layers }: LayerStart, size: number): LinearOptions =>
  bias && gpt2Layers ? { bias, biasValues: zeros(size) } : { bias };

/** Refuses heads that do not cut the columns into parts of a width that attention has. */
export function checkHeadsOf(layer: string, width: number, heads: number): void {
  checkSizes(layer, { width, heads });
  const text = `${layer}: ${heads} heads of ${width} columns have ${width / heads} each`;
  check(width % (4 * heads) === 0, text, 'give heads that cut the columns into multiples of 4');
}

/** Glorot's start of the matrices to queries, keys and values, all three as one: torch.nn.MultiheadAttention's. */
export const attentionStart = (width: number): Initial => uniform(Math.sqrt(6 / (4 * width)));

/**
 * torch.nn.MultiheadAttention of a sequence to itself: [B, T, C] to [B, T, C]. The projections to queries, keys and
 * values are one product.
 */
export class SelfAttention extends Module {
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter | null;
  readonly out_proj: Linear;
  private readonly causal: boolean;

  constructor(
    readonly width: number,
    readonly heads: number,
    start: SelfAttentionSettings = {},
  ) {
    super();
    checkHeadsOf('SelfAttention', width, heads);
    const { bias = true, causal = true } = start;
    this.causal = causal;
    this.in_proj_weight = transposed(width, 3 * width, elsewhere(start) ?? attentionStart(width));
    this.in_proj_bias = bias ? parameter([3 * width], fill(0)) : null;
    const biasValues = bias ? zeros(width) : undefined;
    this.out_proj = new Linear(width, width, { bias, biasValues, weight: beforeSum(start) });
  }

  /** `lengths`, u32 [B]: how many positions of a row there are, where others are padding. */
  override forward(x: Tensor, lengths?: Tensor): Tensor {
    const { heads, causal } = this;
    return this.out_proj.forward(selfAttention(this.project(x), { heads, causal, lengths }));
  }

  /** One position further: x [B, 1, C] at `position`, u32 [1]; `kept` [B, length, 2·C] is a ring of keys and values. */
  step(x: Tensor, kept: State, position: Tensor): Tensor {
    const { width, heads } = this;
    const qkv = this.project(x);
    const own = reshape(slice(qkv, -1, width), [x.shape[0], 2 * width]);
    const sofar = writeAt(kept, position, own);
    return this.out_proj.forward(cachedAttention(slice(qkv, -1, 0, width), sofar, position, { heads }));
  }

  private project(x: Tensor): Tensor {
    return matmul(x, this.in_proj_weight, { bias: this.in_proj_bias ?? undefined });
  }
}
