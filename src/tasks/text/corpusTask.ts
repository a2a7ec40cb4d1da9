// What tasks of text have in common: how the tokens of a corpus are counted and trained on.

import { Vocabulary, type Corpus, type TextData, type Unit } from '../../data/text';
import { WikiTextWriting } from '../../data/writing';
import { fail } from '../../graph/check';
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
  make(settings: Making & OptionsOf<typeof TEXT>, corpus: TextData, models: Models) {
    const { batch, bptt, cutoffs, sampling, trainTokens, evaluationTokens, lead: trainLead } = settings;
    const tokens = { trainTokens, evaluationTokens, lead: leadOf(settings, models), trainLead };
    return languageTask({ corpus, batch, bptt, cutoffs, sampling, ...tokens });
  },
} as const;

/** What settings must know of a corpus. */
export const CORPUS_FACTS = {
  facts: ({ train }: TextData) => ({ tokens: train.length }),
  notes: ({ unknown }: TextData) => (unknown ? [unknown] : []),
  /** At least one, so that a text that is too short is refused later, with its numbers. */
  stepsPerEpoch: ({ tokens }: { readonly tokens: number }, { batch, bptt = 1, trainTokens }: Reading) =>
    Math.max(1, segmentsIn(Math.min(tokens, trainTokens || Infinity), batch, bptt)),
} as const;

/** What a run on WikiText-2 keeps: its words or characters. */
export const WIKITEXT_KEPT = {
  keep: ({ name, unit, vocabulary }: Corpus) => ({ name, unit, tokens: vocabulary.tokens }),
  kept(json: unknown, where: string): Corpus {
    const { name, unit, tokens } = Object(json) as Record<string, unknown>;
    const texts = Array.isArray(tokens) && tokens.every((token) => typeof token === 'string');
    if (typeof name !== 'string' || (unit !== 'word' && unit !== 'character') || !texts) {
      return fail(`${where} holds no vocabulary.`, {
        fix: 'the file was changed or is damaged; train again.',
      });
    }
    return keptCorpus(name, unit, tokens as string[]);
  },
} as const;

function keptCorpus(name: string, unit: Unit, tokens: readonly string[]): Corpus {
  const none = new Uint32Array(0);
  const writing = new WikiTextWriting(unit, tokens);
  return { name, unit, vocabulary: new Vocabulary(tokens), writing, train: none, valid: none, test: none };
}
