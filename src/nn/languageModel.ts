// A recurrent language model, as PyTorch's word_language_model and after it Miller & Hardt 2019 train it:
//
//   ids → embedding → dropout → recurrent layers, dropout between them → dropout → softmax
//
// Characters take the same way as words.

import { callerLine, fail, hereStack } from '../graph/check';
import { Generator } from '../graph/generator';
import {
  checked,
  count,
  finite,
  flag,
  listOf,
  oneOf,
  part,
  positive,
  type Rules,
  whole,
} from '../graph/options';
import type { Tensor } from '../graph/tensor';
import { clamp } from '../ops/elementwise/unary';
import { AdaptiveSoftmax } from './adaptiveSoftmax';
import { Dropout } from './dropout';
import { Embedding } from './embedding';
import { Module } from './module';
import { RECURRENT, makeRecurrent, type LayerState, type Recurrent, type RecurrentName } from './recurrent';
import { FullSoftmax, wordStart, type SoftmaxHead } from './softmaxHead';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** The settings of a recurrent language model. */
export interface LanguageSettings {
  readonly model: RecurrentName;
  /** Size of an embedding. */
  readonly embedding: number;
  /** Standard deviation that embeddings start with; default: U(±0.1) in place of N(0, σ²). */
  readonly embeddingDeviation?: number;
  readonly hidden: number;
  /** Stacked recurrent layers. */
  readonly levels: number;
  /** Behind the embedding, between the recurrent layers, and before the softmax. */
  readonly dropout?: number;
  /** Behind the embedding, where another rate is wanted there. */
  readonly inputDropout?: number;
  /** The softmax uses the embedding's table: embedding and hidden must be equal. */
  readonly tied?: boolean;
  /**
   * Most that an input of the recurrent layers may be, either way, dropout's factor included: B_x in Miller & Hardt's
   * conditions for a stable LSTM.
   */
  readonly inputBound?: number;
  /** Where the parts of an adaptive softmax end, see AdaptiveSoftmax; default, and where the first is 0: a full one. */
  readonly cutoffs?: readonly number[];
  /** Multiplies the initial weights from the embedding to the first recurrent layer. */
  readonly gain?: number;
  /** Where the forget gates' bias of an LSTM starts, see LSTMOptions. */
  readonly forgetBias?: number;
}

/** What settings may be. */
export const LANGUAGE_RULES: Rules<LanguageSettings> = {
  model: oneOf(RECURRENT),
  embedding: count,
  embeddingDeviation: positive,
  hidden: count,
  levels: count,
  dropout: part,
  inputDropout: part,
  tied: flag,
  cutoffs: listOf(whole),
  inputBound: (value) => Number(value) > 0 || 'a number above 0',
  gain: finite,
  forgetBias: finite,
};

/** u32 ids [B, T] to a distribution over the next token at every step. */
export class LanguageModel extends Module implements Stepwise {
  readonly encoder: Embedding;
  readonly decoder: FullSoftmax | AdaptiveSoftmax;
  readonly generator: Generator;
  /** Most that an input of the recurrent layers may be; none: Infinity. */
  readonly inputBound: number;
  private readonly body: () => Recurrent;
  private readonly before: Dropout;
  private readonly after: Dropout;

  constructor(vocabulary: number, settings: LanguageSettings, seed = 0) {
    super();
    checkSettings(settings);
    const { model, embedding, hidden, levels, dropout = 0, inputDropout = dropout } = settings;
    const { tied = false, inputBound = Infinity, cutoffs = [0], gain, forgetBias } = settings;
    const generator = new Generator(seed);
    this.generator = generator;
    this.encoder = new Embedding(vocabulary, embedding, wordStart(settings.embeddingDeviation));
    const options = { layers: levels, dropout, generator, inputGain: gain, forgetBias };
    const body = makeRecurrent(model, embedding, hidden, options);
    Reflect.set(this, model, body);
    this.body = () => body;
    this.decoder = cutoffs[0]
      ? new AdaptiveSoftmax(hidden, vocabulary, cutoffs)
      : new FullSoftmax(hidden, vocabulary, { tied: tied ? this.encoder.weight : undefined });
    this.inputBound = inputBound;
    this.before = new Dropout(inputDropout, { generator });
    this.after = new Dropout(dropout, { generator });
  }

  /** The state before the first token: zeros. */
  zeroState(batch: number): LayerState[] {
    return this.body().zeroState(batch);
  }

  /** ids [B, T] to y [B, T, hidden], which `loss` takes, from given states; and the states after the last step. */
  unroll(ids: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] } {
    const { y, states: after } = this.body().unroll(this.embedded(ids), states);
    return { y: this.after.forward(y), states: after };
  }

  /**
   * Mean nats per token, [], of the tokens after each: y [B, T, hidden], targets u32 [B, T]; `places` make an adaptive
   * softmax cheaper, see there.
   */
  loss(y: Tensor, targets: Tensor, ...places: Tensor[]): Tensor {
    return this.softmax.loss(y, targets, ...places);
  }

  /** The log-probability of every token, [B, T, V], from y [B, T, hidden]. */
  logProbabilities(y: Tensor): Tensor {
    return this.softmax.logProbabilities(y);
  }

  /** ids [B, T] to logits [B, T, V] from a zero state; of an adaptive softmax, to log-probabilities. */
  override forward(ids: Tensor): Tensor {
    return this.decoder.forward(this.unroll(ids, this.zeroState(ids.shape[0])).y);
  }

  stepper(memory: Memory): StepFunction {
    const step = this.body().stepper(memory);
    return (ids) => this.decoder.forward(this.after.forward(step(this.embedded(ids))));
  }

  private embedded(ids: Tensor): Tensor {
    const embedded = this.before.forward(this.encoder.forward(ids));
    const { inputBound: bound } = this;
    return bound < Infinity ? clamp(embedded, -bound, bound) : embedded;
  }

  private get softmax(): SoftmaxHead {
    return this.decoder;
  }
}

function checkSettings(settings: LanguageSettings): void {
  checked('LanguageModel', settings, LANGUAGE_RULES, 'model', 'embedding', 'hidden', 'levels');
  const { embedding, hidden, tied, cutoffs } = settings;
  const at = () => callerLine(hereStack());
  if (tied && embedding !== hidden) {
    fail(`LanguageModel: embedding ${embedding} and hidden ${hidden} cannot be tied.`, {
      at: at(),
      fix: 'make them equal, or do not tie.',
    });
  }
  if (tied && cutoffs?.[0]) {
    fail('LanguageModel: an adaptive softmax has no table to tie to the embedding.', {
      given: `cutoffs ${cutoffs.join(', ')}`,
      at: at(),
      fix: 'leave out the cutoffs, or do not tie.',
    });
  }
}
