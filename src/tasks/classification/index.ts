// The classification of a user's own sequences as a task of the table.

import { keepLabelled, keptLabelled, type LabelledCorpus } from '../../data/labelled/corpus';
import { defineTask } from '../taskSpec';
import { classificationTask, lengthCounts, stepsIn } from './classificationTask';
import { CLASSIFICATION } from './options';
import { readLabelled } from './read';

interface ClassificationFacts {
  readonly sequences: number;
  readonly lengths: Readonly<Record<string, number>>;
  readonly [name: string]: number | Readonly<Record<string, number>>;
}

/** The classes of a user's own texts, series or recordings, each asked for after its last step. */
export const classification = defineTask<
  'classification',
  typeof CLASSIFICATION,
  LabelledCorpus,
  ClassificationFacts
>({
  name: 'classification',
  title: 'Classification of your own sequences',
  about: 'of which class your own texts, series or recordings are: --from TABLE, or --from FOLDER of folders',
  kind: 'classification',
  reads: 'vectors',
  options: CLASSIFICATION,
  lacks: { length: 'its sequences have their own lengths; see --longest.' },
  start: {
    batch: 16,
    steps: 1000,
    evaluateEvery: 100,
    optimizer: 'adam',
    learningRate: 3e-3,
    schedule: 'linear',
    clipNorm: 1,
  },
  presets: {},
  data: {
    from: {
      what: 'sequences',
      endings: ['csv', 'tsv', 'txt', 'wav', 'wave'],
      beside: true,
      parts: { testFile: 'a table of the sequences that test, in place of a part of those of --from' },
    },
    read: (files, settings, parts = {}, known) => readLabelled(files, settings, parts.testFile, known),
    facts: (corpus) => ({ sequences: corpus.train.length, lengths: lengthCounts(corpus) }),
    notes: ({ notes, classes, form }) => [`${classes.length} classes of ${form.material}`, ...notes],
    stepsPerEpoch: ({ lengths }, { batch }) => stepsIn(lengths, batch),
    keep: keepLabelled,
    kept: keptLabelled,
  },
  make: ({ batch, embedding }, corpus) => classificationTask({ corpus, batch, embedding }),
});
