// The rows of study `stability`, as data: a system is a model on a task, with the published numbers, the preset that
// its search starts from, and how much is done at each budget. Another task is another row.

import type { Recipe } from '../tasks/recipe';
import type { Budget } from './study';
import type { Training } from './training';

export interface System {
  /** Names its cells. */
  readonly name: string;
  readonly title: string;
  readonly base: Omit<Training, 'seed' | 'epochs' | 'steps'>;
  /** What makes it stable. */
  readonly projection: Pick<Recipe, 'stable' | 'bounds'>;
  /** On test. */
  readonly published: { readonly free: number; readonly stable: number };
  /** A system without a budget has no part in it. */
  readonly budgets: Readonly<Partial<Record<Budget, Extent>>>;
}

interface Extent {
  readonly trials: number;
  /** Trainings of the chosen settings, with the projection and without. */
  readonly seeds: number;
  readonly length: Pick<Training, 'epochs' | 'steps'>;
}

/** The preset of `seqgpu train jsb`: one layer of 128. */
const JSB: Omit<System['base'], 'model' | 'learningRate'> = {
  ...{ task: 'jsb', batch: 8, hidden: 128, levels: 1, schedule: 'linear' },
  ...{ optimizer: 'adam', gain: 4, dropout: 0.5, inputDropout: 0.05, clipNorm: 0.4 },
};

const JSB_BUDGETS = {
  small: { trials: 3, seeds: 1, length: { epochs: 8 } },
  medium: { trials: 9, seeds: 3, length: { epochs: 12 } },
  full: { trials: 27, seeds: 5, length: { epochs: 20 } },
} as const;

export const SYSTEMS: readonly System[] = [
  {
    name: 'jsb-rnn',
    title: 'RNN on JSB Chorales',
    base: { ...JSB, model: 'rnn', learningRate: 5e-3 },
    projection: { stable: 0.99 },
    published: { free: 8.9, stable: 8.9 },
    budgets: JSB_BUDGETS,
  },
  {
    name: 'jsb-lstm',
    title: 'LSTM on JSB Chorales',
    base: { ...JSB, model: 'lstm', learningRate: 2e-2, forgetBias: 1 },
    projection: { stable: 0.99 },
    published: { free: 8.5, stable: 8.5 },
    budgets: JSB_BUDGETS,
  },
];
