// The parts of the study `speech`: systems that speak, each trained and made to say every digit in both voices; and
// recognisers, which are trained on recordings alone and listen to all of them.

import type { Budget, Cell, Setup } from '../../runs/study';
import type { Trained, Training } from '../../runs/training';

/** Systems that are trained to speak, in the order in which they are run. */
export const SYSTEMS = ['parametric', 'wavenet, told features', 'wavenet', 'lstm'] as const;
/** A system that is trained to speak. */
export type SystemName = (typeof SYSTEMS)[number];

interface Size {
  /** Steps of the recogniser, of the parametric LSTM, and of models of samples. */
  readonly judgeSteps: number;
  readonly parametricSteps: number;
  readonly sampleSteps: number;
  readonly judges: number;
  readonly hidden: number;
  readonly skip: number;
  readonly levels: number;
  readonly stacks?: number;
  /** Units and embedding of the LSTM of samples, which make it as large as the WaveNet. */
  readonly units: number;
  readonly embedding: number;
  /** Pieces, and samples of one. */
  readonly batch: number;
  readonly length: number;
  readonly learningRate: number;
}

/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, Size> = {
  small: {
    judgeSteps: 400,
    parametricSteps: 300,
    sampleSteps: 150,
    judges: 2,
    hidden: 24,
    skip: 48,
    levels: 7,
    units: 72,
    embedding: 48,
    batch: 4,
    length: 512,
    learningRate: 8e-3,
  },
  medium: {
    judgeSteps: 600,
    parametricSteps: 2000,
    sampleSteps: 4000,
    judges: 3,
    hidden: 32,
    skip: 64,
    levels: 8,
    units: 100,
    embedding: 68,
    batch: 4,
    length: 1024,
    learningRate: 4e-3,
  },
  full: {
    judgeSteps: 2000,
    parametricSteps: 10_000,
    sampleSteps: 50_000,
    judges: 5,
    hidden: 64,
    skip: 256,
    levels: 10,
    stacks: 3,
    units: 440,
    embedding: 256,
    batch: 8,
    length: 4096,
    learningRate: 1e-3,
  },
};

/** What a cell is made with. */
export type SettingsOfStudy =
  | { readonly kind: 'parametric'; readonly training: Training }
  | {
      readonly kind: 'samples';
      readonly training: Training;
      /** The cell whose words say what is to be told beside every sample. */
      readonly features?: string;
    }
  | { readonly kind: 'judge'; readonly training: Training; readonly listens: readonly string[] };

/** What synthesis is measured by. */
export interface SynthesisErrors {
  /** Mel-cepstral distortion in decibels. */
  readonly distortion: number;
  /** Root of the mean square of the pitch's error, in hertz, where both are voiced. */
  readonly pitch: number;
  /** Frames that are voiced in one alone, a share. */
  readonly voicing: number;
}

/** Errors of copies of recordings: by the vocoder, and by Griffin-Lim from log-mel spectra alone. */
export interface Copies {
  readonly vocoder: SynthesisErrors;
  readonly griffinLim: SynthesisErrors;
}

/** A share of words whose digit, and one whose speaker, is understood. */
export interface Shares {
  readonly digits: number;
  readonly speakers: number;
  readonly words: number;
}

/** What a cell comes to. Sounds, see stored.ts, are every digit by the first speaker, then by the second. */
export type ResultOfStudy =
  | {
      readonly kind: 'parametric';
      readonly trained: Trained;
      readonly errors: SynthesisErrors | null;
      /** Errors of recordings of the test that went to parameters and came back. */
      readonly copies: Copies;
      readonly sounds: readonly string[];
      /** Their parameters. */
      readonly parameters: readonly string[];
    }
  | {
      readonly kind: 'samples';
      readonly trained: Trained;
      readonly sounds: readonly string[];
      /** Where features are told: the same words with those of recordings. */
      readonly copies?: readonly string[];
    }
  | {
      readonly kind: 'judge';
      readonly trained: Trained;
      /** Shares by who made the sounds. */
      readonly understood: Readonly<Record<string, Shares>>;
    };

const judgeOf = (size: Size, seed: number): Training => ({
  task: 'recognition',
  model: 'tcn',
  batch: 20,
  hidden: 48,
  levels: 5,
  kernelSize: 3,
  gain: 1.5,
  dropout: 0.1,
  optimizer: 'adam',
  learningRate: 3e-3,
  schedule: 'cosine',
  clipNorm: 1,
  steps: size.judgeSteps,
  seed,
});

const parametricOf = (size: Size, seed: number): Training => ({
  task: 'speech',
  model: 'lstm',
  batch: 20,
  hidden: 96,
  levels: 2,
  forgetBias: 1,
  optimizer: 'adam',
  learningRate: 5e-3,
  schedule: 'cosine',
  clipNorm: 1,
  steps: size.parametricSteps,
  evaluateEvery: Math.ceil(size.parametricSteps / 4),
  seed,
});

function samplesOf(name: SystemName, size: Size, seed: number): Training {
  const { hidden, skip, levels, stacks, units, embedding, batch, length, learningRate } = size;
  const common = {
    task: 'digits',
    optimizer: 'adam',
    schedule: 'cosine',
    clipNorm: 1,
    condition: 'both',
    evaluationPieces: 40,
    steps: size.sampleSteps,
    learningRate,
    seed,
  } as const;
  if (name === 'lstm') {
    const model = { model: 'lstm', hidden: units, embedding, levels: 1, forgetBias: 1 } as const;
    return { ...common, ...model, batch: 2 * batch, length: length / 2 };
  }
  const features = name === 'wavenet' ? {} : { features: true };
  return { ...common, model: 'wavenet', hidden, skip, levels, stacks, batch, length, ...features };
}

/** The cells of the study at a budget. */
export function cells({ budget, seed }: Setup): Cell<SettingsOfStudy>[] {
  const size = SIZES[budget];
  const speaking = SYSTEMS.map((id): Cell<SettingsOfStudy> => {
    if (id === 'parametric') {
      return { id, settings: { kind: 'parametric', training: parametricOf(size, seed) } };
    }
    const training = samplesOf(id, size, seed);
    const features = training.features ? { features: 'parametric' } : {};
    return { id, settings: { kind: 'samples', training, ...features } };
  });
  const judges = Array.from({ length: size.judges }, (_, i): Cell<SettingsOfStudy> => {
    const settings = { kind: 'judge', training: judgeOf(size, seed + i), listens: SYSTEMS } as const;
    return { id: `judge/seed ${seed + i}`, settings };
  });
  return [...speaking, ...judges];
}
