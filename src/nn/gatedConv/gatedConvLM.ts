// The gated convolutional language model (Dauphin, Fan, Auli & Grangier 2017, arXiv 1612.08083), as fairseq's fconv_lm.

import { Generator } from '../../graph/generator';
import {
  anything,
  checked,
  count,
  finite,
  listOf,
  part,
  positive,
  type Rules,
  whole,
} from '../../graph/options';
import { AdaptiveSoftmax } from '../adaptiveSoftmax';
import { ConvLanguageModel } from '../convLanguageModel';
import { Embedding } from '../embedding';
import { GatedConv, type ConvLayer, type GatedUnit } from './gatedConv';
import { normal } from '../init';
import { FullSoftmax } from '../softmaxHead';

/** The settings of a language model of gated convolutions. */
export interface GatedConvSettings {
  /** Size of an embedding. */
  readonly embedding: number;
  /** Standard deviation that embeddings start with; default: 0.1. */
  readonly embeddingDeviation?: number;
  readonly layers: readonly ConvLayer[];
  /** Behind the embedding and before every layer. */
  readonly dropout?: number;
  /** Behind the embedding, where another rate is wanted there. */
  readonly inputDropout?: number;
  /** The unit; default: glu. */
  readonly activation?: GatedUnit;
  /** Where the parts of an adaptive softmax end, see AdaptiveSoftmax; default, and where the first is 0: a full one. */
  readonly cutoffs?: readonly number[];
  /** Multiplies the initial weights of the convolutions. */
  readonly gain?: number;
}

/** What settings may be. */
export const GATED_LM_RULES: Rules<GatedConvSettings> = {
  embedding: count,
  embeddingDeviation: positive,
  layers: anything,
  dropout: part,
  inputDropout: part,
  activation: anything,
  cutoffs: listOf(whole),
  gain: finite,
};

/**
 * u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens, the
 * current one included; zeros stand before the first. Embeddings start at N(0, 0.1²), the softmax as a LanguageModel's.
 */
export class GatedConvLM extends ConvLanguageModel {
  declare readonly gcnn: GatedConv;

  constructor(vocabulary: number, settings: GatedConvSettings, seed = 0) {
    checked('GatedConvLM', settings, GATED_LM_RULES, 'embedding', 'layers');
    const { embeddingDeviation = 0.1 } = settings;
    const { embedding, layers, dropout = 0, inputDropout = dropout, activation, cutoffs, gain } = settings;
    const generator = new Generator(seed);
    const encoder = new Embedding(vocabulary, embedding, normal(embeddingDeviation));
    const gcnn = new GatedConv(embedding, layers, { dropout, generator, activation, gain });
    const decoder = cutoffs?.[0]
      ? new AdaptiveSoftmax(gcnn.width, vocabulary, cutoffs)
      : new FullSoftmax(gcnn.width, vocabulary);
    super({ encoder, body: { gcnn }, decoder, inputDropout, generator });
  }
}
