// What the models of study `tcn` train with: the TCN's settings of a task, and a recurrent model in its place.

import { LSTM_SETTINGS, LSTM_TEXT_SETTINGS, RESULTS, TCN_SETTINGS } from '../../tasks/bai2018';
import type { TaskPreset } from '../../tasks/index';
import { JSB_TCN } from '../../tasks/music/jsb';
import { NOTTINGHAM_TCN } from '../../tasks/music/nottingham';

/** A task of the paper. */
export type TaskOfStudy = keyof typeof RESULTS;

/** What a task is trained with at a budget. The recurrent models get a width with which they are as large. */
export interface Extent {
  readonly tcn: TaskPreset;
  readonly recurrent: TaskPreset;
  /** In place of the recurrent models' learning rate: a tanh RNN wants a lower one. */
  readonly rnnRate?: number;
}

const ADAM: Pick<TaskPreset, 'optimizer' | 'betas'> = { optimizer: 'adam', betas: [0.9, 0.98] };

/** A recurrent model in the TCN's place: the same data and length of training, what suits it otherwise. */
function recurrent(tcn: TaskPreset, own: Partial<TaskPreset>): TaskPreset {
  const {
    kernelSize: _taps,
    gain: _gain,
    residualGain: _residual,
    betas: _betas,
    schedule: _schedule,
    lead: _lead,
    ...same
  } = tcn;
  return { ...same, levels: 1, optimizer: 'adam', forgetBias: 1, clipNorm: 1, ...own };
}

const extent = (tcn: TaskPreset, own: Partial<TaskPreset> = {}, rnnRate?: number): Extent => ({
  tcn,
  recurrent: recurrent(tcn, { learningRate: 5e-3, ...own }),
  rnnRate,
});

/** As published. What is not known of GRU and RNN they have from the LSTM. */
export function published(task: TaskOfStudy): Extent {
  const lstm = { ...LSTM_SETTINGS, ...LSTM_TEXT_SETTINGS }[task] as readonly TaskPreset[];
  return { tcn: TCN_SETTINGS[task][0], recurrent: lstm[0] };
}

/** Copy memory at a length. */
export const copy = (length: number, levels: number, more: Partial<TaskPreset>): Extent =>
  extent({
    length,
    levels,
    batch: 8,
    hidden: 12,
    kernelSize: 8,
    gain: 2,
    clipNorm: 0.3,
    ...ADAM,
    learningRate: 5e-3,
    schedule: 'cosine',
    steps: 600,
    evaluateEvery: 100,
    ...more,
  });

/** The adding problem at a length. */
export const adding = (length: number, more: Partial<TaskPreset>): Extent =>
  extent({
    length,
    batch: 24,
    levels: 4,
    hidden: 20,
    kernelSize: 4,
    gain: 2,
    clipNorm: 0.1,
    ...ADAM,
    learningRate: 8e-3,
    schedule: 'linear',
    steps: 600,
    evaluateEvery: 100,
    ...more,
  });

/** Images as sequences. */
export const mnist = (more: Partial<TaskPreset>): Extent =>
  extent(
    {
      batch: 32,
      levels: 8,
      hidden: 24,
      kernelSize: 7,
      gain: 2,
      clipNorm: 1,
      optimizer: 'adam',
      learningRate: 4e-3,
      schedule: 'linear',
      evaluationImages: 1000,
      ...more,
    },
    {},
    1e-3,
  );

/**
 * Chorales: the TCN is that of `seqgpu train`; the recurrent models have large input weights, since few inputs are
 * ones.
 */
export const jsb = (more: Partial<TaskPreset>): Extent =>
  extent(
    { ...JSB_TCN, ...more },
    { gain: 4, dropout: 0.5, clipNorm: 0.4, weightDecay: 0, learningRate: 1e-2, schedule: 'linear' },
    4e-3,
  );

/** Folk tunes, with the TCN of `seqgpu train`. */
export const nottingham: Extent = extent(
  NOTTINGHAM_TCN,
  { weightDecay: 0, clipNorm: 0.4, learningRate: 4e-3, schedule: 'linear' },
  1e-3,
);

/** Words of a text. */
export const words = (trainTokens: number, more: Partial<TaskPreset>): Extent =>
  extent(
    {
      batch: 20,
      bptt: 35,
      epochs: 1,
      trainTokens,
      evaluationTokens: 50_000,
      cutoffs: [2000, 10_000],
      levels: 3,
      hidden: 128,
      embedding: 128,
      kernelSize: 3,
      gain: 1.5,
      clipNorm: 1,
      optimizer: 'adam',
      learningRate: 5e-3,
      schedule: 'linear',
      ...more,
    },
    { learningRate: 1e-2, schedule: 'linear', clipNorm: 0.25 },
    5e-3,
  );

/** Characters of a text. */
export const characters = (trainTokens: number, more: Partial<TaskPreset>): Extent =>
  extent(
    {
      batch: 16,
      bptt: 64,
      epochs: 1,
      trainTokens,
      evaluationTokens: 100_000,
      embedding: 32,
      levels: 3,
      hidden: 96,
      kernelSize: 3,
      gain: 1.5,
      clipNorm: 1,
      optimizer: 'adam',
      learningRate: 5e-3,
      schedule: 'linear',
      ...more,
    },
    { learningRate: 1e-2, schedule: 'linear' },
    5e-3,
  );
