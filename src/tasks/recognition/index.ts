// The recognition of spoken digits as a task of the table; what it trains is the judge of what others speak.

import { DIGIT_FILES, readRecordings } from '../digits/recordings';
import { defineTask } from '../taskSpec';
import { STEPS, heardDigits } from './heard';
import { recognitionTask } from './recognitionTask';

const START = {
  batch: 20,
  steps: 400,
  evaluateEvery: 100,
  optimizer: 'adam',
  learningRate: 3e-3,
  schedule: 'cosine',
  clipNorm: 1,
} as const;

/** The task as the table has it. */
export const recognition = defineTask({
  name: 'recognition',
  title: 'Recognition of spoken digits',
  about: 'which digit is said, and by whom, from 10 ms frames of log-mel spectra (Free Spoken Digit Dataset)',
  kind: 'sound',
  reads: 'vectors',
  options: {},
  lacks: { length: 'its recordings have their own lengths; leave it out.' },
  start: START,
  presets: {
    default: {
      // 125 frames in sight, more than any recording has.
      tcn: { ...START, hidden: 48, levels: 5, kernelSize: 3, gain: 1.5, dropout: 0.1 },
      lstm: { ...START, hidden: 64, levels: 1, forgetBias: 1 },
    },
  },
  data: {
    files: DIGIT_FILES,
    read: (files) => heardDigits(readRecordings(files)),
    facts: ({ train }) => ({ recordings: train.length }),
    stepsPerEpoch: ({ recordings }, { batch }) => Math.max(1, Math.floor(recordings / batch)),
  },
  sees: () => STEPS,
  make: ({ batch }, heard) => recognitionTask(heard, batch),
});
