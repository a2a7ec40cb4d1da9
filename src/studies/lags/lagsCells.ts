// The cells of study `lags`: what they are and what they hold.

import type { Budget } from '../../runs/study';
import type { Training } from '../../runs/training';

/** What a cell of the study is made with. */
export interface LagsSettings {
  readonly training: Training;
  readonly lags: number;
  /** Pieces that are measured on. */
  readonly pieces: number;
}

/** A model at one moment. */
export interface Moment {
  readonly step: number;
  /** ‖∂loss_t/∂s_(t−1−i)‖ at i = 0, 1, … */
  readonly gradient: readonly number[];
  /** ‖∂y_t/∂x_(t−j)‖ at j = 0, 1, … */
  readonly sensitivity: readonly number[];
  /** ‖φ(s, x) − φ(s', x)‖ / ‖s − s'‖ of states visited on the data. */
  readonly contraction: { readonly median: number; readonly p99: number; readonly worst: number };
  /** Singular values of W_hh, of an LSTM of all its gates together; the largest first. */
  readonly singular: readonly number[];
}

/** What a cell of the study comes to. */
export interface LagsResult {
  readonly test: number | null;
  readonly moments: readonly Moment[];
}

/** How large models and trainings are at each budget. */
export const SIZES: Record<
  Budget,
  Pick<Training, 'hidden' | 'epochs'> & Pick<LagsSettings, 'lags' | 'pieces'>
> = {
  small: { hidden: 48, epochs: 4, lags: 20, pieces: 8 },
  medium: { hidden: 128, epochs: 8, lags: 30, pieces: 16 },
  full: { hidden: 256, epochs: 20, lags: 40, pieces: 32 },
};

/** The models of the study. */
export const MODELS = ['rnn', 'lstm'] as const;
/** λ of the models that are kept stable. */
export const LAMBDA = 0.99;
/** The name of a cell. */
export const idOf = (model: string, stable: boolean): string =>
  `${model}/${stable ? 'stable' : 'unconstrained'}`;
