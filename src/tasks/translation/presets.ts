// Settings to begin a translation with.

import { ATTENTION_LSTMS } from '../../nn/translation/attentionLstm';
import { CONVS2S } from '../../nn/translation/convS2S';
import { GNMTS } from '../../nn/translation/gnmt';
import { SEQ2SEQ } from '../../nn/translation/seq2seq';
import { TRANSLATION_TRANSFORMERS } from '../../nn/translation/translationTransformer';
import type { Preset, Presets } from '../preset';
import type { PAIRS } from './options';

type PairsPreset = Preset<typeof PAIRS>;

const RECIPE = {
  unit: 'bpe',
  batch: 64,
  batchTokens: 2500,
  smoothing: 0.1,
  optimizer: 'adam',
  learningRate: 1e-3,
  betas: [0.9, 0.98],
  schedule: 'linear',
  clipNorm: 1,
} as const satisfies Partial<PairsPreset>;

/** What all models begin with: for some hundred thousand short sentences, on two CPU cores. */
export const START = { ...RECIPE, epochs: 6, warmup: 800 } as const satisfies Partial<PairsPreset>;

/** One table for source, target and softmax. */
const ONE_TABLE = { tied: true, sharedEmbedding: true } as const;

/** With 4,000 merges about 2.8 million parameters each. */
const DEFAULT: Presets<PairsPreset> = {
  seq2seq: { ...START, ...ONE_TABLE, hidden: 240, levels: 2, dropout: 0.1, learningRate: 2e-3 },
  'attention-lstm': { ...START, ...ONE_TABLE, hidden: 240, levels: 2, dropout: 0.1, learningRate: 2e-3 },
  gnmt: { ...START, ...ONE_TABLE, hidden: 200, levels: 2, dropout: 0.1, learningRate: 2e-3 },
  transformer: {
    ...START,
    ...ONE_TABLE,
    hidden: 160,
    levels: 3,
    heads: 4,
    norm: 'pre',
    dropout: 0.1,
    learningRate: 2e-3,
  },
  convs2s: {
    ...START,
    ...ONE_TABLE,
    hidden: 192,
    levels: 4,
    decoderLevels: 3,
    kernelSize: 3,
    embedding: 160,
    dropout: 0.1,
  },
};

/** What all models begin with, and more. */
export const defaultWith = (more: Partial<PairsPreset>): Presets<PairsPreset> =>
  Object.fromEntries(Object.entries(DEFAULT).map(([model, preset]) => [model, { ...preset, ...more }]));

/** Half an hour on one CPU core: some 0.9 million parameters, 1.8 million tokens of targets. */
const SHORT = {
  ...RECIPE,
  ...ONE_TABLE,
  longest: 12,
  merges: 2000,
  steps: 1600,
  evaluateEvery: 800,
  warmup: 160,
  dropout: 0.1,
} as const satisfies Partial<PairsPreset>;

/** Forms of about one size, to be compared in short; GNMT with the paper's scores and the states of tensorflow/nmt. */
export const SMALL: Presets<PairsPreset> = {
  seq2seq: { ...SHORT, hidden: 192, levels: 1, learningRate: 2e-3 },
  'attention-lstm': { ...SHORT, hidden: 176, levels: 1, learningRate: 2e-3 },
  gnmt: { ...SHORT, hidden: 128, levels: 2, normed: false, passState: true, learningRate: 2e-3 },
  transformer: { ...SHORT, hidden: 112, levels: 2, heads: 4, norm: 'pre', learningRate: 2e-3 },
  convs2s: {
    ...SHORT,
    hidden: 128,
    levels: 3,
    decoderLevels: 2,
    kernelSize: 3,
    embedding: 128,
  },
};

/**
 * Vaswani et al. 2017, the base model of English to German: joint subwords of 37,000, some 25,000 tokens of either side
 * a step, 100,000 steps; its rate rises over 4,000 steps to 1 / √(512 · 4000). It averages its last five checkpoints.
 */
const TRANSFORMER: PairsPreset = {
  ...TRANSLATION_TRANSFORMERS.base,
  smoothing: 0.1,
  unit: 'bpe',
  merges: 37_000,
  batch: 1000,
  batchTokens: 50_000,
  longest: 100,
  steps: 100_000,
  evaluateEvery: 1000,
  optimizer: 'adam',
  betas: [0.9, 0.98],
  learningRate: 7e-4,
  schedule: 'warmup',
  warmup: 4000,
};

/** Gehring et al. 2017: Nesterov's momentum, a tight clip, 64 sentences a step, a tenth of the rate at a plateau. */
const CONV: Omit<PairsPreset, 'hidden' | 'levels'> = {
  unit: 'bpe',
  merges: 40_000,
  batch: 64,
  longest: 175,
  epochs: 20,
  dropout: 0.1,
  optimizer: 'sgd',
  momentum: 0.99,
  nesterov: true,
  clipNorm: 0.1,
  learningRate: 0.25,
  schedule: 'plateau',
  plateauFactor: 0.1,
};

/** A published ConvS2S as a preset. */
const convS2S = (published: keyof typeof CONVS2S): PairsPreset => {
  const { encoder } = CONVS2S[published];
  return { ...CONV, published, hidden: encoder[0][0], levels: encoder.length };
};

/** What the LSTMs of papers have in common; their rates are halved again and again in the second half of training. */
const SGD = { batch: 128, optimizer: 'sgd', clipNorm: 5, schedule: 'drop' } as const;

/**
 * The settings of papers: Transformer, ConvS2S and Luong et al. 2015 for English to German, Sutskever et al. 2014 for
 * English to French, and the recipe of tensorflow/nmt for GNMT.
 */
export const PUBLISHED: Presets<PairsPreset> = {
  seq2seq: { ...SEQ2SEQ, ...SGD, unit: 'word', vocabulary: 160_000, epochs: 8, learningRate: 0.7 },
  'attention-lstm': {
    ...ATTENTION_LSTMS.luong,
    ...SGD,
    unit: 'word',
    vocabulary: 50_000,
    longest: 50,
    epochs: 12,
    learningRate: 1,
  },
  gnmt: {
    ...GNMTS['gnmt-8'],
    ...SGD,
    unit: 'bpe',
    merges: 32_000,
    longest: 50,
    steps: 340_000,
    evaluateEvery: 5000,
    learningRate: 1,
  },
  transformer: TRANSFORMER,
  convs2s: convS2S('wmt-en-de'),
};

/** fairseq's recipes for IWSLT 2014 (160,000 pairs): 10,000 subwords, 4,096 tokens of the target a step. */
export const IWSLT: Presets<PairsPreset> = {
  transformer: {
    ...TRANSFORMER,
    ...TRANSLATION_TRANSFORMERS.iwslt,
    ...ONE_TABLE,
    merges: 10_000,
    batchTokens: 8192,
    dropout: 0.3,
    optimizer: 'adamw',
    weightDecay: 1e-4,
    learningRate: 5e-4,
    steps: 50_000,
  },
  convs2s: { ...convS2S('iwslt'), merges: 10_000, batchTokens: 8192, dropout: 0.2 },
};
