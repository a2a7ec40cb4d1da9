// The settings of models of sound, on spoken digits.

import type { ModelName } from '../tasks/recipe';
import type { Preset } from './recipes';

type Presets = Readonly<Partial<Record<ModelName, Preset>>>;

const WAVENET: Preset = {
  ...{ batch: 8, length: 1024, steps: 1200, evaluateEvery: 400 },
  ...{ hidden: 32, skip: 128, stacks: 2, levels: 9 },
  ...{ optimizer: 'adam', learningRate: 3e-3, schedule: 'cosine', clipNorm: 1 },
};

const RECURRENT: Preset = {
  ...WAVENET,
  ...{ batch: 16, length: 512, stacks: undefined, skip: undefined },
  ...{ levels: 1, embedding: 64, hidden: 160 },
};

export const DIGITS: Presets = {
  wavenet: WAVENET,
  lstm: { ...RECURRENT, forgetBias: 1 },
  gru: RECURRENT,
  rnn: RECURRENT,
};

// ibab's tensorflow-wavenet: five stacks, 5,117 samples in sight; Adam at 1e-3, one piece a step, which here is a whole
// recording. Its pieces have 100,000 samples of a longer speech, at twice the rate.
export const PUBLISHED_DIGITS: Presets = {
  wavenet: {
    ...{ batch: 1, length: 8192, steps: 100_000, evaluateEvery: 1000 },
    ...{ hidden: 32, skip: 512, stacks: 5, levels: 10, optimizer: 'adam', learningRate: 1e-3 },
  },
};
