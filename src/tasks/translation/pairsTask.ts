// What tasks of a corpus of pairs have in common.

import { batchesIn, shapeCounts } from '../../data/translation/batches';
import type { PairCorpus } from '../../data/translation/corpus';
import { keepCorpus, keptCorpus } from '../../data/translation/keep';
import type { OptionsOf } from '../../spec/option';
import type { Making } from '../taskSpec';
import type { PAIRS } from './options';
import { translationTask } from './translationTask';

type Reading = Partial<OptionsOf<typeof PAIRS>> & { readonly batch: number };

/** A task of a corpus; it adds name, title, about, options, start, presets and how the corpus is read. */
export const PAIRS_TASK = {
  kind: 'translation',
  reads: 'pairs',
  lacks: {
    length: 'its sentences have their own lengths; see --longest.',
    bptt: 'its sentences have their own lengths; leave it out.',
  },
  make: ({ batch, batchTokens, smoothing }: Making & OptionsOf<typeof PAIRS>, corpus: PairCorpus) =>
    translationTask({ corpus, batch, batchTokens, smoothing }),
} as const;

/** What settings must know of a corpus, what is said of it, and what a run keeps. */
export const PAIRS_FACTS = {
  facts: ({ train, shapes }: PairCorpus) => ({
    pairs: train.pairs.count,
    shapes: shapeCounts(train.pairs, shapes),
  }),
  notes: ({ notes }: PairCorpus) => notes,
  stepsPerEpoch: (
    { shapes }: { readonly pairs: number; readonly shapes: Readonly<Record<string, number>> },
    { batch, batchTokens }: Reading,
  ) => Math.max(1, batchesIn(shapes, { batch, batchTokens })),
  keep: keepCorpus,
  kept: keptCorpus,
} as const;
