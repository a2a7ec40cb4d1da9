// The flags that are settings of a run: what each may be, and its line in help.

import { GATED_UNITS } from '../nn/gatedConv';
import { CONDITIONS } from '../tasks/digits/soundModel';
import { SPEAKER_CHOICES } from '../tasks/digits/digitsTask';
import type { Option } from '../spec/option';

/** Flags that are settings. Each one's name in camelCase is its key in Settings. */
export const SETTING_FLAGS = {
  hidden: {
    kind: 'count',
    help: 'channels of a level or convolution, hidden units, or columns of a transformer',
  },
  levels: { kind: 'count', help: 'residual blocks of a TCN, gated convolutions, or stacked layers' },
  stacks: { kind: 'count', help: 'of a wavenet: how often its dilations go from 1 to 2^(levels − 1)' },
  skip: { kind: 'count', help: 'of a wavenet: channels of the skip connections; otherwise 4 times --hidden' },
  'kernel-size': { kind: 'count', help: 'taps of a tcn, gcnn or wavenet' },
  activation: { kind: GATED_UNITS, help: 'of a gcnn: what stands behind a convolution; default glu' },
  dropout: {
    kind: 'rate',
    help: 'in blocks and layers, between recurrent layers, before the head, on embeddings',
  },
  'input-dropout': { kind: 'rate', help: 'on the input, but of a transformer on text' },
  gain: {
    kind: 'positive',
    help: 'times the initial weights of convolutions, or from the input to gates',
  },
  'residual-gain': {
    kind: 'positive',
    help: 'of a tcn: the same of the convolutions on its residuals, in place of the published N(0, 0.01²)',
  },
  heads: { kind: 'count', help: 'of a transformer, likewise the next three' },
  'feed-forward': { kind: 'count', help: 'units of its feed-forward nets; otherwise 4 times --hidden' },
  norm: { kind: ['pre', 'post'], help: 'norms before what they are for, or behind the sum' },
  positions: { kind: ['sinusoidal', 'learned'], help: 'sinusoidal or learned' },
  smoothing: {
    kind: 'rate',
    help: 'of a transformer on text: part of every target that is spread over all words, in training',
  },
  'forget-bias': { kind: 'weight', help: "where an LSTM's forget gates start" },
  optimizer: { kind: ['sgd', 'adam', 'adamw', 'rmsprop'], help: 'sgd, adam, adamw or rmsprop' },
  'learning-rate': { kind: 'positive', help: 'at the first step' },
  schedule: {
    kind: ['constant', 'linear', 'cosine', 'plateau', 'drop', 'warmup'],
    help: 'constant; linear or cosine to 0; plateau: after a validation without a new best; drop: halfway; warmup',
  },
  'plateau-factor': { kind: 'rate', help: 'what plateau multiplies the rate by; default 0.25' },
  warmup: {
    kind: 'count',
    help: 'steps over which the rate of the schedule warmup rises, to fall with the root',
  },
  'clip-norm': { kind: 'weight', help: 'most that the global gradient norm may be; 0: no clipping' },
  'weight-decay': { kind: 'weight', help: 'of adamw as decay, otherwise as a penalty' },
  momentum: { kind: 'rate', help: 'of sgd and rmsprop' },
  nesterov: { kind: 'boolean', help: "of sgd with momentum: whether in Nesterov's form; default false" },
  betas: { kind: 'rates', help: 'of adam and adamw, e.g. 0.9,0.98' },
  stable: { kind: 'lambda', help: 'keep an rnn or lstm stable: how much of a difference a step may keep' },
  bounds: {
    kind: ['author-code', 'paper-v4'],
    help: 'published bounds of a stable lstm in place of those for λ',
  },
  batch: { kind: 'count', help: 'sequences per step' },
  length: { kind: 'count', help: 'T of copy and adding; samples of a piece of digits' },
  'evaluation-pieces': {
    kind: 'budget',
    help: 'of digits: validate and test on so many pieces, not on whole recordings; 0: on those',
  },
  speaker: { kind: SPEAKER_CHOICES, help: 'of digits: whose recordings; default both' },
  condition: { kind: CONDITIONS, help: 'of digits: what the model is told of a recording; default both' },
  bptt: { kind: 'count', help: 'of text: steps per segment; gradients go back no further' },
  lead: {
    kind: 'budget',
    help: 'of text, if convolutional: steps before a training segment that it is shown and not asked about',
  },
  carry: {
    kind: 'boolean',
    help: 'of text: whether the state goes on from segment to segment; default true',
  },
  embedding: { kind: 'count', help: 'of text, and of digits but for a wavenet: size of an embedding' },
  tied: { kind: 'boolean', help: 'of text: whether embedding and softmax share one table' },
  cutoffs: {
    kind: 'numbers',
    help: 'of text: adaptive softmax with so many words in its head, and where tails end; 0: full softmax',
  },
  'input-bound': { kind: 'positive', help: 'of text: most that an embedded value may be, either way' },
  'train-tokens': { kind: 'budget', help: 'of text: train on the first so many tokens only; 0: on all' },
  'evaluation-tokens': { kind: 'budget', help: 'of text: the same in validation and test' },
  'train-images': { kind: 'budget', help: 'of mnist: train on the first so many images only; 0: on all' },
  'evaluation-images': { kind: 'budget', help: 'of mnist: the same in validation and test' },
  'evaluate-every': { kind: 'count', help: 'steps between validations, each of which saves a checkpoint' },
  patience: { kind: 'count', help: 'stop after this many validations without a new best' },
  seed: { kind: 'seed', help: 'of everything random; default 1' },
} as const satisfies Readonly<Record<string, Pick<Option, 'kind' | 'help'>>>;
