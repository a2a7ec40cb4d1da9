// The WaveNet of van den Oord et al. (2016).

import { BODIES, waveNetLayers } from '../nn/bodies';
import { WaveNetLM } from '../nn/waveNet/waveNetLM';
import { NO_STATE, OWN_SOFTMAX } from './convolutional';
import { defineModel } from './modelSpec';
import * as shared from './options';
import { SoundModel } from './soundModel';

/** The model as the table has it. */
export const wavenet = defineModel({
  name: 'wavenet',
  title: 'WaveNet',
  about: 'gated dilated convolutions whose results are summed on the side',
  family: 'feed-forward',
  options: {
    hidden: { ...shared.SIZE.hidden, help: 'channels of a convolution' },
    levels: {
      ...shared.SIZE.levels,
      help: 'convolutions of a stack, with dilations from 1 to 2^(levels − 1)',
    },
    stacks: { kind: 'count', help: 'how often its dilations go from 1 to 2^(levels − 1)', absent: '1' },
    skip: { kind: 'count', help: 'channels of the skip connections; otherwise 4 times --hidden' },
    kernelSize: { ...shared.TAPS.kernelSize, absent: '2' },
  },
  body: BODIES.wavenet,
  text: {
    options: { ...shared.WORD_EMBEDDING, ...shared.INPUT_DROPOUT, ...shared.LEAD },
    make(vocabulary, { seed, ...settings }) {
      const { embedding = settings.hidden, inputDropout } = settings;
      return new WaveNetLM(vocabulary, { ...waveNetLayers(settings), embedding, inputDropout }, seed);
    },
  },
  sound: { options: shared.CONDITION, make: (settings, options) => new SoundModel(settings, options) },
  start: { hidden: 32, levels: 8, skip: 64, learningRate: 8e-3, clipNorm: 1 },
  lacks: {
    ...NO_STATE('wavenet'),
    ...OWN_SOFTMAX,
    dropout: 'it has none in its layers; give --input-dropout.',
    gain: 'its weights start as they do; leave it out.',
    cutoffs: 'it has a full softmax; leave it out.',
    embedding: 'it reads codes; leave it out.',
    inputDropout: 'it reads codes; leave it out.',
  },
});
