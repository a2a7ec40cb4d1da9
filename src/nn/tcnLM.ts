// The language model of Bai, Kolter and Koltun 2018 (arXiv 1803.01271), as their word_cnn and char_cnn:
//
//   ids → embedding → dropout → TCN → softmax, whose table is the embedding's where it is tied
//
// It has the methods of the recurrent one and no state: what it knows of the past are the tokens it is given.

import { callerLine, fail, hereStack } from '../graph/check';
import { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import { AdaptiveSoftmax } from './adaptiveSoftmax';
import { Dropout } from './dropout';
import { Embedding } from './embedding';
import { uniform } from './init';
import { Module } from './module';
import type { LayerState } from './recurrent';
import { FullSoftmax, WORD_BOUND, type SoftmaxHead } from './softmaxHead';
import type { Memory, StepFunction, Stepwise } from './stepwise';
import { TCN } from './tcn';

export interface TCNLMSettings {
  /** Size of an embedding. */
  readonly embedding: number;
  /** Of every level; the last must be as wide as the embedding where they are tied. */
  readonly channels: readonly number[];
  /** Taps: 3 unless given. */
  readonly kernelSize?: number;
  /** Inside the blocks. */
  readonly dropout?: number;
  /** Behind the embedding, where another rate is wanted there. */
  readonly inputDropout?: number;
  /** The softmax uses the embedding's table. */
  readonly tied?: boolean;
  /** Of an adaptive softmax: see AdaptiveSoftmax. A full one unless given, or where the first is 0. */
  readonly cutoffs?: readonly number[];
  /** Multiplies the initial weights of the convolutions. */
  readonly gain?: number;
}

/** `levels` of `hidden` channels, the last as wide as the embedding where the softmax has the embedding's table. */
export function tcnChannels(settings: {
  readonly hidden: number;
  readonly levels: number;
  readonly embedding?: number;
  readonly tied?: boolean;
}): number[] {
  const { hidden, levels, embedding = hidden, tied } = settings;
  return Array.from({ length: levels }, (_, i) => (tied && i === levels - 1 ? embedding : hidden));
}

/**
 * u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens, the
 * current one included; zeros stand before the first of every convolution.
 */
export class TCNLM extends Module implements Stepwise {
  readonly encoder: Embedding;
  readonly tcn: TCN;
  readonly decoder: FullSoftmax | AdaptiveSoftmax;
  readonly generator: Generator;
  private readonly before: Dropout;

  constructor(vocabulary: number, settings: TCNLMSettings, seed = 0) {
    super();
    const { embedding, channels, kernelSize = 3, dropout = 0, inputDropout = dropout, gain } = settings;
    const { tied = false, cutoffs = [0] } = settings;
    checkSettings(settings);
    const generator = new Generator(seed);
    this.generator = generator;
    this.encoder = new Embedding(vocabulary, embedding, uniform(WORD_BOUND));
    this.tcn = new TCN(embedding, channels, { kernelSize, dropout, generator, gain });
    const width = channels.at(-1)!;
    this.decoder = cutoffs[0]
      ? new AdaptiveSoftmax(width, vocabulary, cutoffs)
      : new FullSoftmax(width, vocabulary, tied ? this.encoder.weight : undefined);
    this.before = new Dropout(inputDropout, { generator });
  }

  get receptiveField(): number {
    return this.tcn.receptiveField;
  }

  /** There is none: a list of no layers. */
  zeroState(): LayerState[] {
    return [];
  }

  /** ids [B, T] to y [B, T, width], which `loss` takes. Nothing is carried: there are no states before or after. */
  unroll(ids: Tensor, _states: readonly LayerState[] = []): { y: Tensor; states: LayerState[] } {
    return { y: this.tcn.forward(this.before.forward(this.encoder.forward(ids))), states: [] };
  }

  /** Mean nats per token, [], of the tokens after each; see LanguageModel. */
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
    const step = this.tcn.stepper(memory);
    return (ids) => this.decoder.forward(step(this.before.forward(this.encoder.forward(ids))));
  }

  private get softmax(): SoftmaxHead {
    return this.decoder;
  }
}

function checkSettings({ embedding, channels, tied, cutoffs }: TCNLMSettings): void {
  const at = callerLine(hereStack());
  if (channels.length === 0)
    fail('TCNLM: there are no levels.', { at, fix: 'give channels of at least one.' });
  if (tied && channels.at(-1) !== embedding) {
    fail(`TCNLM: embedding ${embedding} and the last level's ${channels.at(-1)} channels cannot be tied.`, {
      at,
      fix: 'make them equal, or do not tie.',
    });
  }
  if (tied && cutoffs?.[0]) {
    fail('TCNLM: an adaptive softmax has no table to tie to the embedding.', {
      given: `cutoffs ${cutoffs.join(', ')}`,
      at,
      fix: 'leave out the cutoffs, or do not tie.',
    });
  }
}
