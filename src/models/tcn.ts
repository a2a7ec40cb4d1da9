// The temporal convolutional net of Bai, Kolter and Koltun (2018).

import { only } from '../graph/options';
import { BODIES } from '../nn/bodies';
import { TCNLM, TCNLM_RULES, tcnChannels } from '../nn/tcnLM';
import { NO_STATE } from './convolutional';
import { defineModel } from './modelSpec';
import * as shared from './options';

/** The model as the table has it. */
export const tcn = defineModel({
  name: 'tcn',
  title: 'TCN',
  about: 'residual blocks of dilated causal convolutions',
  family: 'feed-forward',
  options: {
    hidden: { ...shared.SIZE.hidden, help: 'channels of a block' },
    levels: { ...shared.SIZE.levels, help: 'residual blocks, each dilated twice as far as the one before' },
    kernelSize: { ...shared.TAPS.kernelSize, absent: '3' },
    ...shared.DROPOUT,
    ...shared.GAIN,
    residualGain: {
      kind: 'positive',
      help: 'the same of the convolutions on residuals, in place of the published N(0, 0.01²)',
    },
  },
  body: BODIES.tcn,
  text: {
    options: {
      ...shared.WORD_EMBEDDING,
      ...shared.EMBEDDING_START,
      ...shared.INPUT_DROPOUT,
      ...shared.LEAD,
      ...shared.TIED,
      ...shared.CUTOFFS,
    },
    make(vocabulary, { seed, ...settings }) {
      const { embedding = settings.hidden } = settings;
      const channels = tcnChannels(settings);
      return new TCNLM(vocabulary, only(TCNLM_RULES, { ...settings, embedding, channels }), seed);
    },
  },
  start: { hidden: 48, levels: 4, kernelSize: 4, gain: 1.5, learningRate: 5e-3, clipNorm: 1 },
  lacks: NO_STATE('tcn'),
});
