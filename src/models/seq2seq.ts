// The encoder-decoder of Sutskever, Vinyals and Le (2014): two LSTMs and no attention.

import { only } from '../graph/options';
import { SEQ2SEQ_RULES, Seq2Seq } from '../nn/translation/seq2seq';
import { defineModel } from './modelSpec';
import { LSTM_TRANSLATOR, LSTM_TRANSLATION } from './lstmTranslator';

/** The model as the table has it. */
export const seq2seq = defineModel({
  name: 'seq2seq',
  title: 'Seq2Seq',
  about: 'an LSTM that reads, and one that writes from its last state',
  family: 'recurrent',
  options: LSTM_TRANSLATOR,
  pairs: {
    options: {
      ...LSTM_TRANSLATION,
      backwards: { kind: 'boolean', help: 'whether the source is read from its last word', absent: 'true' },
    },
    make: (vocabularies, { seed, ...settings }) =>
      new Seq2Seq(vocabularies, only(SEQ2SEQ_RULES, settings), seed),
  },
  start: { hidden: 128, levels: 2, learningRate: 2e-3, clipNorm: 1 },
});
