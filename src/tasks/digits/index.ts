// Spoken digits as a task of the table.

import { longestMeasured, samplesIn, type Speaker, type SpokenDigits } from '../../data/spokenDigits';
import { fail } from '../../graph/check';
import type { Preset } from '../preset';
import { defineTask } from '../taskSpec';
import { CONTEST } from './digitsContest';
import { digitsTask, speakersOf } from './digitsTask';
import { DIGITS } from './options';
import { DIGIT_FILES, readRecordings } from './recordings';

type DigitsPreset = Preset<typeof DIGITS>;

// 32 ms in sight; 111,520 parameters with both conditions. The run has 1.2 million samples, a third of those of both
// speakers.
const WAVENET: DigitsPreset = {
  batch: 4,
  length: 512,
  steps: 600,
  evaluateEvery: 300,
  hidden: 32,
  skip: 64,
  levels: 8,
  optimizer: 'adam',
  learningRate: 8e-3,
  schedule: 'cosine',
  clipNorm: 1,
};

// As large, and as many samples a step: shorter pieces, because its steps come one behind the other.
const RECURRENT: DigitsPreset = {
  ...WAVENET,
  batch: 8,
  length: 256,
  skip: undefined,
  levels: 1,
  embedding: 68,
};

// ibab's tensorflow-wavenet: five stacks, 5,117 samples in sight; Adam at 1e-3, one piece a step, which here is a whole
// recording. Its pieces have 100,000 samples of a longer speech, at twice the rate.
const PUBLISHED_WAVENET: DigitsPreset = {
  batch: 1,
  length: 8192,
  steps: 100_000,
  evaluateEvery: 1000,
  hidden: 32,
  skip: 512,
  stacks: 5,
  levels: 10,
  optimizer: 'adam',
  learningRate: 1e-3,
};

function samplesOf({ train }: SpokenDigits): Record<Speaker, number> {
  const of = (speaker: Speaker) => samplesIn(train.filter((one) => one.speaker === speaker));
  return { jackson: of('jackson'), george: of('george') };
}

/** Spoken digits: recordings of one speaker or of both, 8,000 samples per second, in pieces. */
export const digits = defineTask({
  name: 'digits',
  title: 'Spoken digits',
  about: 'the next sample of "zero" to "nine", as one of 256 μ-law codes (Free Spoken Digit Dataset)',
  kind: 'sound',
  reads: 'sound',
  options: DIGITS,
  start: {
    batch: 4,
    length: 512,
    steps: 600,
    evaluateEvery: 300,
    optimizer: 'adam',
    learningRate: 4e-3,
    schedule: 'cosine',
    clipNorm: 1,
  },
  presets: {
    default: {
      wavenet: WAVENET,
      lstm: { ...RECURRENT, hidden: 100, forgetBias: 1 }, // 112,080 parameters
      gru: { ...RECURRENT, hidden: 116 }, // 112,904
      rnn: { ...RECURRENT, hidden: 184, learningRate: 1e-3 }, // 112,320
      tcn: { ...WAVENET, skip: undefined, hidden: 52, kernelSize: 2, levels: 7, embedding: 68 }, // 114,212
      gcnn: { ...WAVENET, skip: undefined, hidden: 48, kernelSize: 4, levels: 4, embedding: 68 }, // 108,624
    },
    published: { wavenet: PUBLISHED_WAVENET },
  },
  data: {
    files: DIGIT_FILES,
    read: readRecordings,
    facts: (data) => ({ samples: samplesOf(data) }),
    stepsPerEpoch({ samples }, { batch, length, speaker }) {
      const all = speakersOf(speaker).reduce((sum, one) => sum + samples[one], 0);
      return Math.ceil(all / (batch * length!));
    },
    keep: (data) => ({ longest: longestMeasured(data) }),
    kept,
  },
  contest: CONTEST,
  sample: { kind: 'sound' },
  make: ({ batch, length, speaker, evaluationPieces, features }, data) =>
    digitsTask({ digits: data, batch, length, speaker, evaluationPieces, features }),
});

function kept(json: unknown, where: string): SpokenDigits {
  const { jackson, george } = Object(Object(json).longest) as Record<Speaker, unknown>;
  const longest = { jackson: Number(jackson), george: Number(george) };
  if (!Object.values(longest).every((samples) => Number.isSafeInteger(samples) && samples >= 0)) {
    fail(`${where} holds no spoken digits.`, { fix: 'the file was changed or is damaged; train again.' });
  }
  return { train: [], valid: [], test: [], longest };
}
