// The language model of Bai, Kolter and Koltun 2018 (arXiv 1803.01271), as their word_cnn and char_cnn: the softmax may
// have the embedding's table.

import { callerLine, fail, hereStack } from '../graph/check';
import { Generator } from '../graph/generator';
import { checked, count, finite, flag, listOf, part, positive, type Rules, whole } from '../graph/options';
import { AdaptiveSoftmax } from './adaptiveSoftmax';
import { ConvLanguageModel } from './convLanguageModel';
import { Embedding } from './embedding';
import { FullSoftmax, wordStart } from './softmaxHead';
import { TCN } from './tcn';

/** The settings of a language model that is a TCN. */
export interface TCNLMSettings {
  /** Size of an embedding. */
  readonly embedding: number;
  /** Standard deviation that embeddings start with; default: U(±0.1) in place of N(0, σ²). */
  readonly embeddingDeviation?: number;
  /** Channels of every level; the last must be as wide as the embedding where they are tied. */
  readonly channels: readonly number[];
  /** Taps; default: 3. */
  readonly kernelSize?: number;
  /** Inside the blocks. */
  readonly dropout?: number;
  /** Behind the embedding, where another rate is wanted there. */
  readonly inputDropout?: number;
  /** The softmax uses the embedding's table. */
  readonly tied?: boolean;
  /** Where the parts of an adaptive softmax end, see AdaptiveSoftmax; default, and where the first is 0: a full one. */
  readonly cutoffs?: readonly number[];
  /** Multiplies the initial weights of the convolutions. */
  readonly gain?: number;
  /** See TCNOptions. */
  readonly residualGain?: number;
}

/** What settings may be. */
export const TCNLM_RULES: Rules<TCNLMSettings> = {
  embedding: count,
  embeddingDeviation: positive,
  channels: listOf(count),
  kernelSize: count,
  dropout: part,
  inputDropout: part,
  tied: flag,
  cutoffs: listOf(whole),
  gain: finite,
  residualGain: finite,
};

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
export class TCNLM extends ConvLanguageModel {
  declare readonly tcn: TCN;

  constructor(vocabulary: number, settings: TCNLMSettings, seed = 0) {
    checkSettings(settings);
    const { embedding, channels, kernelSize = 3, dropout = 0, inputDropout = dropout } = settings;
    const { gain, residualGain, tied = false, cutoffs = [0] } = settings;
    const generator = new Generator(seed);
    const encoder = new Embedding(vocabulary, embedding, wordStart(settings.embeddingDeviation));
    const tcn = new TCN(embedding, channels, { kernelSize, dropout, generator, gain, residualGain });
    const width = channels.at(-1)!;
    const decoder = cutoffs[0]
      ? new AdaptiveSoftmax(width, vocabulary, cutoffs)
      : new FullSoftmax(width, vocabulary, { tied: tied ? encoder.weight : undefined });
    super({ encoder, body: { tcn }, decoder, inputDropout, generator });
  }
}

function checkSettings(settings: TCNLMSettings): void {
  checked('TCNLM', settings, TCNLM_RULES, 'embedding', 'channels');
  const { embedding, channels, tied, cutoffs } = settings;
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
