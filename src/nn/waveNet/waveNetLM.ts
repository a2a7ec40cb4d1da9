// A WaveNet that reads text: van den Oord et al. 2016's layers where a language model has its recurrent ones.

import { Generator } from '../../graph/generator';
import { checked, count, part, type Rules } from '../../graph/options';
import { ConvLanguageModel } from '../convLanguageModel';
import { Embedding } from '../embedding';
import { FullSoftmax } from '../softmaxHead';
import { WAVENET_RULES } from './waveNetSettings';
import { WaveNetBody, type WaveNetBodySettings } from './waveNetBody';

/** The settings of a language model that is a WaveNet. */
export interface WaveNetLMSettings extends WaveNetBodySettings {
  /** Size of an embedding. */
  readonly embedding: number;
  /** Behind the embedding; there is none in the layers. */
  readonly inputDropout?: number;
}

const RULES: Rules<WaveNetLMSettings> = { ...WAVENET_RULES, embedding: count, inputDropout: part };

/** u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens. */
export class WaveNetLM extends ConvLanguageModel {
  declare readonly wavenet: WaveNetBody;

  constructor(vocabulary: number, options: WaveNetLMSettings, seed = 0) {
    checked('WaveNetLM', options, RULES, 'embedding');
    const { embedding, inputDropout = 0, ...settings } = options;
    const encoder = new Embedding(vocabulary, embedding);
    const wavenet = new WaveNetBody(embedding, settings);
    const decoder = new FullSoftmax(settings.skipChannels, vocabulary);
    const generator = new Generator(seed);
    super({ encoder, body: { wavenet }, decoder, inputDropout, generator });
  }
}
