// Parametric speech as a task of the table.

import { DIGIT_FILES, readRecordings } from '../digits/recordings';
import { defineTask } from '../taskSpec';
import { keepWords, keptWords } from './keep';
import { OUTPUTS, speechTask } from './speechTask';
import { spokenWords } from './spoken';

const START = {
  batch: 20,
  steps: 400,
  evaluateEvery: 100,
  optimizer: 'adam',
  learningRate: 5e-3,
  schedule: 'cosine',
  clipNorm: 1,
} as const;

/** The task as the table has it. */
export const speech = defineTask({
  name: 'speech',
  title: 'Parametric speech',
  about:
    'spectrum, pitch and voicing of every frame of a spoken digit, from digit, speaker and place in the word',
  kind: 'sound',
  reads: 'vectors',
  options: {
    output: {
      kind: OUTPUTS,
      help: 'whether an output goes on from the one before (Zen & Sak 2015)',
      absent: 'recurrent',
    },
  },
  lacks: { length: 'its words have their own lengths; leave it out.' },
  start: START,
  presets: { default: { lstm: { ...START, hidden: 96, levels: 2, forgetBias: 1 } } },
  data: {
    files: DIGIT_FILES,
    read: (files) => spokenWords(readRecordings(files)),
    facts: ({ train }) => ({ recordings: train.length }),
    stepsPerEpoch: ({ recordings }, { batch }) => Math.max(1, Math.floor(recordings / batch)),
    keep: keepWords,
    kept: keptWords,
  },
  sample: { kind: 'speech' },
  make: ({ batch, output }, words) => speechTask(words, batch, output),
});
