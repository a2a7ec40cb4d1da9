// Nottingham as a task of the table.

import { LSTM_SETTINGS, TCN_SETTINGS } from '../bai2018';
import type { Preset } from '../preset';
import { defineTask } from '../taskSpec';
import { musicTask } from './musicTask';
import { pianoRolls } from './pianoRolls';

/**
 * The published net (kernel 6, 4 levels: 151 steps in sight, clip .4) with 100 channels in place of 150, so that two
 * CPU cores can train it, and half its dropout for so few epochs. Of four settings that were tried with PyTorch
 * validation chose these: 3.46 there after seven of the eight epochs. Here seed 1 has 3.50, 3.49 on test, and with the
 * published start of the residuals 3.62 and 3.63.
 */
export const NOTTINGHAM_TCN: Preset = {
  batch: 4,
  epochs: 8,
  hidden: 100,
  kernelSize: 6,
  levels: 4,
  gain: 1.5,
  residualGain: 1,
  dropout: 0.1,
  clipNorm: 0.4,
  optimizer: 'adamw',
  betas: [0.9, 0.98],
  weightDecay: 0.1,
  learningRate: 8e-3,
  schedule: 'linear',
};

// One layer of 500 is published for the LSTM; 256 keeps the software adapter's time within reason. Not searched.
const RECURRENT: Preset = {
  batch: 8,
  epochs: 20,
  hidden: 256,
  levels: 1,
  dropout: 0.1,
  optimizer: 'adam',
  learningRate: 4e-3,
  schedule: 'linear',
  clipNorm: 0.4,
};

/** Nottingham: folk tunes as piano rolls of 88 keys, in the splits of Boulanger-Lewandowski et al. 2012. */
export const nottingham = defineTask({
  ...pianoRolls('poly-music/nottingham.json'),
  name: 'nottingham',
  title: 'Nottingham',
  about: 'which of 88 keys sound next in 1,037 folk tunes with chords',
  start: { batch: 8, epochs: 8, optimizer: 'adam', learningRate: 4e-3, schedule: 'linear', clipNorm: 0.4 },
  presets: {
    default: {
      tcn: NOTTINGHAM_TCN,
      lstm: { ...RECURRENT, forgetBias: 1 },
      gru: RECURRENT,
      rnn: { ...RECURRENT, learningRate: 1e-3 },
    },
    published: { tcn: TCN_SETTINGS.nottingham, lstm: LSTM_SETTINGS.nottingham },
  },
  search: {
    any: { hidden: { kind: 'choice', of: [128, 256, 384] } },
    tcn: { hidden: { kind: 'choice', of: [100, 150] } },
  },
  // A step is an eighth note.
  sample: { kind: 'music', tempo: 240 },
  make: ({ batch }, music) => musicTask({ music, batch }),
});
