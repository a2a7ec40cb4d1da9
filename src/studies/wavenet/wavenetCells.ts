// The parts of the study `wavenet`: three trainings, and nets of growing reach whose speed is measured.

import type { Speaker } from '../../data/spokenDigits';
import type { Anchor } from '../../tasks/task';
import type { Budget, Cell, Setup } from '../../runs/study';
import type { Trained, Training } from '../../runs/training';

/** The models of the study. */
export const MODELS = ['wavenet', 'wavenet, told nothing', 'lstm'] as const;
/** A model of the study. */
export type ModelOfStudy = (typeof MODELS)[number];

interface Size {
  readonly steps: number;
  readonly evaluateEvery: number;
  readonly hidden: number;
  readonly skip: number;
  readonly levels: number;
  readonly stacks?: number;
  readonly batch: number;
  /** Samples of a WaveNet's piece; an LSTM has twice as many of half the length. */
  readonly length: number;
  readonly learningRate: number;
  /** Units of the LSTM, which make it as large. */
  readonly units: number;
  readonly embedding: number;
}

/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, Size> = {
  small: {
    steps: 60,
    evaluateEvery: 60,
    batch: 4,
    length: 512,
    learningRate: 1e-2,
    hidden: 16,
    skip: 32,
    levels: 7,
    units: 48,
    embedding: 36,
  },
  medium: {
    steps: 600,
    evaluateEvery: 200,
    batch: 4,
    length: 512,
    learningRate: 8e-3,
    hidden: 32,
    skip: 64,
    levels: 8,
    units: 100,
    embedding: 68,
  },
  full: {
    steps: 50_000,
    evaluateEvery: 1000,
    batch: 8,
    length: 4096,
    learningRate: 1e-3,
    hidden: 64,
    skip: 256,
    levels: 10,
    stacks: 3,
    units: 440,
    embedding: 256,
  },
};

/** Levels of the nets whose speed is measured: those of one stack. */
export const SPEED_LEVELS: Record<Budget, readonly number[]> = {
  small: [5, 7, 9],
  medium: [5, 6, 7, 8, 9, 10],
  full: [5, 6, 7, 8, 9, 10, 11, 12],
};
/** What a cell of the study is made with. */
export type SettingsOfStudy =
  | {
      readonly kind: 'training';
      readonly training: Training;
      /** Samples that it then says; default: none. */
      readonly says?: number;
    }
  | { readonly kind: 'speed'; readonly levels: number; readonly seconds: number };

/** A spoken digit as codes. */
export interface Utterance {
  readonly digit: number;
  readonly speaker: Speaker;
  readonly codes: readonly number[];
}

/** What a cell of the study comes to. */
export type ResultOfStudy =
  | {
      readonly kind: 'training';
      readonly trained: Trained;
      /** Nats per sample of the test, by speaker. */
      readonly test: Readonly<Record<Speaker, number>> | null;
      /** What needs no learning, likewise. */
      readonly anchors: readonly Anchor[];
      /** Samples of training pieces per second. */
      readonly rate: number;
      /** What it says, and a real recording. */
      readonly sounds?: readonly [Utterance, Utterance];
    }
  | {
      readonly kind: 'speed';
      readonly field: number;
      /** Milliseconds for a sample. */
      readonly cached: number;
      readonly naive: number;
    };

function trainingOf(model: ModelOfStudy, { budget, seed }: Setup): Training {
  const { units, embedding, skip, stacks, levels, hidden, batch, length, ...shared } = SIZES[budget];
  const common = {
    ...({ task: 'digits', optimizer: 'adam', schedule: 'cosine', clipNorm: 1, seed, ...shared } as const),
    condition: model === 'wavenet, told nothing' ? 'none' : 'both',
  } as const;
  if (model !== 'lstm') {
    return { ...common, model: 'wavenet', hidden, skip, levels, stacks, batch, length };
  }
  const recurrent = { hidden: units, embedding, levels: 1, forgetBias: 1 };
  return { ...common, ...recurrent, model, batch: 2 * batch, length: length / 2 };
}

/** The name of a cell. */
export const idOf = (levels: number): string => `speed/${levels} levels`;

/** The cells of the study at a budget. */
export const cells = (setup: Setup): Cell<SettingsOfStudy>[] => [
  ...MODELS.map((model) => ({
    id: model,
    settings: {
      kind: 'training',
      training: trainingOf(model, setup),
      ...(model === 'wavenet' ? { says: 4000 } : {}),
    } as const,
  })),
  ...SPEED_LEVELS[setup.budget].map((levels) => ({
    id: idOf(levels),
    settings: { kind: 'speed', levels, seconds: setup.budget === 'small' ? 1 : 4 } as const,
  })),
];
