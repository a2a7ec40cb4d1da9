// Settings that words and characters of WikiText-2 share.

import { TRANSFORMER_BASE } from '../../nn/transformer/transformerLM';
import type { Preset } from '../preset';
import type { TEXT } from '../options';

/** A preset of a task of text. */
export type TextPreset = Preset<typeof TEXT>;

/** Settings of a small Transformer for the same texts. */
export const TRANSFORMER: Partial<TextPreset> = {
  hidden: 128,
  embedding: undefined,
  levels: 2,
  heads: 4,
  norm: 'pre',
  learningRate: 3e-3,
  schedule: 'warmup',
  warmup: 60,
  betas: [0.9, 0.98],
};

/**
 * Settings of Vaswani et al. 2017: its base model without the encoder, and its schedule, over about as many tokens a
 * step as it had words of one language. The paper translates, so there is no published number to reach.
 */
export const PUBLISHED_TRANSFORMER: TextPreset = {
  ...TRANSFORMER_BASE,
  batch: 48,
  bptt: 512,
  epochs: 40,
  optimizer: 'adam',
  betas: [0.9, 0.98],
  learningRate: 7e-4,
  schedule: 'warmup',
  warmup: 4000,
};

/**
 * Settings of Miller & Hardt 2019, which follows PyTorch's word_language_model: plain SGD, a fourth of the rate after
 * every epoch without a new best. The loop is that of the paper's own code; the numbers are quoted and could not be
 * checked against its tables: a beginning, not a target.
 */
export const PUBLISHED: TextPreset = {
  batch: 20,
  bptt: 35,
  epochs: 40,
  levels: 1,
  hidden: 256,
  embedding: 1024,
  dropout: 0.25,
  optimizer: 'sgd',
  learningRate: 2,
  schedule: 'plateau',
  clipNorm: 0.25,
};
