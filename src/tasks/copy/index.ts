// Copy memory as a task of the table.

import { LSTM_SETTINGS, TCN_SETTINGS } from '../bai2018';
import { LENGTH } from '../options';
import { recurrentPreset, type Preset } from '../preset';
import { defineTask } from '../taskSpec';
import { copyTask } from './copyTask';

// With the published kernel of 8 (Bai et al. 2018, table 2) and as many levels as T = 100 asks for: it sees 211 steps,
// and needs 111. In a search with PyTorch, at T = 120, 12 channels, twice the initial weights and a tight clip solved
// it for seven seeds of seven; the published 10 channels, from PyTorch's initial weights, for six of seven.
const TCN: Preset<typeof LENGTH> = {
  length: 100,
  batch: 16,
  steps: 320,
  evaluateEvery: 40,
  hidden: 12,
  kernelSize: 8,
  levels: 4,
  gain: 2,
  clipNorm: 0.3,
  optimizer: 'adam',
  betas: [0.9, 0.98],
  learningRate: 5e-3,
  schedule: 'cosine',
};

/** Copy memory: ten digits over T steps, drawn without end; settings for T = 100, and those of Bai et al. 2018. */
export const copy = defineTask({
  name: 'copy',
  title: 'Copy memory',
  about: 'repeat ten digits after T blank steps (Bai et al. 2018)',
  kind: 'drawn',
  reads: 'vectors',
  options: { length: { ...LENGTH.length, help: 'T: blank steps between the digits and the answer' } },
  lacks: { epochs: 'its data is drawn without end; give --steps.' },
  start: {
    length: 100,
    batch: 16,
    steps: 320,
    evaluateEvery: 40,
    optimizer: 'adam',
    learningRate: 5e-3,
    clipNorm: 1,
  },
  presets: {
    default: {
      tcn: TCN, // 8,506 parameters
      lstm: { ...recurrentPreset(TCN, 43), forgetBias: 1 }, // 8,352
      gru: recurrentPreset(TCN, 50), // 8,460
      rnn: recurrentPreset(TCN, 86), // 8,524
    },
    published: { tcn: TCN_SETTINGS.copy, lstm: LSTM_SETTINGS.copy },
  },
  sees: ({ length }) => length + 11,
  heading: ({ length }) => `Copy memory, T = ${length}`,
  make: ({ length, batch }) => copyTask({ length, batch }),
});
