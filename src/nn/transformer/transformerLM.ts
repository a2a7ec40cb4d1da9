// A Transformer as a language model: Vaswani et al. 2017's decoder without an encoder to listen to.
//
//   ids → embedding · √size + positions → dropout → layers → softmax
//
// It sees a segment and nothing before it: no state is carried from one to the next.

import { callerLine, fail, hereStack } from '../../graph/check';
import { Generator } from '../../graph/generator';
import { checked, count, flag, listOf, oneOf, part, type Rules, whole } from '../../graph/options';
import type { Parameter } from '../../graph/state';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { scale } from '../../ops/elementwise/unary';
import { AdaptiveSoftmax } from '../adaptiveSoftmax';
import { Dropout } from '../dropout';
import { Embedding } from '../embedding';
import { normal } from '../init';
import { Module } from '../module';
import { Positions } from '../positions';
import type { LayerState } from '../recurrent';
import { GPT2_DEVIATION } from './selfAttention';
import { FullSoftmax, type SoftmaxHead } from '../softmaxHead';
import type { Memory, StepFunction, Stepwise } from '../stepwise';
import { Transformer } from './transformer';

/** The settings of a language model that is a Transformer. */
export interface TransformerSettings {
  /** Columns of everything between layers. */
  readonly hidden: number;
  readonly levels: number;
  readonly heads: number;
  /** Units inside the feed-forward nets; default: 4 · hidden. */
  readonly feedForward?: number;
  /** The most positions of a sequence. */
  readonly length: number;
  /** Dropout of embeddings with their positions, and inside the layers. */
  readonly dropout?: number;
  /** Norms before what they are for, or behind the sum as published; see Transformer. */
  readonly norm?: 'pre' | 'post';
  /** Default: sines, as published. */
  readonly positions?: 'sinusoidal' | 'learned';
  /** The softmax uses the embedding's table. */
  readonly tied?: boolean;
  /** Where the head and the tails of an adaptive softmax end; default, and where the first is 0: a full one. */
  readonly cutoffs?: readonly number[];
  /** Label smoothing of a training step, see crossEntropy. */
  readonly smoothing?: number;
  /** What stands inside the feed-forward nets; default: relu. */
  readonly nonlinearity?: 'relu' | 'gelu';
  /** Whether products, norms and the softmax have biases; default: true. */
  readonly bias?: boolean;
  /** Where all parameters start; default: pytorch. gpt2: N(0, 0.02²), and less before sums, see Transformer. */
  readonly initial?: 'pytorch' | 'gpt2';
  /** Whether embeddings are multiplied by √hidden, as published; default: true. */
  readonly scaleEmbedding?: boolean;
}

/** What settings may be. */
export const TRANSFORMER_RULES: Rules<TransformerSettings> = {
  hidden: count,
  levels: count,
  heads: count,
  feedForward: count,
  length: count,
  dropout: part,
  norm: oneOf(['pre', 'post']),
  positions: oneOf(['sinusoidal', 'learned']),
  tied: flag,
  cutoffs: listOf(whole),
  smoothing: part,
  nonlinearity: oneOf(['relu', 'gelu']),
  bias: flag,
  initial: oneOf(['pytorch', 'gpt2']),
  scaleEmbedding: flag,
};

/** "Base" of the paper's table 3, without what it calls the encoder. */
export const TRANSFORMER_BASE = {
  hidden: 512,
  levels: 6,
  heads: 8,
  feedForward: 2048,
  dropout: 0.1,
  smoothing: 0.1,
  norm: 'post',
  positions: 'sinusoidal',
  tied: true,
} as const satisfies Omit<TransformerSettings, 'length'>;

/** u32 ids [B, T] to a distribution over the next token at every step. */
export class TransformerLM extends Module implements Stepwise {
  readonly encoder: Embedding;
  readonly position: Positions;
  readonly transformer_encoder: Transformer;
  readonly decoder: FullSoftmax | AdaptiveSoftmax;
  readonly generator: Generator;
  private readonly dropout: Dropout;
  private readonly embeddingScale: number;

  constructor(vocabulary: number, settings: TransformerSettings, seed = 0) {
    super();
    checkSettings(settings);
    const { hidden, levels: layers, heads, feedForward, length, dropout = 0, norm } = settings;
    const { nonlinearity, bias, initial, scaleEmbedding = true } = settings;
    const generator = new Generator(seed);
    const deviation = initial === 'gpt2' ? GPT2_DEVIATION : 1 / Math.sqrt(hidden);
    this.generator = generator;
    this.encoder = new Embedding(vocabulary, hidden, normal(deviation));
    this.embeddingScale = scaleEmbedding ? Math.sqrt(hidden) : 1;
    this.position = new Positions(length, hidden, settings.positions === 'learned', deviation);
    this.transformer_encoder = new Transformer(hidden, {
      heads,
      layers,
      feedForward,
      dropout,
      norm,
      nonlinearity,
      bias,
      initial,
      generator,
    });
    this.decoder = headOf(vocabulary, settings, this.encoder.weight);
    this.dropout = new Dropout(dropout, { generator });
  }

  /** None: what a position sees is computed from the segment alone. */
  zeroState(_batch: number): LayerState[] {
    return [];
  }

  /** ids [B, T] to y [B, T, hidden], which `loss` takes. There are no states. */
  unroll(ids: Tensor, states: readonly LayerState[] = []): { y: Tensor; states: LayerState[] } {
    if (states.length) {
      fail(`TransformerLM: it carries no state, but ${states.length} were given.`, {
        at: callerLine(hereStack()),
        fix: 'give none; to go on from what was read, use stepper.',
      });
    }
    const x = add(this.embedded(ids), this.position.forward(ids));
    return { y: this.transformer_encoder.forward(this.dropout.forward(x)), states: [] };
  }

  /** Mean nats per token, [], of the tokens after each; see LanguageModel. */
  loss(y: Tensor, targets: Tensor, ...places: Tensor[]): Tensor {
    return this.softmax.loss(y, targets, ...places);
  }

  /** The log-probability of every token, [B, T, V], from y [B, T, hidden]. */
  logProbabilities(y: Tensor): Tensor {
    return this.softmax.logProbabilities(y);
  }

  /** ids [B, T] to logits [B, T, V]; of an adaptive softmax, to log-probabilities. */
  override forward(ids: Tensor): Tensor {
    return this.decoder.forward(this.unroll(ids).y);
  }

  stepper(memory: Memory): StepFunction {
    const step = this.transformer_encoder.stepper(memory, this.position.length);
    return (ids) => {
      const x = add(this.embedded(ids), this.position.at(memory.position));
      return this.decoder.forward(step(this.dropout.forward(x)));
    };
  }

  private embedded(ids: Tensor): Tensor {
    const vectors = this.encoder.forward(ids);
    return this.embeddingScale === 1 ? vectors : scale(vectors, this.embeddingScale);
  }

  private get softmax(): SoftmaxHead {
    return this.decoder;
  }
}

function headOf(vocabulary: number, settings: TransformerSettings, table: Parameter) {
  const { hidden, tied, cutoffs = [0], smoothing, bias, initial } = settings;
  if (cutoffs[0]) return new AdaptiveSoftmax(hidden, vocabulary, cutoffs);
  const weight = initial === 'gpt2' ? normal(GPT2_DEVIATION) : undefined;
  return new FullSoftmax(hidden, vocabulary, { tied: tied ? table : undefined, smoothing, bias, weight });
}

function checkSettings(settings: TransformerSettings): void {
  checked('TransformerLM', settings, TRANSFORMER_RULES, 'hidden', 'levels', 'heads', 'length');
  const { cutoffs, tied, smoothing, hidden, heads } = settings;
  const at = callerLine(hereStack());
  if (!Number.isInteger(hidden / heads) || (hidden / heads) % 4) {
    fail(`TransformerLM: ${heads} heads of ${hidden} columns have ${hidden / heads} each.`, {
      at,
      fix: 'give heads that cut the columns into multiples of 4.',
    });
  }
  if (cutoffs?.[0] && (tied || smoothing)) {
    fail('TransformerLM: an adaptive softmax has no table to tie to the embedding, and no smoothing.', {
      given: `cutoffs ${cutoffs.join(', ')}, tied ${tied}, smoothing ${smoothing}`,
      at,
      fix: 'leave out the cutoffs, or do not tie and do not smooth.',
    });
  }
}
