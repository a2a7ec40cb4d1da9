// minGRU and minLSTM (Feng et al. 2024): recurrent nets whose gates do not see the state, so that they are trained
// without recurrence. Each step keeps a part of the state below 1 that its input alone decides: every one is stable.

import type { Body } from '../nn/bodies';
import { CANDIDATES, MinGRU, MinLSTM, type Candidate } from '../nn/minRecurrent';
import type { Options } from '../spec/option';
import { defineModel } from './modelSpec';
import { DROPOUT, SIZE } from './options';

const MIN_RECURRENT = {
  ...SIZE,
  hidden: { ...SIZE.hidden, help: 'hidden units of a layer' },
  levels: { ...SIZE.levels, help: 'stacked layers' },
  ...DROPOUT,
  candidate: {
    kind: CANDIDATES,
    help: 'of a state, what becomes of it: positive, as in the log-space form, or linear',
    absent: 'positive',
  },
} as const satisfies Options;

const START = { hidden: 128, levels: 1, learningRate: 1.5e-2, clipNorm: 1 } as const;
const LACKS = {
  stable: 'each of its steps keeps less than all of the state as it is; leave it out.',
  gain: 'its gates do not see the state; leave it out.',
} as const;

const bodyOf = (Layers: typeof MinGRU | typeof MinLSTM): Body => ({
  make: (inputs, settings: Parameters<Body['make']>[1] & { readonly candidate?: Candidate }, generator) => {
    const { hidden, levels, dropout, candidate } = settings;
    return new Layers(inputs, hidden, { layers: levels, dropout, candidate, generator });
  },
});

/** The minimal GRU as the table has it. */
export const minGRU = defineModel({
  name: 'mingru',
  title: 'minGRU',
  about: 'a recurrent net of one gate that does not see the state, trained by a parallel scan',
  family: 'recurrent',
  options: MIN_RECURRENT,
  body: bodyOf(MinGRU),
  start: START,
  lacks: LACKS,
});

/** The minimal LSTM as the table has it. */
export const minLSTM = defineModel({
  name: 'minlstm',
  title: 'minLSTM',
  about: 'a recurrent net of two gates that do not see the state, trained by a parallel scan',
  family: 'recurrent',
  options: MIN_RECURRENT,
  body: bodyOf(MinLSTM),
  start: START,
  lacks: LACKS,
});
