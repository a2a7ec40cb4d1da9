// Bai, Kolter and Koltun 2018 (arXiv 1803.01271) as data: the settings of tables 2 (TCN) and 3 (LSTM), the results of
// table 1. What the tables leave open is from the code that came with the paper: batches, lengths of training, and
// schedules; and Adam at 0.002 from its text, where no optimizer is named.
//
// That code clips the gradients of copy memory and of music before it computes them, which changes nothing; here they
// are clipped as the table says. The data of the generated tasks is drawn anew at every step, not once.

import type { OptionsOf } from '../spec/option';
import type { LENGTH, TEXT } from './options';
import type { Preset } from './preset';

/** A row of a table: `length` is of generated tasks, the rest of text. */
type Row = Preset & Partial<OptionsOf<typeof LENGTH> & OptionsOf<typeof TEXT>>;

type Length = { readonly length: number };

const ADAM = { optimizer: 'adam', learningRate: 2e-3 } as const;

/** 50,000 sequences ten times, 10,000 fifty times. */
const GENERATED = { batch: 32, steps: 15_625, evaluateEvery: 625 } as const;
const IMAGES = { batch: 64, epochs: 20, schedule: 'drop' } as const;
/** A piece at a time. */
const MUSIC = { batch: 1, epochs: 100, schedule: 'plateau', plateauFactor: 0.1 } as const;

const adding = (length: number, kernelSize: number, levels: number, hidden: number): Row & Length => ({
  ...GENERATED,
  ...ADAM,
  length,
  kernelSize,
  levels,
  hidden,
});

const copy = (length: number, kernelSize: number, levels: number): Row & Length => ({
  ...GENERATED,
  length,
  kernelSize,
  levels,
  hidden: 10,
  dropout: 0.05,
  clipNorm: 1,
  optimizer: 'rmsprop',
  learningRate: 5e-4,
});

/** Rows of a task differ in length, where there is more than one; the first is the one of table 1. */
export type PublishedRows = Readonly<Record<string, readonly Row[]>>;

/** Table 2. The paper has words and characters of Penn Treebank. */
export const TCN_SETTINGS = {
  adding: [adding(600, 8, 8, 24), adding(200, 6, 7, 27), adding(400, 7, 7, 27)],
  copy: [copy(1000, 8, 8), copy(500, 6, 9), copy(2000, 8, 9)],
  mnist: [{ ...IMAGES, ...ADAM, kernelSize: 7, levels: 8, hidden: 25 }],
  'mnist-permuted': [{ ...IMAGES, ...ADAM, kernelSize: 7, levels: 8, hidden: 25 }],
  jsb: [{ ...MUSIC, ...ADAM, kernelSize: 3, levels: 2, hidden: 150, dropout: 0.5, clipNorm: 0.4 }],
  nottingham: [{ ...MUSIC, ...ADAM, kernelSize: 6, levels: 4, hidden: 150, dropout: 0.2, clipNorm: 0.4 }],
  // Of 80 steps the last 40 are asked for.
  wikitext2: [
    {
      batch: 16,
      bptt: 40,
      lead: 40,
      epochs: 100,
      kernelSize: 3,
      levels: 4,
      hidden: 600,
      embedding: 600,
      tied: true,
      dropout: 0.5,
      inputDropout: 0.25,
      clipNorm: 0.4,
      optimizer: 'sgd',
      learningRate: 4,
      schedule: 'plateau',
      plateauFactor: 0.5,
    },
  ],
  // Of 400 steps the last 320; the last level is as narrow as the embedding.
  'wikitext2-chars': [
    {
      batch: 32,
      bptt: 320,
      lead: 80,
      epochs: 100,
      kernelSize: 3,
      levels: 3,
      hidden: 450,
      embedding: 100,
      tied: true,
      dropout: 0.1,
      inputDropout: 0.1,
      clipNorm: 0.15,
      optimizer: 'sgd',
      learningRate: 4,
      schedule: 'plateau',
      plateauFactor: 0.1,
    },
  ],
} as const satisfies PublishedRows;

const RMSPROP = { optimizer: 'rmsprop', learningRate: 1e-3 } as const;
const recurrentCopy = { ...GENERATED, dropout: 0.05, ...RMSPROP } as const;

/** Table 3, as far as it is known. For copy memory it names RMSprop or Adam, and no rate. */
export const LSTM_SETTINGS = {
  adding: [
    { ...GENERATED, ...ADAM, length: 600, levels: 1, hidden: 130, clipNorm: 5, forgetBias: 1 },
    {
      ...GENERATED,
      length: 200,
      levels: 2,
      hidden: 77,
      clipNorm: 50,
      forgetBias: 5,
      optimizer: 'sgd',
      learningRate: 1e-3,
    },
    { ...GENERATED, ...ADAM, length: 400, levels: 2, hidden: 77, clipNorm: 50, forgetBias: 10 },
  ],
  copy: [
    { ...recurrentCopy, length: 1000, levels: 1, hidden: 50, clipNorm: 1 },
    { ...recurrentCopy, length: 500, levels: 1, hidden: 50, clipNorm: 0.25 },
    { ...recurrentCopy, length: 2000, levels: 3, hidden: 28, clipNorm: 1 },
  ],
  mnist: [{ ...IMAGES, ...RMSPROP, levels: 1, hidden: 130, clipNorm: 1, forgetBias: 1 }],
  'mnist-permuted': [{ ...IMAGES, ...RMSPROP, levels: 1, hidden: 130, clipNorm: 1, forgetBias: 10 }],
  jsb: [{ ...MUSIC, ...ADAM, levels: 2, hidden: 200, dropout: 0.2, clipNorm: 1, forgetBias: 10 }],
  nottingham: [
    {
      ...MUSIC,
      levels: 3,
      hidden: 280,
      dropout: 0.1,
      clipNorm: 0.5,
      optimizer: 'adam',
      learningRate: 4e-3,
    },
  ],
} as const satisfies PublishedRows;

/**
 * Published settings for words and characters, likewise. The settings of Miller & Hardt 2019 are those that the command
 * line has.
 */
export const LSTM_TEXT_SETTINGS = {
  wikitext2: [
    {
      batch: 16,
      bptt: 40,
      epochs: 100,
      levels: 3,
      hidden: 700,
      embedding: 700,
      dropout: 0.4,
      clipNorm: 0.3,
      forgetBias: 1,
      optimizer: 'sgd',
      learningRate: 30,
      schedule: 'plateau',
      plateauFactor: 0.5,
    },
  ],
  'wikitext2-chars': [
    {
      batch: 32,
      bptt: 320,
      epochs: 100,
      levels: 2,
      hidden: 600,
      embedding: 120,
      ...ADAM,
      dropout: 0.1,
      clipNorm: 0.5,
      schedule: 'plateau',
      plateauFactor: 0.1,
    },
  ],
} as const satisfies PublishedRows;

/** A line of table 1, on test; of words and characters of Penn Treebank. */
export interface PublishedResult {
  /** As the table says it. */
  readonly size: string;
  readonly lstm: number;
  readonly gru: number;
  readonly rnn: number;
  readonly tcn: number;
}

/** Table 1. Of MNIST, the share of wrong answers. */
export const RESULTS = {
  adding: { size: '70K', lstm: 0.164, gru: 5.3e-5, rnn: 0.177, tcn: 5.8e-5 },
  copy: { size: '16K', lstm: 0.0204, gru: 0.0197, rnn: 0.0202, tcn: 3.5e-5 },
  mnist: { size: '70K', lstm: 0.128, gru: 0.038, rnn: 0.785, tcn: 0.01 },
  'mnist-permuted': { size: '70K', lstm: 0.143, gru: 0.127, rnn: 0.747, tcn: 0.028 },
  jsb: { size: '300K', lstm: 8.45, gru: 8.43, rnn: 8.91, tcn: 8.1 },
  nottingham: { size: '1M', lstm: 3.29, gru: 3.46, rnn: 4.05, tcn: 3.07 },
  wikitext2: { size: '13M', lstm: 78.93, gru: 92.48, rnn: 114.5, tcn: 88.68 },
  'wikitext2-chars': { size: '3M', lstm: 1.36, gru: 1.37, rnn: 1.48, tcn: 1.31 },
} as const satisfies Readonly<Record<string, PublishedResult>>;
