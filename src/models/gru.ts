// The gated recurrent unit of Cho et al. (2014).

import { BODIES } from '../nn/bodies';
import { defineModel } from './modelSpec';
import { RECURRENT, RECURRENT_TEXT, recurrentLM } from './recurrent';

/** The model as the table has it. */
export const gru = defineModel({
  name: 'gru',
  title: 'GRU',
  about: 'a recurrent net with two gates',
  family: 'recurrent',
  options: RECURRENT,
  body: BODIES.gru,
  text: {
    options: RECURRENT_TEXT,
    make: (vocabulary, settings) => recurrentLM(vocabulary, { ...settings, model: 'gru' }),
  },
  start: { hidden: 128, levels: 1, learningRate: 1e-2, clipNorm: 1 },
  lacks: { stable: 'a projection is known for rnn and lstm; leave it out.' },
});
