// Settings to begin a run with, as data.

import type { Options, OptionsOf } from '../spec/option';
import type { Recipe } from './recipe';

type Given = 'model' | 'seed' | 'steps' | 'evaluateEvery';

/**
 * A recipe without what the command line gives, and with what a task adds; the length of a run is in steps, or in
 * epochs of the data.
 */
export type Preset<O extends Options = Record<never, never>> = Omit<Recipe, Given> &
  OptionsOf<O> & {
    readonly batch: number;
    readonly steps?: number;
    readonly epochs?: number;
    /** Steps that a run of epochs has at least: nobody knows how much a user's own data is. Default: 0. */
    readonly leastSteps?: number;
    /** Default: once an epoch, where there are epochs, and at most 40 times where there are steps at least. */
    readonly evaluateEvery?: number;
  };

/** The fewest steps of a run on a user's own data that learn something of a few hundred rows or sentences. */
export const LEAST_STEPS = { leastSteps: 1000 } as const;

/** By the models' names; where there are several, by their `length`, the first of which is meant without one. */
export type Presets<P = Preset> = Readonly<Record<string, P | readonly P[]>>;

/**
 * What suits recurrent models on copy memory, adding and images, in place of a TCN's: Adam's own betas, a looser
 * clip, a rate that stays.
 */
export const recurrentPreset = <P extends Preset>(preset: P, hidden: number): P => ({
  ...preset,
  hidden,
  levels: 1,
  kernelSize: undefined,
  gain: undefined,
  betas: undefined,
  learningRate: 5e-3,
  schedule: undefined,
  clipNorm: 1,
});
