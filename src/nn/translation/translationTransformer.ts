// The Transformer as Vaswani et al. published it (2017, arXiv 1706.03762): an encoder that looks at all of the source
// at once, and a decoder that looks at what it has written and, in every layer, at what the encoder made of the source.
//
//   source → embedding · √size + positions → dropout → layers → keys and values for every layer of the decoder
//   target → embedding · √size + positions → dropout → layers → logits

import { callerLine, fail, hereStack } from '../../graph/check';
import { Generator } from '../../graph/generator';
import { checked, count, flag, object, oneOf, part, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { scale } from '../../ops/elementwise/unary';
import { Dropout } from '../dropout';
import { Embedding } from '../embedding';
import { normal } from '../init';
import { Positions } from '../positions';
import { FullSoftmax } from '../softmaxHead';
import type { Memory, StepFunction } from '../stepwise';
import { Transformer } from '../transformer/transformer';
import type { Heard } from './crossAttention';
import { TransformerDecoder } from './transformerDecoder';
import { TranslationModel, type Encoding, type Longest, type Vocabularies } from './translator';

/** The settings of a Transformer that translates. */
export interface TranslationTransformerSettings {
  /** Columns of everything between layers. */
  readonly hidden: number;
  /** Layers of the encoder. */
  readonly levels: number;
  /** Layers of the decoder; default: as many. */
  readonly decoderLevels?: number;
  readonly heads: number;
  /** Units inside the feed-forward nets; default: 4 · hidden. */
  readonly feedForward?: number;
  /** The most tokens of a source and of a target. */
  readonly longest: Longest;
  /** Dropout of embeddings with their positions, and inside the layers. */
  readonly dropout?: number;
  /** Norms before what they are for, or behind the sum as published; see Transformer. */
  readonly norm?: 'pre' | 'post';
  /** Default: sines, as published. */
  readonly positions?: 'sinusoidal' | 'learned';
  /** Whether the softmax uses the target's embedding; default: false. */
  readonly tied?: boolean;
  /** Whether source and target share one embedding, of a vocabulary that they share; default: false. */
  readonly sharedEmbedding?: boolean;
  /** What stands inside the feed-forward nets; default: relu, as published. */
  readonly nonlinearity?: 'relu' | 'gelu';
}

/** What settings may be. */
export const TRANSLATION_TRANSFORMER_RULES: Rules<TranslationTransformerSettings> = {
  hidden: count,
  levels: count,
  decoderLevels: count,
  heads: count,
  feedForward: count,
  longest: object,
  dropout: part,
  norm: oneOf(['pre', 'post']),
  positions: oneOf(['sinusoidal', 'learned']),
  tied: flag,
  sharedEmbedding: flag,
  nonlinearity: oneOf(['relu', 'gelu']),
};

const BASE = {
  hidden: 512,
  levels: 6,
  heads: 8,
  feedForward: 2048,
  dropout: 0.1,
  norm: 'post',
  positions: 'sinusoidal',
  tied: true,
  sharedEmbedding: true,
} as const satisfies Omit<TranslationTransformerSettings, 'longest'>;

/**
 * Rows "base" and "big" of the paper's table 3, with one vocabulary for both languages; and what fairseq has for the
 * 160,000 pairs of IWSLT 2014 (transformer_iwslt_de_en), where each language has its own.
 */
export const TRANSLATION_TRANSFORMERS = {
  base: BASE,
  big: { ...BASE, hidden: 1024, heads: 16, feedForward: 4096, dropout: 0.3 },
  iwslt: { ...BASE, heads: 4, feedForward: 1024, dropout: 0.3, sharedEmbedding: false },
} as const;

/** A Transformer with an encoder: a distribution over the next target token, from a source and the target so far. */
export class TranslationTransformer extends TranslationModel {
  readonly source_embedding: Embedding;
  readonly target_embedding: Embedding;
  readonly source_position: Positions;
  readonly target_position: Positions;
  readonly encoder: Transformer;
  readonly decoder: TransformerDecoder;
  readonly softmax: FullSoftmax;
  readonly generator: Generator;
  private readonly dropout: Dropout;
  private readonly embeddingScale: number;

  constructor(vocabularies: Vocabularies, settings: TranslationTransformerSettings, seed = 0) {
    super();
    checkSettings(vocabularies, settings);
    const { hidden, levels, decoderLevels = levels, longest, dropout = 0, positions } = settings;
    const { tied = false, sharedEmbedding = false, heads, feedForward, norm, nonlinearity } = settings;
    const generator = new Generator(seed);
    this.generator = generator;
    const start = () => normal(1 / Math.sqrt(hidden));
    this.source_embedding = new Embedding(vocabularies.source, hidden, start());
    this.target_embedding = sharedEmbedding
      ? this.source_embedding
      : new Embedding(vocabularies.target, hidden, start());
    this.embeddingScale = Math.sqrt(hidden);
    this.source_position = new Positions(longest.source, hidden, positions === 'learned');
    this.target_position = new Positions(longest.target, hidden, positions === 'learned');
    const inside = { heads, feedForward, dropout, norm, nonlinearity, generator };
    this.encoder = new Transformer(hidden, { ...inside, layers: levels, causal: false });
    this.decoder = new TransformerDecoder(hidden, { ...inside, layers: decoderLevels });
    const table = tied ? { tied: this.target_embedding.weight } : { weight: start() };
    this.softmax = new FullSoftmax(hidden, vocabularies.target, { ...table, bias: false });
    this.dropout = new Dropout(dropout, { generator });
  }

  override encode(source: Tensor, lengths: Tensor): Encoding {
    const x = add(this.embedded(this.source_embedding, source), this.source_position.forward(source));
    const y = this.encoder.forward(this.dropout.forward(x), lengths);
    const heard = this.decoder.layers.flatMap((layer, l) => {
      const { keys, values } = layer.encoder_attn.heard(y);
      return [[`keys_${l}`, keys] as const, [`values_${l}`, values] as const];
    });
    return { lengths, ...Object.fromEntries(heard) };
  }

  override decode(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor {
    return this.softmax.forward(this.decoder.forward(this.placed(target, positions), this.heard(encoding)));
  }

  override translationStepper(memory: Memory, encoding: Encoding): StepFunction {
    const step = this.decoder.stepper(memory, this.target_position.length, this.heard(encoding));
    return (ids) => {
      const x = add(this.embedded(this.target_embedding, ids), this.target_position.at(memory.position));
      return this.softmax.forward(step(this.dropout.forward(x)));
    };
  }

  /** The weights of the last layer but one, which align best (Garg et al. 2019, arXiv 1909.02074). */
  override attentionOf(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor {
    const shown = Math.max(0, this.decoder.layers.length - 2);
    return this.decoder.weights(this.placed(target, positions), this.heard(encoding), shown);
  }

  private placed(target: Tensor, positions?: Tensor): Tensor {
    const { target_position: places } = this;
    const where = positions ? places.at(positions) : places.forward(target);
    return this.dropout.forward(add(this.embedded(this.target_embedding, target), where));
  }

  private embedded(embedding: Embedding, ids: Tensor): Tensor {
    return scale(embedding.forward(ids), this.embeddingScale);
  }

  private heard(encoding: Encoding): Heard[] {
    const { lengths } = encoding;
    return this.decoder.layers.map((_, l) => {
      return { keys: encoding[`keys_${l}`], values: encoding[`values_${l}`], lengths };
    });
  }
}

function checkSettings({ source, target }: Vocabularies, settings: TranslationTransformerSettings): void {
  const needed = ['hidden', 'levels', 'heads', 'longest'] as const;
  const { sharedEmbedding } = checked(
    'TranslationTransformer',
    settings,
    TRANSLATION_TRANSFORMER_RULES,
    ...needed,
  );
  if (sharedEmbedding && source !== target) {
    fail('TranslationTransformer: source and target cannot share an embedding.', {
      given: `vocabularies of ${source} and ${target}`,
      at: callerLine(hereStack()),
      fix: 'give both one vocabulary, or leave out sharedEmbedding.',
    });
  }
}
