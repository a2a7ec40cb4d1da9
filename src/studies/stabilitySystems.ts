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
  /** How it is trained, once its settings are chosen; the first is unconstrained. */
  readonly variants: readonly Variant[];
  /** A system without a budget has no part in it. */
  readonly budgets: Readonly<Partial<Record<Budget, Extent>>>;
}

export interface Variant {
  readonly name: string;
  /** What makes it stable. */
  readonly projection: Pick<Recipe, 'stable' | 'bounds'>;
  /** On test. */
  readonly published: number | null;
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

const UNCONSTRAINED = 'unconstrained';

/** The RNN has learned all it can after the preset's eight epochs; the LSTM, made stable, has not. */
const jsbBudgets = (epochs: number): System['budgets'] => ({
  small: { trials: 3, seeds: 1, length: { epochs } },
  medium: { trials: 9, seeds: 3, length: { epochs: 1.5 * epochs } },
  full: { trials: 27, seeds: 5, length: { epochs: 2 * epochs } },
});

export const SYSTEMS: readonly System[] = [
  {
    name: 'jsb-rnn',
    title: 'RNN on JSB Chorales',
    base: { ...JSB, model: 'rnn', learningRate: 5e-3 },
    variants: [
      { name: UNCONSTRAINED, projection: {}, published: 8.9 },
      { name: 'stable', projection: { stable: 0.99 }, published: 8.9 },
    ],
    budgets: jsbBudgets(8),
  },
  {
    name: 'jsb-lstm',
    title: 'LSTM on JSB Chorales',
    base: { ...JSB, model: 'lstm', learningRate: 2e-2, forgetBias: 1 },
    variants: [
      { name: UNCONSTRAINED, projection: {}, published: 8.5 },
      { name: 'stable', projection: { stable: 0.99 }, published: 8.5 },
      // The forget gate's bias is free, as in the code that came with the paper: this proves no stability.
      { name: "author's bounds", projection: { stable: 0.99, bounds: 'author-code' }, published: 8.5 },
    ],
    budgets: jsbBudgets(12),
  },
];
