// How a model is trained: the options that every run has, whatever its model and its task.

import type { Misfit, Option, Options, OptionsOf, Values } from './option';

/** Values that an option needs another to have. */
const needs =
  (name: string, wanted: readonly string[], otherwise = '') =>
  (settings: Values): Misfit | undefined => {
    const value = String(settings[name] ?? otherwise);
    if (wanted.includes(value)) return undefined;
    return { with: `--${name} ${value}`, fix: `add --${name} ${wanted.join(' or ')}.` };
  };

const adam = (settings: Values): Misfit | undefined => {
  const wrong = needs('optimizer', ['adam', 'adamw'])(settings);
  return wrong && { ...wrong, fix: 'leave it out.' };
};

/** AdamW has a decay of its own. */
const decaying = (settings: Values): Misfit | undefined => {
  if (settings.weightDecay || (settings.weightDecay === undefined && settings.optimizer === 'adamw'))
    return undefined;
  return { with: '--weight-decay 0', fix: 'add --weight-decay W.' };
};

/** The options by their names. */
export const TRAINING = {
  optimizer: { kind: ['sgd', 'adam', 'adamw', 'rmsprop'], required: true, help: 'the optimizer' },
  learningRate: {
    kind: 'positive',
    required: true,
    help: 'the learning rate at the first step',
    search: { kind: 'log factor', from: 1 / 4, to: 4 },
  },
  schedule: {
    kind: ['constant', 'linear', 'cosine', 'plateau', 'drop', 'warmup'],
    help: 'constant; linear or cosine, to 0; plateau: after a validation without a new best; drop: halfway; warmup',
    absent: 'constant',
  },
  plateauFactor: {
    kind: 'rate',
    help: 'what the schedule plateau multiplies the rate by',
    absent: '0.25',
    misfit: needs('schedule', ['plateau'], 'constant'),
  },
  warmup: {
    kind: 'count',
    help: 'steps over which the rate rises; otherwise 4000 of the schedule warmup, 0 of linear and cosine',
    misfit: needs('schedule', ['warmup', 'linear', 'cosine'], 'constant'),
  },
  rateFloor: {
    kind: 'rate',
    help: 'the part of the rate that linear and cosine end at',
    misfit: needs('schedule', ['linear', 'cosine'], 'constant'),
  },
  clipNorm: {
    kind: 'weight',
    help: 'most that the global gradient norm may be; 0: no clipping',
    search: { kind: 'log factor', from: 1 / 3, to: 3 },
  },
  weightDecay: {
    kind: 'weight',
    help: 'of adamw as decay, otherwise as a penalty',
    search: { kind: 'log factor', from: 1 / 4, to: 4 },
  },
  decays: {
    kind: ['all', 'matrices'],
    help: 'parameters that weight-decay is taken of: all, or those of two axes or more, without biases and gains',
    absent: 'all',
    misfit: decaying,
  },
  momentum: { kind: 'rate', help: 'of sgd and rmsprop', misfit: needs('optimizer', ['sgd', 'rmsprop']) },
  nesterov: {
    kind: 'boolean',
    help: "of sgd with momentum: whether in Nesterov's form",
    absent: 'false',
    misfit: needs('optimizer', ['sgd']),
  },
  betas: { kind: 'rates', help: 'of adam and adamw, e.g. 0.9,0.98', absent: '0.9,0.999', misfit: adam },
  precision: {
    kind: ['f32', 'f16'],
    help: 'f16: computed in f32, stored in f16, the loss scaled; of an adapter that has shader-f16',
    absent: 'f32',
  },
  evaluateEvery: {
    kind: 'count',
    required: true,
    help: 'steps between validations, each of which saves a checkpoint',
  },
  patience: { kind: 'count', help: 'stop after this many validations without a new best' },
  onDeviceLoss: {
    kind: ['reopen', 'stop'],
    help: 'reopen: a GPU that was lost is opened again, and the run goes on bit for bit; stop: it ends, as saved',
    absent: 'reopen',
  },
  init: { kind: 'text', help: 'a safetensors file whose weights the model starts from' },
  seed: { kind: 'seed', required: true, help: 'of everything random', absent: '1' },
} as const satisfies Options;

/** How many sequences a step takes; a recipe leaves it to the task. */
export const BATCH = { kind: 'count', required: true, help: 'sequences per step' } as const satisfies Option;

/** How long a run is: stored as steps, whichever of the two was given. */
export const STEPS = { kind: 'count', required: true, help: 'training steps' } as const satisfies Option;
/** The same as STEPS in passes over the data. */
export const EPOCHS = {
  kind: 'count',
  help: 'the same in passes over the data, where there is a fixed set of it',
} as const satisfies Option;

/** What a training is stored in. */
export type Precision = (typeof TRAINING)['precision']['kind'][number];

/** The values of the options, and how long a run is. */
export type TrainingSettings = OptionsOf<typeof TRAINING> & { readonly steps: number };
