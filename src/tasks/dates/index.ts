// Dates as a task of the table.

import type { Options } from '../../spec/option';
import type { Preset } from '../preset';
import { defineTask } from '../taskSpec';
import { SMOOTHING } from '../translation/options';
import { datesTask, MEASURED } from './datesTask';

const START = {
  batch: 64,
  steps: 1500,
  evaluateEvery: 250,
  optimizer: 'adam',
  learningRate: 3e-3,
  schedule: 'linear',
  warmup: 100,
  clipNorm: 1,
} as const satisfies Partial<Preset>;

// LSTMs need steps this large: one of 64 units with attention has 0.006 nats after 877 of 1,000 steps; at half the rate
// 0.18 at the end.
const LSTM = { learningRate: 2e-2, betas: [0.9, 0.98] } as const satisfies Partial<Preset>;

const DATES = {
  ...SMOOTHING,
  evaluationDates: {
    kind: 'budget',
    help: `validate on so many dates, in batches of ${MEASURED}, and test on as many; 0: 1024`,
  },
} as const satisfies Options;

/** The task as the table has it. */
export const dates = defineTask({
  name: 'dates',
  title: 'Dates',
  about: 'dates as people write them, to ISO 8601; tested on forms that training has not',
  kind: 'translation',
  reads: 'pairs',
  options: DATES,
  lacks: {
    epochs: 'its data is drawn without end; give --steps.',
    length: 'its sentences have their own lengths.',
  },
  start: START,
  presets: {
    default: {
      seq2seq: { ...START, ...LSTM, hidden: 128, levels: 1 },
      'attention-lstm': { ...START, ...LSTM, hidden: 64, levels: 1 },
      gnmt: { ...START, ...LSTM, hidden: 64, levels: 2 },
      convs2s: { ...START, hidden: 48, levels: 4, decoderLevels: 3, betas: [0.9, 0.98] },
      transformer: { ...START, hidden: 64, levels: 2, heads: 4, norm: 'pre', betas: [0.9, 0.98] },
    },
  },
  make: ({ batch, smoothing, evaluationDates = 0 }) =>
    datesTask({ batch, smoothing, evaluated: Math.ceil(evaluationDates / MEASURED) || undefined }),
});
