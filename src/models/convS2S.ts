// The convolutional sequence to sequence model of Gehring et al. (2017).

import { only } from '../graph/options';
import { CONVS2S, CONVS2S_RULES, ConvS2S, type ConvS2SLayer } from '../nn/translation/convS2S';
import { NO_STATE } from './convolutional';
import { defineModel } from './modelSpec';
import * as shared from './options';
import type { Misfit, Values } from '../spec/option';

const NETS = Object.keys(CONVS2S) as (keyof typeof CONVS2S)[];
const TAPS = 3;

const misfit = ({ published }: Values): Misfit | undefined =>
  published
    ? { with: `--preset ${String(published)}`, fix: 'the model has layers of its own; leave it out.' }
    : undefined;

/** The model as the table has it. */
export const convS2S = defineModel({
  name: 'convs2s',
  title: 'ConvS2S',
  about: 'gated convolutions that read and write, with attention in every layer that writes',
  family: 'feed-forward',
  options: {
    hidden: { ...shared.SIZE.hidden, help: 'channels of a convolution', misfit },
    levels: { ...shared.SIZE.levels, help: 'convolutions of the encoder', misfit },
    kernelSize: { ...shared.TAPS.kernelSize, absent: String(TAPS), misfit },
    ...shared.DROPOUT,
  },
  pairs: {
    options: {
      ...shared.TRANSLATION,
      decoderLevels: { ...shared.TRANSLATION.decoderLevels, misfit },
      ...shared.EMBEDDING,
      published: { kind: NETS, help: 'the layers of a published model in place of these', preset: true },
    },
    make(vocabularies, { seed, ...settings }, longest) {
      const { hidden, levels, decoderLevels = levels, kernelSize = TAPS, published } = settings;
      const { embedding = hidden } = settings;
      const layers = (count: number) => Array<ConvS2SLayer>(count).fill([hidden, kernelSize]);
      const net = published
        ? CONVS2S[published]
        : { embedding, encoder: layers(levels), decoder: layers(decoderLevels) };
      return new ConvS2S(vocabularies, only(CONVS2S_RULES, { ...settings, ...net, longest }), seed);
    },
  },
  start: { hidden: 256, levels: 4, learningRate: 1e-3, betas: [0.9, 0.98], clipNorm: 1 },
  lacks: NO_STATE('convs2s'),
});
