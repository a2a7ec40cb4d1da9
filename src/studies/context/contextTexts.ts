// The texts of study `context`, and what is trained on them: recurrent models, stable and unconstrained; a Transformer;
// and gated convolutions.

import { CONTEST_ATTENTION, CONTEST_EMBEDDING } from '../../tasks/contest';
import type { Budget } from '../../runs/study';
import type { Training } from '../../runs/training';

/** How large models and trainings are at a budget. */
export interface Size {
  /** What of the text is read, and for how long models are trained on it. */
  readonly extent: Pick<Training, 'trainTokens' | 'evaluationTokens' | 'epochs' | 'steps'>;
  /** Places of the test text, where every model is asked what comes next. */
  readonly places: number;
  /** Widths, with which the models have about as many parameters. */
  readonly hidden: Readonly<Record<Subject['model'], number>>;
  /** Characters that trained models are shown; the last is all that they get to see. */
  readonly measured: readonly number[];
  /** With which recurrent models are trained, and which of them. */
  readonly trained: readonly number[];
  readonly trainedSo: 'all' | 'unconstrained' | 'unconstrained LSTMs';
  /** Levels of gated convolutions, each a receptive field; the last is the model that is cut at test. */
  readonly levels: readonly number[];
}

/** A model of the study on text. */
export interface Subject {
  readonly name: string;
  readonly model: 'rnn' | 'lstm' | 'gcnn' | 'transformer';
  readonly own: Partial<Training> & Pick<Training, 'learningRate'>;
}

/** A text, and the models that are trained on it. */
export interface ContextText {
  readonly task: string;
  /** With which the names of its cells begin. */
  readonly name: string;
  readonly title: string;
  /** A budget that is not named leaves the text out. */
  readonly sizes: Readonly<Partial<Record<Budget, Size>>>;
  /** What all models train with. */
  readonly base: Pick<Training, 'batch' | 'bptt' | 'optimizer' | 'clipNorm'> & Partial<Training>;
  /** In the order in which they are trained. */
  readonly subjects: readonly Subject[];
}

/** Taps of every gated convolution. */
export const TAPS = 4;
const LAMBDA = 0.99;
const SHOWN = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];
const FEWER = [1, 2, 4, 8, 16, 32, 64];
const BASE = { bptt: 64, optimizer: 'adam', clipNorm: 1, schedule: 'linear' } as const;
const ATTENTION = { heads: 4, norm: 'pre', schedule: 'warmup' } as const;

const CHARACTERS = { embedding: 32, learningRate: 0.01 } as const;

const WIKITEXT: ContextText = {
  task: 'wikitext2-chars',
  name: 'text',
  title: 'WikiText-2',
  base: { ...BASE, batch: 16 },
  sizes: {
    small: {
      extent: { epochs: 1, trainTokens: 64_000, evaluationTokens: 8_000 },
      places: 512,
      hidden: { rnn: 104, lstm: 64, gcnn: 32, transformer: 32 },
      levels: [1, 4],
      measured: FEWER,
      trained: [4],
      trainedSo: 'unconstrained',
    },
    medium: {
      extent: { epochs: 1, trainTokens: 500_000, evaluationTokens: 100_000 },
      places: 8192,
      hidden: { rnn: 216, lstm: 128, gcnn: 56, transformer: 64 },
      levels: [1, 2, 3, 4, 5],
      measured: SHOWN,
      trained: [1, 2, 4, 8, 16],
      trainedSo: 'all',
    },
    full: {
      extent: { epochs: 1, trainTokens: 0, evaluationTokens: 0 },
      places: 65_536,
      hidden: { rnn: 880, lstm: 512, gcnn: 192, transformer: 256 },
      levels: [1, 2, 3, 4, 6, 8, 10],
      measured: SHOWN,
      trained: [1, 2, 4, 8, 16, 32],
      trainedSo: 'all',
    },
  },
  subjects: [
    { name: 'RNN unconstrained', model: 'rnn', own: { ...CHARACTERS, learningRate: 8e-3 } },
    { name: 'RNN stable', model: 'rnn', own: { ...CHARACTERS, learningRate: 8e-3, stable: LAMBDA } },
    { name: 'LSTM unconstrained', model: 'lstm', own: { ...CHARACTERS, forgetBias: 1 } },
    { name: 'LSTM stable', model: 'lstm', own: { ...CHARACTERS, forgetBias: 1, stable: LAMBDA } },
    { name: 'GCNN', model: 'gcnn', own: { ...CHARACTERS, kernelSize: TAPS } },
    {
      name: 'Transformer',
      model: 'transformer',
      own: { ...ATTENTION, levels: 2, learningRate: 3e-3, warmup: 60 },
    },
  ],
};

/**
 * Models and trainings of the contest on this text (`study shootout --task shakespeare`), with the learning rates that
 * its pilots chose: they are better than counting, so that what they need says something.
 */
const SHAKESPEARE: ContextText = {
  task: 'shakespeare',
  name: 'shakespeare',
  title: 'tinyshakespeare',
  base: { ...BASE, batch: 12, embedding: 32 },
  sizes: {
    medium: {
      extent: { steps: 1000 },
      places: 8192,
      hidden: { rnn: 308, lstm: 154, gcnn: 44, transformer: 48 },
      levels: [1, 2, 4, 8],
      measured: SHOWN,
      trained: [1, 2, 4, 8, 12],
      trainedSo: 'unconstrained LSTMs',
    },
    full: {
      extent: { steps: 4000 },
      places: 65_536,
      hidden: { rnn: 820, lstm: 422, gcnn: 124, transformer: 128 },
      levels: [1, 2, 4, 8],
      measured: SHOWN,
      trained: [1, 2, 4, 8, 12, 16, 32],
      trainedSo: 'unconstrained',
    },
  },
  subjects: [
    {
      name: 'LSTM unconstrained',
      model: 'lstm',
      own: { ...CONTEST_EMBEDDING, forgetBias: 1, learningRate: 0.04 },
    },
    { name: 'GCNN', model: 'gcnn', own: { ...CONTEST_EMBEDDING, kernelSize: TAPS, learningRate: 0.08 } },
    {
      name: 'LSTM stable',
      model: 'lstm',
      own: { ...CONTEST_EMBEDDING, forgetBias: 1, learningRate: 0.04, stable: LAMBDA },
    },
    { name: 'RNN unconstrained', model: 'rnn', own: { ...CONTEST_EMBEDDING, learningRate: 8e-3 } },
    {
      name: 'Transformer',
      model: 'transformer',
      own: {
        ...CONTEST_ATTENTION,
        levels: 4,
        feedForward: 214,
        learningRate: 8e-3,
        warmup: 100,
      },
    },
    { name: 'RNN stable', model: 'rnn', own: { ...CONTEST_EMBEDDING, learningRate: 0.032, stable: LAMBDA } },
  ],
};

/** The texts of the study. */
export const TEXTS: readonly ContextText[] = [WIKITEXT, SHAKESPEARE];
