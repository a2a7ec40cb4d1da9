// The cells of study `twins`: an RNN within each bound, and what its twins see.

import type { Budget, Cell, Setup } from '../../runs/study';

/** What a cell of the study is made with. */
export interface TwinsSettings {
  readonly task: string;
  readonly batch: number;
  readonly hidden: number;
  /** λ of the bound; default: none. */
  readonly lambda?: number;
  readonly ks: readonly number[];
  /** Steps of a sequence that are used. */
  readonly T: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly clipNorm: number;
  /** Times the initial input weights: most inputs are zero. */
  readonly gain: number;
  readonly seed: number;
}

/** What a cell of the study comes to. */
export interface TwinsResult {
  readonly at: readonly number[];
  /** ‖w_recurrent − w_0‖ at each of `at`. */
  readonly travelled: readonly number[];
  /** ‖w_recurrent − w_truncated‖ for each k at each of `at`. */
  readonly apart: readonly (readonly number[])[];
}

/** The bounds on ‖W‖₂; undefined: none. */
export const LAMBDAS = [0.5, 0.75, 0.9, 0.99, undefined];
/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, Pick<TwinsSettings, 'hidden' | 'ks' | 'T' | 'steps'>> = {
  small: { hidden: 32, ks: [1, 2, 5, 10, 20], T: 48, steps: 60 },
  medium: { hidden: 64, ks: [1, 2, 5, 10, 20, 35], T: 64, steps: 400 },
  full: { hidden: 256, ks: [1, 2, 5, 10, 20, 35, 50], T: 128, steps: 2000 },
};
/** Points of a curve. */
export const POINTS = 20;

/** A bound in words. */
export const nameOf = (lambda: number | undefined): string =>
  lambda === undefined ? 'unconstrained' : `λ = ${lambda}`;
/** The name of a cell. */
export const idOf = (lambda: number | undefined): string => `rnn/${lambda ?? 'unconstrained'}`;

/** The cells of the study at a budget. */
export function cells({ budget, seed }: Setup): Cell<TwinsSettings>[] {
  const common = { task: 'jsb', batch: 8, learningRate: 0.5, clipNorm: 1, gain: 4 };
  return LAMBDAS.map((lambda) => {
    const settings = { ...common, ...SIZES[budget], lambda, seed };
    return { id: idOf(lambda), settings };
  });
}
