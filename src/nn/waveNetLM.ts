// A WaveNet that reads text: van den Oord et al. 2016's layers where a language model has its recurrent ones.

import { Generator } from '../graph/generator';
import { ConvLanguageModel } from './convLanguageModel';
import { Embedding } from './embedding';
import { FullSoftmax } from './softmaxHead';
import { WaveNetBody, type WaveNetBodySettings } from './waveNetBody';

export interface WaveNetLMSettings extends WaveNetBodySettings {
  /** Size of an embedding. */
  readonly embedding: number;
  /** Behind the embedding; there is none in the layers. */
  readonly inputDropout?: number;
}

/** u32 ids [B, T] to a distribution over the next token at every step, from the last `receptiveField` tokens. */
export class WaveNetLM extends ConvLanguageModel {
  declare readonly wavenet: WaveNetBody;

  constructor(vocabulary: number, { embedding, inputDropout = 0, ...settings }: WaveNetLMSettings, seed = 0) {
    const encoder = new Embedding(vocabulary, embedding);
    const wavenet = new WaveNetBody(embedding, settings);
    const decoder = new FullSoftmax(settings.skipChannels, vocabulary);
    const generator = new Generator(seed);
    super({ encoder, body: { wavenet }, decoder, inputDropout, generator });
  }
}
