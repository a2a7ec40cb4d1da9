// English to French sentences of the Tatoeba project as a task of the table.

import { readCorpus, type PairCorpus } from '../../data/translation/corpus';
import { defineTask } from '../taskSpec';
import { PAIRS } from './options';
import { PAIRS_FACTS, PAIRS_TASK } from './pairsTask';
import { defaultWith, SMALL, START } from './presets';

/** The task as the table has it. */
export const engFra = defineTask({
  ...PAIRS_TASK,
  name: 'eng-fra',
  title: 'English to French',
  about: 'short everyday sentences, 142,787 pairs of the Tatoeba project',
  options: PAIRS,
  start: { ...START, longest: 12 },
  presets: {
    default: defaultWith({ longest: 12 }),
    small: SMALL,
  },
  data: {
    ...PAIRS_FACTS,
    files: ['eng-fra/eng-fra.txt'],
    read: ([file], settings): PairCorpus =>
      readCorpus('eng-fra', { train: { tabs: file } }, { ...settings, unit: settings.unit ?? 'bpe' }),
  },
});
