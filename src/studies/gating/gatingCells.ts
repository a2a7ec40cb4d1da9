// The cells of study `gating`: a model of equal size for every unit, learning rate and seed, and counting.

import { gatedLayers } from '../../nn/bodies';
import { GATED_UNITS, type GatedUnit } from '../../nn/gatedConv/gatedConv';
import { GatedConvLM } from '../../nn/gatedConv/gatedConvLM';
import { baselinesOf, type BaselineResult, type BaselineSettings } from '../baselines';
import { widthNear } from '../equalSize';
import type { Budget, Cell, Setup } from '../../runs/study';
import type { Trained, Training } from '../../runs/training';

/** What a cell of the study is made with. */
export type GatingSettings = Training | BaselineSettings;
/** What a cell of the study comes to. */
export type GatingResult = Trained | BaselineResult;

interface Size {
  /** Width of the GLU; the others get what makes them as large. */
  readonly hidden: number;
  readonly levels: number;
  readonly batch: number;
  readonly bptt: number;
  readonly epochs: number;
  /** 0: all. */
  readonly trainTokens: number;
  readonly evaluationTokens: number;
  readonly evaluateEvery: number;
  readonly dropout?: number;
  /** Learning rates that every unit is trained with; its best on validation, in the mean over the seeds, counts. */
  readonly rates: readonly number[];
  readonly seeds: number;
}

/** How large models and trainings are at each budget. */
export const SIZES: Record<Budget, Size> = {
  small: {
    hidden: 48,
    levels: 4,
    batch: 16,
    bptt: 64,
    epochs: 1,
    evaluateEvery: 40,
    trainTokens: 124_000,
    evaluationTokens: 16_000,
    rates: [0.01],
    seeds: 3,
  },
  medium: {
    hidden: 64,
    levels: 5,
    batch: 16,
    bptt: 64,
    epochs: 1,
    evaluateEvery: 122,
    trainTokens: 1_000_000,
    evaluationTokens: 100_000,
    rates: [0.005, 0.01],
    seeds: 3,
  },
  full: {
    hidden: 512,
    levels: 8,
    batch: 32,
    bptt: 256,
    epochs: 5,
    evaluateEvery: 650,
    dropout: 0.1,
    trainTokens: 0,
    evaluationTokens: 0,
    rates: [0.0005, 0.001, 0.002],
    seeds: 3,
  },
};
const EMBEDDING = 32;
/** Taps of every convolution. */
export const TAPS = 4;
/** Characters of WikiText-2: the softmax is a part of a model's size. */
const VOCABULARY = 283;

/** As the paper has them. */
export const NAMES: Record<GatedUnit, string> = {
  glu: 'GLU',
  gtu: 'GTU',
  bilinear: 'bilinear',
  relu: 'ReLU',
  tanh: 'tanh',
  linear: 'linear',
};

function sizeOf(activation: GatedUnit, hidden: number, levels: number): number {
  const layers = gatedLayers({ hidden, levels, kernelSize: TAPS });
  return new GatedConvLM(VOCABULARY, { embedding: EMBEDDING, layers, activation }).size;
}

/** The width with which a unit's model comes nearest to the GLU's in parameters. */
export function widthOf(activation: GatedUnit, { hidden, levels }: Pick<Size, 'hidden' | 'levels'>): number {
  return widthNear(sizeOf('glu', hidden, levels), (width) => sizeOf(activation, width, levels));
}

/** The first seed keeps the name that it had when there was no other. */
export const idOf = (activation: GatedUnit, rate: number, i: number): string =>
  `${activation}/${rate}${i ? `/seed-${i + 1}` : ''}`;

/** How many seeds each unit is trained from. */
export const seedsOf = ({ budget, seeds = SIZES[budget].seeds }: Setup): number => seeds;

/** The trainings of the study at a budget. */
export function trainingCells(setup: Setup): Cell<Training>[] {
  const { budget, seed } = setup;
  const { rates, seeds: _seeds, ...size } = SIZES[budget];
  return GATED_UNITS.flatMap((activation) => {
    const hidden = widthOf(activation, size);
    return rates.flatMap((learningRate) =>
      Array.from({ length: seedsOf(setup) }, (_, i): Cell<Training> => ({
        id: idOf(activation, learningRate, i),
        settings: {
          task: 'wikitext2-chars',
          model: 'gcnn',
          ...size,
          hidden,
          activation,
          seed: seed + i,
          embedding: EMBEDDING,
          kernelSize: TAPS,
          clipNorm: 1,
          optimizer: 'adam',
          learningRate,
          schedule: 'linear',
        },
      })),
    );
  });
}

/** The name of the cell that counts. */
export const BASELINES = 'baselines';

/** The cells of the study at a budget. */
export function cells(setup: Setup): Cell<GatingSettings>[] {
  const trainings = trainingCells(setup);
  return [{ id: BASELINES, settings: { baselines: baselinesOf(trainings[0].settings) } }, ...trainings];
}
