// The tanh RNN of Elman (1990).

import { BODIES } from '../nn/bodies';
import { defineModel } from './modelSpec';
import { STABLE } from './options';
import { RECURRENT, RECURRENT_TEXT, recurrentLM } from './recurrent';

/** The model as the table has it. */
export const rnn = defineModel({
  name: 'rnn',
  title: 'RNN',
  about: 'a recurrent net, h = tanh(W x + U h)',
  family: 'recurrent',
  options: { ...RECURRENT, ...STABLE },
  body: BODIES.rnn,
  text: {
    options: RECURRENT_TEXT,
    make: (vocabulary, settings) => recurrentLM(vocabulary, { ...settings, model: 'rnn' }),
  },
  // A higher rate lets its state saturate.
  start: { hidden: 128, levels: 1, learningRate: 3e-3, clipNorm: 1 },
});
