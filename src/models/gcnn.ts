// The gated convolutional net of Dauphin et al. (2017).

import { only } from '../graph/options';
import { BODIES, gatedLayers } from '../nn/bodies';
import { GATED_UNITS } from '../nn/gatedConv/gatedConv';
import { GATED_LM_RULES, GatedConvLM } from '../nn/gatedConv/gatedConvLM';
import { NETS } from '../nn/gatedConv/gatedConvPresets';
import type { Misfit, Values } from '../spec/option';
import { NO_STATE, OWN_SOFTMAX } from './convolutional';
import { defineModel } from './modelSpec';
import * as shared from './options';

const misfit = ({ net }: Values): Misfit | undefined =>
  net ? { with: `--preset ${String(net)}`, fix: 'the net has layers of its own; leave it out.' } : undefined;

/** The model as the table has it. */
export const gcnn = defineModel({
  name: 'gcnn',
  title: 'GCNN',
  about: 'stacked causal convolutions, each behind a gate',
  family: 'feed-forward',
  options: {
    hidden: { ...shared.SIZE.hidden, help: 'channels of a convolution', misfit },
    levels: { ...shared.SIZE.levels, help: 'convolutions', misfit },
    kernelSize: { ...shared.TAPS.kernelSize, absent: '4', misfit },
    net: { kind: NETS, help: 'the layers of a published net in place of these', preset: true },
    activation: { kind: GATED_UNITS, help: 'what stands behind a convolution', absent: 'glu' },
    ...shared.DROPOUT,
    ...shared.GAIN,
  },
  body: BODIES.gcnn,
  text: {
    options: {
      ...shared.WORD_EMBEDDING,
      ...shared.EMBEDDING_START,
      ...shared.INPUT_DROPOUT,
      ...shared.LEAD,
      ...shared.CUTOFFS,
    },
    make(vocabulary, { seed, ...settings }) {
      const { embedding = settings.hidden } = settings;
      const layers = gatedLayers(settings);
      return new GatedConvLM(vocabulary, only(GATED_LM_RULES, { ...settings, embedding, layers }), seed);
    },
  },
  start: { hidden: 64, levels: 4, kernelSize: 4, learningRate: 1e-2, clipNorm: 1 },
  lacks: { ...NO_STATE('gcnn'), ...OWN_SOFTMAX },
});
