// The gated convolutional language model (Dauphin, Fan, Auli & Grangier 2017, arXiv 1612.08083), as fairseq's fconv_lm:
//
//   ids → embedding → dropout → gated convolutions over time → softmax, full or adaptive
//
// It has the methods of the recurrent one and no state: what it knows of the past are the tokens it is given.

import { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import { AdaptiveSoftmax } from './adaptiveSoftmax';
import { Dropout } from './dropout';
import { Embedding } from './embedding';
import { GatedConv, type ConvLayer, type GatedUnit } from './gatedConv';
import { normal } from './init';
import { Module } from './module';
import type { LayerState } from './recurrent';
import { FullSoftmax, type SoftmaxHead } from './softmaxHead';
import type { Memory, StepFunction, Stepwise } from './stepwise';

export interface GatedConvSettings {
  /** Size of an embedding. */
  readonly embedding: number;
  readonly layers: readonly ConvLayer[];
  /** Behind the embedding and before every layer. */
  readonly dropout?: number;
  /** Behind the embedding, where another rate is wanted there. */
  readonly inputDropout?: number;
  /** glu unless given. */
  readonly activation?: GatedUnit;
  /** Of an adaptive softmax: see AdaptiveSoftmax. A full one unless given, or where the first is 0. */
  readonly cutoffs?: readonly number[];
  /** Multiplies the initial weights of the convolutions. */
  readonly gain?: number;
}

/**
 * u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens, the
 * current one included; zeros stand before the first. Embeddings start at N(0, 0.1²), the softmax as a LanguageModel's.
 */
export class GatedConvLM extends Module implements Stepwise {
  readonly encoder: Embedding;
  readonly gcnn: GatedConv;
  readonly decoder: FullSoftmax | AdaptiveSoftmax;
  readonly generator: Generator;
  private readonly before: Dropout;

  constructor(vocabulary: number, settings: GatedConvSettings, seed = 0) {
    super();
    const { embedding, layers, dropout = 0, inputDropout = dropout, activation, cutoffs, gain } = settings;
    const generator = new Generator(seed);
    this.generator = generator;
    this.encoder = new Embedding(vocabulary, embedding, normal(0.1));
    this.gcnn = new GatedConv(embedding, layers, { dropout, generator, activation, gain });
    const { width } = this.gcnn;
    this.decoder = cutoffs?.[0]
      ? new AdaptiveSoftmax(width, vocabulary, cutoffs)
      : new FullSoftmax(width, vocabulary);
    this.before = new Dropout(inputDropout, { generator });
  }

  get receptiveField(): number {
    return this.gcnn.receptiveField;
  }

  /** There is none: a list of no layers. */
  zeroState(): LayerState[] {
    return [];
  }

  /** ids [B, T] to y [B, T, width], which `loss` takes. Nothing is carried: there are no states before or after. */
  unroll(ids: Tensor, _states: readonly LayerState[] = []): { y: Tensor; states: LayerState[] } {
    return { y: this.gcnn.forward(this.before.forward(this.encoder.forward(ids))), states: [] };
  }

  /**
   * Mean nats per token, [], of the tokens after each: y [B, T, width], targets u32 [B, T]; `places` make an adaptive
   * softmax cheaper, see there.
   */
  loss(y: Tensor, targets: Tensor, ...places: Tensor[]): Tensor {
    return this.softmax.loss(y, targets, ...places);
  }

  /** The log-probability of every token, [B, T, V], from y [B, T, width]. */
  logProbabilities(y: Tensor): Tensor {
    return this.softmax.logProbabilities(y);
  }

  /** ids [B, T] to logits [B, T, V]; of an adaptive softmax, to log-probabilities. */
  override forward(ids: Tensor): Tensor {
    return this.decoder.forward(this.unroll(ids).y);
  }

  stepper(memory: Memory): StepFunction {
    const step = this.gcnn.stepper(memory);
    return (ids) => this.decoder.forward(step(this.before.forward(this.encoder.forward(ids))));
  }

  private get softmax(): SoftmaxHead {
    return this.decoder;
  }
}
