// The LSTM of Hochreiter and Schmidhuber (1997), with forget gates (Gers et al. 2000).

import { fail } from '../graph/check';
import { BODIES } from '../nn/bodies';
import type { Misfit, Values } from '../spec/option';
import { defineModel } from './modelSpec';
import { PUBLISHED_BOUNDS, STABLE } from './options';
import { RECURRENT, RECURRENT_TEXT, recurrentLM } from './recurrent';

/** The model as the table has it. */
export const lstm = defineModel({
  name: 'lstm',
  title: 'LSTM',
  about: 'a recurrent net with a cell and three gates',
  family: 'recurrent',
  options: {
    ...RECURRENT,
    forgetBias: {
      kind: 'weight',
      help: 'where the forget gates start',
      search: { kind: 'choice', of: [0, 1, 2, 4] },
    },
    ...STABLE,
    bounds: {
      kind: ['author-code', 'paper-v4'],
      help: 'published bounds of a stable lstm in place of those for λ',
      misfit: ({ stable }: Values): Misfit | undefined =>
        stable ? undefined : { with: 'a model that is not --stable', fix: 'add --stable 0.99.' },
    },
  },
  body: BODIES.lstm,
  text: {
    options: RECURRENT_TEXT,
    make(vocabulary, { stable, bounds, ...settings }) {
      // What an LSTM's stability asks of its inputs.
      const bound = stable === undefined ? undefined : bounds ? PUBLISHED_BOUNDS[bounds].x : 1;
      const { inputBound = bound } = settings;
      return recurrentLM(vocabulary, { ...settings, inputBound, model: 'lstm' });
    },
  },
  start: { hidden: 128, levels: 1, forgetBias: 1, learningRate: 1e-2, clipNorm: 1 },
  check({ stable, bounds }) {
    if (stable === undefined || bounds || (Number(stable) > 0.5 && stable !== 1)) return;
    fail(`An LSTM cannot be made stable with λ = ${String(stable)}.`, {
      fix: 'give --stable above 0.5 and below 1: a forget gate is half open where its inputs are 0.',
    });
  },
});
