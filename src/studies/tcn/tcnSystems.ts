// The tasks of study `tcn`, as data: what the TCN trains with at each budget, and what the recurrent models do. Another
// task is another row.

import { PREDICT_ONE_MSE } from '../../data/adding';
import { guessZeroLoss } from '../../data/copyMemory';
import {
  adding,
  characters,
  copy,
  jsb,
  mnist,
  nottingham,
  published,
  words,
  type Extent,
  type TaskOfStudy,
} from './tcnExtents';
import type { Budget } from '../../runs/study';

export type { Extent, TaskOfStudy };

/** A task of the study, or a model on one, as data. */
export interface System {
  readonly title: string;
  /** Channels in and out; of a text, its vocabulary. */
  readonly inputs: number;
  readonly outputs: number;
  /** What is reached without learning anything, at this length. */
  readonly anchor?: (length: number) => { readonly name: string; readonly value: number };
  /** A task without a budget has no part in it. */
  readonly budgets: Readonly<Partial<Record<Budget, Extent>>>;
}

const [KEYS, WORDS, CHARACTERS] = [88, 33_278, 283];

/** All systems of the study. */
export const SYSTEMS: Readonly<Record<TaskOfStudy, System>> = {
  copy: {
    title: 'Copy memory',
    inputs: 1,
    outputs: 10,
    anchor: (length) => ({ name: 'guess 0', value: guessZeroLoss(length) }),
    budgets: {
      small: copy(30, 3, { steps: 200, evaluateEvery: 40 }),
      medium: copy(1000, 7, {}),
      full: published('copy'),
    },
  },
  adding: {
    title: 'The adding problem',
    inputs: 2,
    outputs: 1,
    anchor: () => ({ name: 'predict 1', value: PREDICT_ONE_MSE }),
    budgets: {
      small: adding(30, { levels: 3, hidden: 16, steps: 250, evaluateEvery: 50 }),
      medium: adding(200, {
        levels: 7,
        hidden: 27,
        kernelSize: 6,
        batch: 32,
        gain: 1,
        residualGain: 1,
        clipNorm: 0,
        learningRate: 2e-3,
        betas: [0.9, 0.999],
        schedule: 'cosine',
        steps: 2500,
        evaluateEvery: 250,
      }),
      full: published('adding'),
    },
  },
  mnist: {
    title: 'Sequential MNIST',
    inputs: 1,
    outputs: 10,
    anchor: () => ({ name: 'chance', value: 0.9 }),
    budgets: {
      small: mnist({ batch: 16, levels: 7, hidden: 12, steps: 24, evaluateEvery: 24, evaluationImages: 100 }),
      medium: mnist({ steps: 320, evaluateEvery: 80 }),
      full: published('mnist'),
    },
  },
  'mnist-permuted': {
    title: 'Permuted MNIST',
    inputs: 1,
    outputs: 10,
    anchor: () => ({ name: 'chance', value: 0.9 }),
    budgets: {
      small: mnist({ batch: 16, levels: 7, hidden: 12, steps: 24, evaluateEvery: 24, evaluationImages: 100 }),
      medium: mnist({ steps: 320, evaluateEvery: 80 }),
      full: published('mnist-permuted'),
    },
  },
  jsb: {
    title: 'JSB Chorales',
    inputs: KEYS,
    outputs: KEYS,
    budgets: {
      small: jsb({ epochs: 1, batch: 8, hidden: 48 }),
      medium: jsb({ epochs: 40 }),
      full: published('jsb'),
    },
  },
  nottingham: {
    title: 'Nottingham',
    inputs: KEYS,
    outputs: KEYS,
    budgets: { medium: nottingham, full: published('nottingham') },
  },
  wikitext2: {
    title: 'Words of WikiText-2',
    inputs: WORDS,
    outputs: WORDS,
    budgets: {
      small: words(21_000, { hidden: 32, embedding: 32, evaluationTokens: 7000 }),
      medium: words(250_000, { evaluateEvery: 120 }),
      full: published('wikitext2'),
    },
  },
  'wikitext2-chars': {
    title: 'Characters of WikiText-2',
    inputs: CHARACTERS,
    outputs: CHARACTERS,
    budgets: {
      small: characters(40_000, { hidden: 48, evaluationTokens: 10_000 }),
      medium: characters(500_000, { evaluateEvery: 160 }),
      full: published('wikitext2-chars'),
    },
  },
};

/** The tasks of the study, in their order. */
export const TASKS_OF_STUDY = Object.keys(SYSTEMS) as readonly TaskOfStudy[];
/** Which of them are texts. */
export const TEXTS: readonly TaskOfStudy[] = ['wikitext2', 'wikitext2-chars'];
