// Google's neural machine translation system (Wu et al. 2016).

import { fail } from '../graph/check';
import { only } from '../graph/options';
import { GNMT, GNMT_RULES } from '../nn/translation/gnmt';
import { defineModel } from './modelSpec';
import { LSTM_TRANSLATOR, LSTM_TRANSLATION } from './lstmTranslator';

/** The model as the table has it. */
export const gnmt = defineModel({
  name: 'gnmt',
  title: 'GNMT',
  about: 'deep LSTMs with residual sums, and attention that its bottom layer asks',
  family: 'recurrent',
  options: LSTM_TRANSLATOR,
  pairs: {
    options: {
      ...LSTM_TRANSLATION,
      normed: {
        kind: 'boolean',
        help: "whether attention's scores have a scale of their own, as in gnmt_v2; the paper has none",
        absent: 'true',
      },
      passState: {
        kind: 'boolean',
        help: "whether the decoder starts from the encoder's states, as in tensorflow/nmt",
        absent: 'false',
      },
      residual: {
        kind: 'boolean',
        help: 'whether layers from the third up are added to what they are given; false: a plain stack',
        absent: 'true',
      },
    },
    make: (vocabularies, { seed, ...settings }) => new GNMT(vocabularies, only(GNMT_RULES, settings), seed),
  },
  start: { hidden: 128, levels: 2, learningRate: 2e-3, clipNorm: 1 },
  check({ levels }) {
    if (Number(levels) > 1) return;
    fail(`A gnmt has no ${String(levels)} level.`, {
      fix: 'give --levels 2 or more: its bottom layers are of another kind.',
    });
  },
});
