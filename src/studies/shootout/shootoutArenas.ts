// The tasks of study `shootout`, and what every model trains with on each: text, music and sound.

import { KEYS } from '../../data/music';
import type { ModelName } from '../../nn/bodies';
import { MODELS } from '../../models/index';
import { modelCalled, type TextModel } from '../../models/modelSpec';
import { sequenceModel } from '../../models/sequenceModel';
import { makeLanguageModel } from '../../tasks/text/languageModels';
import type { Recipe } from '../../tasks/recipe';
import type { SequenceTask } from '../../tasks/sequence';
import { SoundModel } from '../../models/soundModel';
import type { Task, TaskModel } from '../../tasks/task';
import type { Budget } from '../../runs/study';
import type { Training } from '../../runs/training';
import { sequenceLoss, soundLoss, textLoss, type WindowLoss } from '../windows';

/** What a model is trained with: shapes as its paper has them, and learning rates of which validation chooses. */
type Shape = Partial<Training> & { readonly rates: Readonly<Record<Budget, readonly number[]>> };

/** One rate that is known to do at the small budget; it and its neighbour at the others. */
const rates = (rate: number, other: number): Shape['rates'] => ({
  ...{ small: [rate], medium: [rate, other], full: [rate, other, rate / 4] },
});

interface Size {
  /** That every model has about. */
  readonly parameters: number;
  /** Of a Transformer: a multiple of 16, for four heads; what fits is the width of its feed-forward nets. */
  readonly columns: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly evaluateEvery: number;
  /** 0: all. */
  readonly trainTokens?: number;
  readonly evaluationTokens?: number;
  /** Of sound. */
  readonly evaluationPieces?: number;
}

export interface Arena {
  readonly task: string;
  /** In headings: what it is. */
  readonly title: string;
  /** What a sequence of it is made of. */
  readonly inputs: string;
  /** Of all models. */
  readonly base: Partial<Training> & { readonly batch: number };
  readonly shapes: Readonly<Partial<Record<ModelName, Shape>>>;
  readonly sizes: Readonly<Record<Budget, Size>>;
  /** Inputs that a model is shown, from one to all that a comparison is about: see windows.ts. */
  readonly sights: readonly number[];
  /** Parameters of a model of these settings. */
  sizeOf(recipe: Recipe): number;
  windowLoss(model: TaskModel, task: Task): WindowLoss;
}

const ADAM = { optimizer: 'adam', clipNorm: 1, schedule: 'linear' } as const;
const ATTENTION = { norm: 'pre', heads: 4, schedule: 'warmup', betas: [0.9, 0.98] } as const;

/** Characters of WikiText-2. */
const CHARACTERS = 283;
const BPTT = 32;

const text: Arena = {
  task: 'wikitext2-chars',
  title: 'Text',
  inputs: 'characters',
  base: { ...ADAM, batch: 16, bptt: BPTT, embedding: 16 },
  shapes: {
    rnn: { levels: 1, rates: rates(0.008, 0.004) },
    gru: { levels: 1, rates: rates(0.01, 0.005) },
    lstm: { levels: 1, forgetBias: 1, rates: rates(0.01, 0.005) },
    // 29 characters in sight.
    tcn: { levels: 3, kernelSize: 3, rates: rates(0.01, 0.005) },
    // 16.
    gcnn: { levels: 5, kernelSize: 4, rates: rates(0.01, 0.005) },
    // 32.
    wavenet: { levels: 5, skip: 48, rates: rates(0.008, 0.004) },
    transformer: { ...ATTENTION, levels: 2, warmup: 20, rates: rates(0.004, 0.008) },
  },
  sizes: {
    small: {
      ...{ parameters: 32_000, columns: 32, epochs: 1, evaluateEvery: 28 },
      ...{ trainTokens: 72_000, evaluationTokens: 4_000 },
    },
    medium: {
      ...{ parameters: 128_000, columns: 64, epochs: 1, evaluateEvery: 40 },
      ...{ trainTokens: 400_000, evaluationTokens: 20_000 },
    },
    full: {
      parameters: 1_000_000,
      columns: 192,
      epochs: 2,
      evaluateEvery: 1000,
      trainTokens: 0,
      evaluationTokens: 0,
    },
  },
  sights: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
  sizeOf: (recipe) => makeLanguageModel(CHARACTERS, recipe, BPTT).size,
  windowLoss: (model) => textLoss(model as TextModel),
};

const music: Arena = {
  task: 'jsb',
  title: 'Music',
  inputs: 'chords',
  base: { ...ADAM, batch: 8, clipNorm: 0.4, inputDropout: 0.05 },
  shapes: {
    rnn: { levels: 1, gain: 4, dropout: 0.3, rates: rates(0.005, 0.0025) },
    gru: { levels: 1, gain: 4, dropout: 0.3, rates: rates(0.02, 0.01) },
    lstm: { levels: 1, gain: 4, dropout: 0.3, forgetBias: 1, rates: rates(0.02, 0.01) },
    // 13 chords in sight, as published.
    tcn: { levels: 2, kernelSize: 3, gain: 1.5, dropout: 0.2, rates: rates(0.01, 0.005) },
    // 10.
    gcnn: { levels: 3, kernelSize: 4, dropout: 0.2, rates: rates(0.01, 0.005) },
    // 16.
    wavenet: { levels: 4, skip: 48, rates: rates(0.008, 0.004) },
    transformer: {
      ...{ ...ATTENTION, levels: 2, dropout: 0.1, warmup: 30, rates: rates(0.005, 0.01) },
    },
  },
  sizes: {
    small: { parameters: 32_000, columns: 32, epochs: 3, evaluateEvery: 29 },
    medium: { parameters: 123_000, columns: 64, epochs: 8, evaluateEvery: 29 },
    full: { parameters: 500_000, columns: 128, epochs: 20, evaluateEvery: 29 },
  },
  sights: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48],
  sizeOf: (recipe) =>
    sequenceModel(modelCalled(recipe.model, MODELS).body, [KEYS, KEYS], { ...recipe, length: 160 }).size,
  windowLoss: (model, task) => sequenceLoss(model, task as SequenceTask),
};

const audio: Arena = {
  task: 'digits',
  title: 'Sound',
  inputs: 'samples',
  base: { ...ADAM, batch: 16, length: 128, speaker: 'jackson', condition: 'none', embedding: 16 },
  shapes: {
    rnn: { levels: 1, rates: rates(0.004, 0.002) },
    gru: { levels: 1, rates: rates(0.008, 0.004) },
    lstm: { levels: 1, forgetBias: 1, rates: rates(0.008, 0.004) },
    // 61 samples in sight.
    tcn: { levels: 4, kernelSize: 3, rates: rates(0.008, 0.004) },
    // 21.
    gcnn: { levels: 4, kernelSize: 6, rates: rates(0.008, 0.004) },
    // 65.
    wavenet: { levels: 6, skip: 48, rates: rates(0.008, 0.004) },
    transformer: { ...ATTENTION, levels: 2, warmup: 20, rates: rates(0.004, 0.008) },
  },
  sizes: {
    small: { parameters: 32_000, columns: 32, steps: 60, evaluateEvery: 15, evaluationPieces: 24 },
    medium: { parameters: 128_000, columns: 64, steps: 400, evaluateEvery: 40, evaluationPieces: 48 },
    full: { parameters: 1_000_000, columns: 192, epochs: 20, evaluateEvery: 600, evaluationPieces: 200 },
  },
  sights: [1, 2, 4, 8, 16, 32, 64],
  sizeOf: (recipe) => new SoundModel(recipe, { longest: 128 }).size,
  windowLoss: (model) => soundLoss(model),
};

/** Of the validation split, where models are shown less than all. */
export const PLACES = 256;

export const ARENAS: Readonly<Record<string, Arena>> = { text, music, audio };
