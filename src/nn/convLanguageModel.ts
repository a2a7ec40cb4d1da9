// What convolutional language models share, around the convolutions that make each of them:
//
//   ids → embedding → dropout → convolutions over time → softmax, full or adaptive
//
// They have the methods of a recurrent one and no state: what they know of the past are the tokens they are given.

import type { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import type { AdaptiveSoftmax } from './adaptiveSoftmax';
import { Dropout } from './dropout';
import type { Embedding } from './embedding';
import { Module } from './module';
import type { LayerState } from './recurrent';
import type { FullSoftmax, SoftmaxHead } from './softmaxHead';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** [B, T, inputs] to [B, T, width], each step from the last `receptiveField` ones. */
export interface ConvBody extends Module, Stepwise {
  readonly receptiveField: number;
}

/** The parts of a language model of convolutions. */
export interface ConvParts {
  readonly encoder: Embedding;
  /** By the name that it has in a checkpoint. */
  readonly body: Readonly<Record<string, ConvBody>>;
  readonly decoder: FullSoftmax | AdaptiveSoftmax;
  /** Behind the embedding. */
  readonly inputDropout: number;
  readonly generator: Generator;
}

/** u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens. */
export abstract class ConvLanguageModel extends Module implements Stepwise {
  readonly encoder: Embedding;
  readonly decoder: FullSoftmax | AdaptiveSoftmax;
  readonly generator: Generator;
  private readonly body: () => ConvBody;
  private readonly before: Dropout;

  protected constructor({ encoder, body, decoder, inputDropout, generator }: ConvParts) {
    super();
    this.generator = generator;
    this.encoder = encoder;
    Object.assign(this, body);
    const [only] = Object.values(body);
    this.body = () => only;
    this.decoder = decoder;
    this.before = new Dropout(inputDropout, { generator });
  }

  get receptiveField(): number {
    return this.body().receptiveField;
  }

  /** There is none: a list of no layers. */
  zeroState(): LayerState[] {
    return [];
  }

  /** ids [B, T] to y [B, T, width], which `loss` takes. Nothing is carried: there are no states before or after. */
  unroll(ids: Tensor, _states: readonly LayerState[] = []): { y: Tensor; states: LayerState[] } {
    return { y: this.body().forward(this.embedded(ids)), states: [] };
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
    const step = this.body().stepper(memory);
    return (ids) => this.decoder.forward(step(this.embedded(ids)));
  }

  private embedded(ids: Tensor): Tensor {
    return this.before.forward(this.encoder.forward(ids));
  }

  private get softmax(): SoftmaxHead {
    return this.decoder;
  }
}
