// What RNN, LSTM and GRU have in common.

import { only } from '../graph/options';
import { LANGUAGE_RULES, LanguageModel, type LanguageSettings } from '../nn/languageModel';
import type { Options } from '../spec/option';
import {
  CUTOFFS,
  DROPOUT,
  EMBEDDING_START,
  GAIN,
  INPUT_DROPOUT,
  SIZE,
  TIED,
  WORD_EMBEDDING,
} from './options';

/** The options of all recurrent models. */
export const RECURRENT = {
  ...SIZE,
  hidden: { ...SIZE.hidden, help: 'hidden units of a layer' },
  levels: { ...SIZE.levels, help: 'stacked layers' },
  ...DROPOUT,
  ...GAIN,
} as const satisfies Options;

/** Their options on text. */
export const RECURRENT_TEXT = {
  ...WORD_EMBEDDING,
  ...EMBEDDING_START,
  ...INPUT_DROPOUT,
  ...TIED,
  ...CUTOFFS,
  inputBound: { kind: 'positive', help: 'most that an embedded value may be, either way' },
  carry: { kind: 'boolean', help: 'whether the state goes on from segment to segment', absent: 'true' },
} as const satisfies Options;

/** The language model; of the settings of a run it takes those that it has. */
export function recurrentLM(
  vocabulary: number,
  settings: Omit<LanguageSettings, 'embedding'> & { readonly embedding?: number; readonly seed: number },
): LanguageModel {
  const { seed, embedding = settings.hidden, ...rest } = settings;
  return new LanguageModel(vocabulary, only(LANGUAGE_RULES, { ...rest, embedding }), seed);
}
