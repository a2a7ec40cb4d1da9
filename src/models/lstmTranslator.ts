// What the translators made of LSTMs have in common.

import type { Options } from '../spec/option';
import { DROPOUT, EMBEDDING, SIZE, TRANSLATION } from './options';

/** The options of all translators made of LSTMs. */
export const LSTM_TRANSLATOR = {
  hidden: { ...SIZE.hidden, help: 'hidden units of a layer' },
  levels: { ...SIZE.levels, help: 'stacked layers of the encoder, and of the decoder' },
  ...DROPOUT,
} as const satisfies Options;

const { tied, sharedEmbedding, truncate } = TRANSLATION;

/** What they have on pairs besides. */
export const LSTM_TRANSLATION = { ...EMBEDDING, tied, sharedEmbedding, truncate } as const satisfies Options;
