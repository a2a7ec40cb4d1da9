// The adding problem as a task of the table.

import { fail } from '../../graph/check';
import { LSTM_SETTINGS, TCN_SETTINGS } from '../bai2018';
import { LENGTH } from '../options';
import { recurrentPreset, type Preset } from '../preset';
import { defineTask } from '../taskSpec';
import { addingTask } from './addingTask';

// At a length that two CPU cores solve in a minute. The published net for T = 200 has kernel 6, 7 levels and 27
// channels; this one sees 91 steps. Twice the initial weights: from PyTorch's the TCN leaves the plateau of "predict 1"
// much later.
const TCN: Preset<typeof LENGTH> = {
  length: 50,
  batch: 24,
  steps: 600,
  evaluateEvery: 50,
  hidden: 20,
  kernelSize: 4,
  levels: 4,
  gain: 2,
  clipNorm: 0.1,
  optimizer: 'adam',
  betas: [0.9, 0.98],
  learningRate: 8e-3,
  schedule: 'linear',
};

/** The adding problem: T numbers, drawn without end; settings for T = 50, and those of Bai et al. 2018. */
export const adding = defineTask({
  name: 'adding',
  title: 'The adding problem',
  about: 'the sum of the two marked numbers among T (Hochreiter & Schmidhuber 1997)',
  kind: 'drawn',
  reads: 'vectors',
  options: { length: { ...LENGTH.length, help: 'T: how many numbers' } },
  lacks: { epochs: 'its data is drawn without end; give --steps.' },
  start: {
    length: 50,
    batch: 24,
    steps: 600,
    evaluateEvery: 50,
    optimizer: 'adam',
    learningRate: 5e-3,
    clipNorm: 1,
  },
  presets: {
    default: {
      tcn: TCN, // 11,761 parameters
      lstm: { ...recurrentPreset(TCN, 52), forgetBias: 1 }, // 11,701
      gru: recurrentPreset(TCN, 60), // 11,581
      rnn: recurrentPreset(TCN, 106), // 11,767
    },
    published: { tcn: TCN_SETTINGS.adding, lstm: LSTM_SETTINGS.adding },
  },
  check({ length }) {
    if (length !== 1) return;
    fail('--length 1 leaves no room for two marked numbers.', { fix: 'give at least 2.' });
  },
  sees: ({ length }) => length,
  heading: ({ length }) => `The adding problem, T = ${length}`,
  make: ({ length, batch }) => addingTask({ length, batch }),
});
