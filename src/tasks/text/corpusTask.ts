// What tasks of text have in common: how the tokens of a corpus are counted and trained on.

import type { Corpus } from '../../data/text';
import { segmentsIn } from '../../data/textStream';
import type { Models } from '../../models/modelSpec';
import type { OptionsOf } from '../../spec/option';
import type { Making } from '../taskSpec';
import { languageTask, leadOf } from './languageModelling';
import { TEXT } from '../options';

type Reading = Partial<OptionsOf<typeof TEXT>> & { readonly batch: number };

/** A task of a corpus; it adds name, title, about, start, presets and how the corpus is read. */
export const CORPUS_TASK = {
  kind: 'text',
  reads: 'text',
  options: TEXT,
  lacks: { length: 'the length of a segment of text is --bptt.' },
  sample: { kind: 'text' },
  make(settings: Making & OptionsOf<typeof TEXT>, corpus: Corpus, models: Models) {
    const { batch, bptt, cutoffs, trainTokens, evaluationTokens, lead: trainLead } = settings;
    const tokens = { trainTokens, evaluationTokens, lead: leadOf(settings, models), trainLead };
    return languageTask({ corpus, batch, bptt, cutoffs, ...tokens });
  },
} as const;

/** What settings must know of a corpus. */
export const CORPUS_FACTS = {
  facts: ({ train }: Corpus) => ({ tokens: train.length }),
  /** At least one, so that a text that is too short is refused later, with its numbers. */
  stepsPerEpoch: ({ tokens }: { readonly tokens: number }, { batch, bptt = 1, trainTokens }: Reading) =>
    Math.max(1, segmentsIn(Math.min(tokens, trainTokens || Infinity), batch, bptt)),
} as const;
