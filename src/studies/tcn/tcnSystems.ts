// The tasks of study `tcn`, as data: what the TCN trains with at each budget, and what the recurrent models do. Another
// task is another row.

import { PREDICT_ONE_MSE } from '../../data/adding';
import { guessZeroLoss } from '../../data/copyMemory';
import { LSTM_SETTINGS, LSTM_TEXT_SETTINGS, RESULTS, TCN_SETTINGS } from '../../tasks/bai2018';
import type { TaskPreset } from '../../tasks/index';
import type { Budget } from '../../runs/study';

export type TaskOfStudy = keyof typeof RESULTS;

/** What a task is trained with at a budget. The recurrent models get a width with which they are as large. */
export interface Extent {
  readonly tcn: TaskPreset;
  readonly recurrent: TaskPreset;
  /** In place of the recurrent models' learning rate: a tanh RNN wants a lower one. */
  readonly rnnRate?: number;
}

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
function published(task: TaskOfStudy): Extent {
  const lstm = { ...LSTM_SETTINGS, ...LSTM_TEXT_SETTINGS }[task] as readonly TaskPreset[];
  return { tcn: TCN_SETTINGS[task][0], recurrent: lstm[0] };
}

const copy = (length: number, levels: number, more: Partial<TaskPreset>): Extent =>
  extent({
    ...{ length, levels, batch: 8, hidden: 12, kernelSize: 8, gain: 2, clipNorm: 0.3 },
    ...{ ...ADAM, learningRate: 5e-3, schedule: 'cosine', steps: 600, evaluateEvery: 100, ...more },
  });

const adding = (length: number, more: Partial<TaskPreset>): Extent =>
  extent({
    ...{ length, batch: 24, levels: 4, hidden: 20, kernelSize: 4, gain: 2, clipNorm: 0.1 },
    ...{ ...ADAM, learningRate: 8e-3, schedule: 'linear', steps: 600, evaluateEvery: 100, ...more },
  });

const mnist = (more: Partial<TaskPreset>): Extent =>
  extent(
    {
      ...{ batch: 32, levels: 8, hidden: 24, kernelSize: 7, gain: 2, clipNorm: 1 },
      ...{ optimizer: 'adam', learningRate: 4e-3, schedule: 'linear', evaluationImages: 1000, ...more },
    },
    {},
    1e-3,
  );

/** Both are what `seqgpu train` has; the recurrent models have large input weights, since few inputs are ones. */
const jsb = (more: Partial<TaskPreset>): Extent =>
  extent(
    {
      ...{ batch: 4, levels: 2, hidden: 150, kernelSize: 3, gain: 1.5, dropout: 0.45, inputDropout: 0.05 },
      ...{ clipNorm: 0.4, optimizer: 'adamw', betas: [0.9, 0.98], weightDecay: 0.1 },
      ...{ learningRate: 8e-3, schedule: 'linear', ...more },
    },
    { gain: 4, dropout: 0.5, clipNorm: 0.4, weightDecay: 0, learningRate: 1e-2, schedule: 'linear' },
    4e-3,
  );

const nottingham: Extent = extent(
  {
    ...{ batch: 4, epochs: 8, levels: 4, hidden: 100, kernelSize: 6, gain: 1.5, residualGain: 1 },
    ...{ dropout: 0.1, clipNorm: 0.4 },
    ...{ optimizer: 'adamw', betas: [0.9, 0.98], weightDecay: 0.1, learningRate: 8e-3, schedule: 'linear' },
  },
  { weightDecay: 0, clipNorm: 0.4, learningRate: 4e-3, schedule: 'linear' },
  1e-3,
);

const words = (trainTokens: number, more: Partial<TaskPreset>): Extent =>
  extent(
    {
      ...{ batch: 20, bptt: 35, epochs: 1, trainTokens, evaluationTokens: 50_000, cutoffs: [2000, 10_000] },
      ...{ levels: 3, hidden: 128, embedding: 128, kernelSize: 3, gain: 1.5, clipNorm: 1 },
      ...{ optimizer: 'adam', learningRate: 5e-3, schedule: 'linear', ...more },
    },
    { learningRate: 1e-2, schedule: 'linear', clipNorm: 0.25 },
    5e-3,
  );

const characters = (trainTokens: number, more: Partial<TaskPreset>): Extent =>
  extent(
    {
      ...{ batch: 16, bptt: 64, epochs: 1, trainTokens, evaluationTokens: 100_000, embedding: 32 },
      ...{ levels: 3, hidden: 96, kernelSize: 3, gain: 1.5, clipNorm: 1 },
      ...{ optimizer: 'adam', learningRate: 5e-3, schedule: 'linear', ...more },
    },
    { learningRate: 1e-2, schedule: 'linear' },
    5e-3,
  );

const [KEYS, WORDS, CHARACTERS] = [88, 33_278, 283];

export const SYSTEMS: Readonly<Record<TaskOfStudy, System>> = {
  copy: {
    ...{ title: 'Copy memory', inputs: 1, outputs: 10 },
    anchor: (length) => ({ name: 'guess 0', value: guessZeroLoss(length) }),
    budgets: {
      small: copy(30, 3, { steps: 200, evaluateEvery: 40 }),
      medium: copy(1000, 7, {}),
      full: published('copy'),
    },
  },
  adding: {
    ...{ title: 'The adding problem', inputs: 2, outputs: 1 },
    anchor: () => ({ name: 'predict 1', value: PREDICT_ONE_MSE }),
    budgets: {
      small: adding(30, { levels: 3, hidden: 16, steps: 250, evaluateEvery: 50 }),
      medium: adding(200, {
        ...{ levels: 7, hidden: 27, kernelSize: 6, batch: 32, gain: 1, residualGain: 1, clipNorm: 0 },
        ...{ learningRate: 2e-3, betas: [0.9, 0.999], schedule: 'cosine', steps: 2500, evaluateEvery: 250 },
      }),
      full: published('adding'),
    },
  },
  mnist: {
    ...{ title: 'Sequential MNIST', inputs: 1, outputs: 10 },
    anchor: () => ({ name: 'chance', value: 0.9 }),
    budgets: {
      small: mnist({ batch: 16, levels: 7, hidden: 12, steps: 24, evaluateEvery: 24, evaluationImages: 100 }),
      medium: mnist({ steps: 320, evaluateEvery: 80 }),
      full: published('mnist'),
    },
  },
  'mnist-permuted': {
    ...{ title: 'Permuted MNIST', inputs: 1, outputs: 10 },
    anchor: () => ({ name: 'chance', value: 0.9 }),
    budgets: {
      small: mnist({ batch: 16, levels: 7, hidden: 12, steps: 24, evaluateEvery: 24, evaluationImages: 100 }),
      medium: mnist({ steps: 320, evaluateEvery: 80 }),
      full: published('mnist-permuted'),
    },
  },
  jsb: {
    ...{ title: 'JSB Chorales', inputs: KEYS, outputs: KEYS },
    budgets: {
      small: jsb({ epochs: 1, batch: 8, hidden: 48 }),
      medium: jsb({ epochs: 40 }),
      full: published('jsb'),
    },
  },
  nottingham: {
    ...{ title: 'Nottingham', inputs: KEYS, outputs: KEYS },
    budgets: { medium: nottingham, full: published('nottingham') },
  },
  wikitext2: {
    ...{ title: 'Words of WikiText-2', inputs: WORDS, outputs: WORDS },
    budgets: {
      small: words(21_000, { hidden: 32, embedding: 32, evaluationTokens: 7000 }),
      medium: words(250_000, { evaluateEvery: 120 }),
      full: published('wikitext2'),
    },
  },
  'wikitext2-chars': {
    ...{ title: 'Characters of WikiText-2', inputs: CHARACTERS, outputs: CHARACTERS },
    budgets: {
      small: characters(40_000, { hidden: 48, evaluationTokens: 10_000 }),
      medium: characters(500_000, { evaluateEvery: 160 }),
      full: published('wikitext2-chars'),
    },
  },
};

export const TASKS_OF_STUDY = Object.keys(SYSTEMS) as readonly TaskOfStudy[];
export const TEXTS: readonly TaskOfStudy[] = ['wikitext2', 'wikitext2-chars'];
