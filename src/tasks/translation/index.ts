// Translation of a user's own pairs of sentences as a task of the table.

import { readCorpus, type PairCorpus } from '../../data/translation/corpus';
import { LEAST_STEPS } from '../preset';
import { defineTask } from '../taskSpec';
import { corpusFiles, nameOfFiles, PAIR_PARTS } from './corpusFiles';
import { OWN_PAIRS } from './options';
import { PAIRS_FACTS, PAIRS_TASK } from './pairsTask';
import { defaultWith, IWSLT, PUBLISHED, START } from './presets';

interface PairFacts {
  readonly pairs: number;
  readonly shapes: Readonly<Record<string, number>>;
  readonly [name: string]: number | Readonly<Record<string, number>>;
}

/** The task as the table has it. */
export const translation = defineTask<'translation', typeof OWN_PAIRS, PairCorpus, PairFacts>({
  ...PAIRS_TASK,
  name: 'translation',
  title: 'Translation',
  about: 'sentences of one language in another: --from FILE with tabs, or --source FILE --target FILE',
  options: OWN_PAIRS,
  start: { ...START, ...LEAST_STEPS },
  presets: { default: defaultWith(LEAST_STEPS), published: PUBLISHED, iwslt: IWSLT },
  data: {
    ...PAIRS_FACTS,
    from: { what: 'pairs of sentences', endings: ['txt', 'tsv'], parts: PAIR_PARTS },
    read(files, settings, parts = {}, known) {
      const corpus = corpusFiles(files, parts);
      return readCorpus(nameOfFiles(corpus), corpus, { ...settings, unit: settings.unit ?? 'bpe', known });
    },
  },
});
