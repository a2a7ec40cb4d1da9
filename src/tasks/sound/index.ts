// Sound of one's own as a task of the table: WAV files, sample by sample; the folders that they lie in are classes,
// which a model is told.

import { readOwnSound, SOUND_ENDINGS, type OwnSound } from '../../data/own/sound';
import { samplesIn } from '../../data/spokenDigits';
import { fail } from '../../graph/check';
import type { Options } from '../../spec/option';
import { LENGTH } from '../options';
import { defineTask } from '../taskSpec';
import { soundTask } from './soundTask';

const OWN_SOUND = {
  length: { ...LENGTH.length, help: 'samples of a piece' },
  rate: { kind: 'count', help: 'samples per second that files are converted to; otherwise 8000' },
  evaluationPieces: { kind: 'budget', help: 'pieces that validate and test; 0: all; otherwise 64' },
  validPart: { kind: 'rate', help: 'part of the recordings of every class that validates; otherwise 0.1' },
  testPart: { kind: 'rate', help: 'the same that tests; otherwise 0.1' },
  splitSeed: { kind: 'seed', help: 'of the split, whatever the seed of the run', absent: '1' },
} as const satisfies Options;

/** Sound of a user's own WAV files, whose folders are the classes that a model is told. */
export const sound = defineTask<'sound', typeof OWN_SOUND, OwnSound, { readonly samples: number }>({
  name: 'sound',
  title: 'Sound of your own',
  about:
    'the next sample of your own WAV files, as one of 256 μ-law codes; folders are classes: --from FOLDER',
  kind: 'sound',
  reads: 'sound',
  options: OWN_SOUND,
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
  presets: {},
  check({ condition }) {
    if (condition !== 'digit' && condition !== 'speaker') return;
    fail(`--condition ${condition} does not go with sound.`, {
      fix: 'what a model is told is the class, the folder of a file: leave it out, or give none.',
    });
  },
  data: {
    from: { what: 'WAV files', endings: SOUND_ENDINGS },
    read: (files, settings, _parts, known) =>
      readOwnSound(files, {
        ...settings,
        known: known?.classes,
        name: files.length === 1 ? files[0].name : `${files.length} recordings`,
      }),
    facts: ({ train }) => ({ samples: samplesIn(train) }),
    notes: ({ notes }) => notes,
    stepsPerEpoch: ({ samples }, { batch, length = 1 }) => Math.ceil(samples / (batch * length)),
    keep: ({ name, rate, classes }) => ({ name, rate, classes }),
    kept,
  },
  sample: { kind: 'recording' },
  make: ({ batch, length, evaluationPieces }, data, models) =>
    soundTask({ sound: data, batch, length, evaluationPieces }, models),
});

function kept(json: unknown, where: string): OwnSound {
  const { name, rate, classes } = Object(json) as Record<string, unknown>;
  const texts = Array.isArray(classes) && classes.length && classes.every((one) => typeof one === 'string');
  if (typeof name !== 'string' || !Number.isSafeInteger(rate) || !texts) {
    return fail(`${where} holds no sound.`, { fix: 'the file was changed or is damaged; train again.' });
  }
  return {
    name,
    rate: Number(rate),
    classes: classes as string[],
    train: [],
    valid: [],
    test: [],
    notes: [],
  };
}
