// LSTMs with attention, after Bahdanau, Cho and Bengio (2015) and Luong, Pham and Manning (2015).

import { only } from '../graph/options';
import { ATTENTION_LSTM_RULES, AttentionLSTM, SCORES } from '../nn/translation/attentionLstm';
import { defineModel } from './modelSpec';
import { LSTM_TRANSLATOR, LSTM_TRANSLATION } from './lstmTranslator';

/** The model as the table has it. */
export const attentionLSTM = defineModel({
  name: 'attention-lstm',
  title: 'LSTM with attention',
  about: 'LSTMs, one of which looks at all that the other has read',
  family: 'recurrent',
  options: LSTM_TRANSLATOR,
  pairs: {
    options: {
      ...LSTM_TRANSLATION,
      score: {
        kind: SCORES,
        help: "how a query and an annotation are compared: additive as Bahdanau's, or Luong's products",
        absent: 'additive',
      },
    },
    make: (vocabularies, { seed, ...settings }) =>
      new AttentionLSTM(vocabularies, only(ATTENTION_LSTM_RULES, settings), seed),
  },
  start: { hidden: 128, levels: 1, learningRate: 2e-3, clipNorm: 1 },
});
