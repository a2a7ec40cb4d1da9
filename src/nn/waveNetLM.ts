// A WaveNet that reads text: van den Oord et al. 2016's layers where a language model has its recurrent ones.
//
//   ids → embedding → dropout → gated dilated layers → softmax
//
// It has the methods of the recurrent one and no state: what it knows of the past are the tokens it is given.

import { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import { Dropout } from './dropout';
import { Embedding } from './embedding';
import { Module } from './module';
import type { LayerState } from './recurrent';
import { FullSoftmax } from './softmaxHead';
import type { Memory, StepFunction, Stepwise } from './stepwise';
import { WaveNetBody, type WaveNetBodySettings } from './waveNetBody';

export interface WaveNetLMSettings extends WaveNetBodySettings {
  /** Size of an embedding. */
  readonly embedding: number;
  /** Behind the embedding; there is none in the layers. */
  readonly inputDropout?: number;
}

/** u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens. */
export class WaveNetLM extends Module implements Stepwise {
  readonly encoder: Embedding;
  readonly wavenet: WaveNetBody;
  readonly decoder: FullSoftmax;
  readonly generator: Generator;
  private readonly before: Dropout;

  constructor(vocabulary: number, { embedding, inputDropout = 0, ...settings }: WaveNetLMSettings, seed = 0) {
    super();
    const generator = new Generator(seed);
    this.generator = generator;
    this.encoder = new Embedding(vocabulary, embedding);
    this.wavenet = new WaveNetBody(embedding, settings);
    this.decoder = new FullSoftmax(settings.skipChannels, vocabulary);
    this.before = new Dropout(inputDropout, { generator });
  }

  get receptiveField(): number {
    return this.wavenet.receptiveField;
  }

  /** There is none: a list of no layers. */
  zeroState(): LayerState[] {
    return [];
  }

  /** ids [B, T] to y [B, T, skipChannels], which `loss` takes. Nothing is carried. */
  unroll(ids: Tensor, _states: readonly LayerState[] = []): { y: Tensor; states: LayerState[] } {
    return { y: this.wavenet.forward(this.before.forward(this.encoder.forward(ids))), states: [] };
  }

  /** Mean nats per token, [], of the tokens after each: y [B, T, skipChannels], targets u32 [B, T]. */
  loss(y: Tensor, targets: Tensor): Tensor {
    return this.decoder.loss(y, targets);
  }

  /** The log-probability of every token, [B, T, V], from y [B, T, skipChannels]. */
  logProbabilities(y: Tensor): Tensor {
    return this.decoder.logProbabilities(y);
  }

  /** ids [B, T] to logits [B, T, V]. */
  override forward(ids: Tensor): Tensor {
    return this.decoder.forward(this.unroll(ids).y);
  }
  stepper(memory: Memory): StepFunction {
    const step = this.wavenet.stepper(memory);
    return (ids) => this.decoder.forward(step(this.before.forward(this.encoder.forward(ids))));
  }
}
