// The attention of ConvS2S (Gehring et al. 2017, arXiv 1705.03122, section 3.3), one in every layer of the decoder:
//
//   d = (W_in h + g) · √½          h: what the convolution gives, g: the embedding of the token before
//   c = Σ_s softmax_s(d · z_s) v_s
//   h ← (W_out c + h) · √½

import type { Tensor } from '../../graph/tensor';
import { attention, attentionWeights } from '../../ops/attention/attention';
import { add } from '../../ops/elementwise/binary';
import { scale } from '../../ops/elementwise/unary';
import { reshape } from '../../ops/layout/view';
import { fill, normal } from '../init';
import { Module } from '../module';
import type { StepFunction } from '../stepwise';
import { WeightNormConv, WeightNormLinear } from '../weightNorm';
import type { Heard } from './crossAttention';

/** A layer with weight norm as a function: all at once, or a step. */
export type By = (layer: WeightNormConv | WeightNormLinear) => StepFunction;

/** All positions at once. */
export const whole: By = (layer) => (x) => layer.forward(x);

/** A sum of two that vary as one of them does. */
export const halved = (a: Tensor, b: Tensor): Tensor => scale(add(a, b), Math.SQRT1_2);

/** A linear layer as fairseq's FConvModel starts it: N(0, (1 − dropout) / inputs), and no bias at first. */
export const linearFrom = (inputs: number, outputs: number, dropout = 0): WeightNormLinear =>
  new WeightNormLinear(inputs, outputs, { weight: normal(Math.sqrt((1 - dropout) / inputs)), bias: fill(0) });

/** A convolution in front of a GLU, likewise: N(0, 4 (1 − dropout) / (taps · inputs)). */
export const convFrom = (inputs: number, width: number, taps: number, dropout: number): WeightNormConv => {
  const weight = normal(Math.sqrt((4 * (1 - dropout)) / (taps * inputs)));
  return new WeightNormConv(inputs, 2 * width, taps, 1, { weight, bias: fill(0) });
};

/** Attention of one layer to the source. */
export class ConvAttention extends Module {
  readonly in_projection: WeightNormLinear;
  readonly out_projection: WeightNormLinear;

  constructor(channels: number, embedding: number) {
    super();
    this.in_projection = linearFrom(channels, embedding);
    this.out_projection = linearFrom(embedding, channels);
  }

  /** h [B, T, channels], told the embeddings [B, T, E], to the same and what of the source it asks for. */
  listen(h: Tensor, embedded: Tensor, { keys, values, lengths }: Heard, by: By): Tensor {
    const context = attention(this.asks(h, embedded, by), keys, values, { scale: 1, lengths });
    return halved(by(this.out_projection)(context), h);
  }

  /** Its weights, [B, T, S]. */
  weights(h: Tensor, embedded: Tensor, { keys, lengths }: Heard): Tensor {
    const weights = attentionWeights(this.asks(h, embedded, whole), keys, { scale: 1, lengths });
    const [B, , T, S] = weights.shape;
    return reshape(weights, [B, T, S]);
  }

  /** h is told nothing and hears itself. */
  override forward(h: Tensor): Tensor {
    const embedded = this.in_projection.forward(h);
    return this.listen(h, embedded, { keys: embedded, values: embedded }, whole);
  }

  private asks(h: Tensor, embedded: Tensor, by: By): Tensor {
    return halved(by(this.in_projection)(h), embedded);
  }
}
