// The settings of models of sound, on spoken digits.

import type { ModelName } from '../tasks/recipe';
import type { Preset } from './recipes';

type Presets = Readonly<Partial<Record<ModelName, Preset>>>;

// 32 ms in sight; 111,520 parameters with both conditions. The run has 1.2 million samples, a third of those of both
// speakers.
const WAVENET: Preset = {
  ...{ batch: 4, length: 512, steps: 600, evaluateEvery: 300 },
  ...{ hidden: 32, skip: 64, levels: 8 },
  ...{ optimizer: 'adam', learningRate: 8e-3, schedule: 'cosine', clipNorm: 1 },
};

// As large, and as many samples a step: shorter pieces, because its steps come one behind the other.
const RECURRENT: Preset = {
  ...WAVENET,
  ...{ batch: 8, length: 256, skip: undefined, levels: 1, embedding: 68 },
};

export const DIGITS: Presets = {
  wavenet: WAVENET,
  lstm: { ...RECURRENT, hidden: 100, forgetBias: 1 }, // 112,080 parameters
  gru: { ...RECURRENT, hidden: 116 }, // 112,904
  rnn: { ...RECURRENT, hidden: 184, learningRate: 1e-3 }, // 112,320
  tcn: { ...WAVENET, skip: undefined, hidden: 52, kernelSize: 2, levels: 7, embedding: 68 }, // 114,212
  gcnn: { ...WAVENET, skip: undefined, hidden: 48, kernelSize: 4, levels: 4, embedding: 68 }, // 108,624
};

// ibab's tensorflow-wavenet: five stacks, 5,117 samples in sight; Adam at 1e-3, one piece a step, which here is a whole
// recording. Its pieces have 100,000 samples of a longer speech, at twice the rate.
export const PUBLISHED_DIGITS: Presets = {
  wavenet: {
    ...{ batch: 1, length: 8192, steps: 100_000, evaluateEvery: 1000 },
    ...{ hidden: 32, skip: 512, stacks: 5, levels: 10, optimizer: 'adam', learningRate: 1e-3 },
  },
};
