// ConvS2S, convolutional sequence to sequence learning (Gehring, Auli, Grangier, Yarats & Dauphin 2017, arXiv
// 1705.03122): an encoder and a decoder of gated convolutions, and attention in every layer of the decoder.

import { callerLine, fail, hereStack } from '../../graph/check';
import { Generator } from '../../graph/generator';
import { checked, count, flag, object, part, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { Dropout } from '../dropout';
import { Embedding } from '../embedding';
import { normal } from '../init';
import type { Memory, StepFunction } from '../stepwise';
import { ConvDecoder } from './convDecoder';
import { ConvEncoder, EMBEDDING_DEVIATION, type ConvS2SLayer } from './convEncoder';
import type { Heard } from './crossAttention';
import { TranslationModel, type Encoding, type Longest, type Vocabularies } from './translator';

export type { ConvS2SLayer } from './convEncoder';

/** The settings of a ConvS2S. */
export interface ConvS2SSettings {
  /** Columns of the embeddings of tokens and positions, of keys and of values. */
  readonly embedding: number;
  /** Channels and taps of the encoder's convolutions, in their order. */
  readonly encoder: readonly ConvS2SLayer[];
  /** The same of the decoder's. */
  readonly decoder: readonly ConvS2SLayer[];
  /** Columns before the target's vocabulary, where the softmax is not tied; default: as many as the embedding's. */
  readonly outputs?: number;
  /** The most tokens of a source and of a target. */
  readonly longest: Longest;
  /** Dropout of embeddings, before every convolution and before the softmax. */
  readonly dropout?: number;
  /** Whether the softmax uses the target's embedding; default: false. */
  readonly tied?: boolean;
  /** Whether source and target share one embedding, of a vocabulary that they share; default: false. */
  readonly sharedEmbedding?: boolean;
}

const layers = (value: unknown): boolean | string =>
  (Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => Array.isArray(one) && one.length === 2 && one.every((n) => count(n) === true))) ||
  '[width, taps] of at least one layer';

/** What settings may be. */
export const CONVS2S_RULES: Rules<ConvS2SSettings> = {
  embedding: count,
  encoder: layers,
  decoder: layers,
  outputs: count,
  longest: object,
  dropout: part,
  tied: flag,
  sharedEmbedding: flag,
};

const times = (count: number, layer: ConvS2SLayer): ConvS2SLayer[] => Array<ConvS2SLayer>(count).fill(layer);

/** A published ConvS2S, encoder and decoder alike. */
const alike = (embedding: number, outputs: number, all: readonly ConvS2SLayer[]) => ({
  embedding,
  outputs,
  encoder: all,
  decoder: all,
});

/** The published models by the names that fairseq has for them (fconv_wmt_en_de …). */
export const CONVS2S = {
  iwslt: { embedding: 256, outputs: 256, encoder: times(4, [256, 3]), decoder: times(3, [256, 3]) },
  'wmt-en-ro': alike(512, 512, times(20, [512, 3])),
  'wmt-en-de': alike(768, 512, [...times(9, [512, 3]), ...times(4, [1024, 3]), ...times(2, [2048, 1])]),
  'wmt-en-fr': alike(768, 512, [
    ...times(6, [512, 3]),
    ...times(4, [768, 3]),
    ...times(3, [1024, 3]),
    [2048, 1],
    [4096, 1],
  ]),
} as const satisfies Readonly<Record<string, Omit<ConvS2SSettings, 'longest'>>>;

/** Target tokens that an output depends on, the one before it included: 1 + Σ (taps − 1). */
export const contextOf = (decoder: readonly ConvS2SLayer[]): number =>
  decoder.reduce((sum, [, taps]) => sum + taps - 1, 1);

/** A ConvS2S: a distribution over the next target token, from a source and the last few tokens of the target. */
export class ConvS2S extends TranslationModel {
  readonly encoder: ConvEncoder;
  readonly decoder: ConvDecoder;
  readonly generator: Generator;

  constructor(vocabularies: Vocabularies, settings: ConvS2SSettings, seed = 0) {
    super();
    checkSettings(vocabularies, settings);
    const { embedding, outputs = embedding, longest, dropout: rate = 0, tied, sharedEmbedding } = settings;
    const { source, target } = vocabularies;
    this.generator = new Generator(seed);
    const dropout = new Dropout(rate, { generator: this.generator });
    const start = () => normal(EMBEDDING_DEVIATION);
    const tokens = new Embedding(source, embedding, start());
    const written = sharedEmbedding ? tokens : new Embedding(target, embedding, start());
    this.encoder = new ConvEncoder(
      { layers: settings.encoder, embed_tokens: tokens, longest: longest.source, dropout },
      settings.decoder.length,
    );
    this.decoder = new ConvDecoder(
      { layers: settings.decoder, embed_tokens: written, longest: longest.target, dropout },
      tied ? undefined : outputs,
    );
  }

  override encode(source: Tensor, lengths: Tensor): Encoding {
    const { keys, values } = this.encoder.heard(source, lengths);
    return { lengths, keys, values };
  }

  override decode(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor {
    return this.decoder.forward(target, heardOf(encoding), positions);
  }

  override translationStepper(memory: Memory, encoding: Encoding): StepFunction {
    return this.decoder.stepper(memory, heardOf(encoding));
  }

  /** The mean over layers, as in fairseq. */
  override attentionOf(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor {
    return this.decoder.weights(target, heardOf(encoding), positions);
  }
}

const heardOf = ({ lengths, keys, values }: Encoding): Heard => ({ lengths, keys, values });

function checkSettings({ source, target }: Vocabularies, settings: ConvS2SSettings): void {
  checked('ConvS2S', settings, CONVS2S_RULES, 'embedding', 'encoder', 'decoder', 'longest');
  const { sharedEmbedding, tied, outputs, embedding } = settings;
  const at = callerLine(hereStack());
  if (sharedEmbedding && source !== target) {
    fail('ConvS2S: source and target cannot share an embedding.', {
      given: `vocabularies of ${source} and ${target}`,
      at,
      fix: 'give both one vocabulary, or leave out sharedEmbedding.',
    });
  }
  if (tied && outputs !== undefined && outputs !== embedding) {
    fail(`ConvS2S: a softmax of ${outputs} columns cannot use an embedding of ${embedding}.`, {
      at,
      fix: 'leave out outputs, or do not tie.',
    });
  }
}
