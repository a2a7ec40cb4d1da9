// Settings to begin a run with, as data.

import type { Recipe } from './recipe';
import type { SpeakerChoice } from './digits/digitsTask';

type Given = 'model' | 'seed' | 'steps' | 'evaluateEvery';

/**
 * A recipe without what the command line gives; the length of a run is in steps, or in epochs of a data file.
 */
export interface Preset extends Omit<Recipe, Given> {
  readonly batch: number;
  /** T of the generated tasks; samples of a piece of sound. */
  readonly length?: number;
  /** Of text: steps per segment, steps before it that warm up, and how many tokens are used. */
  readonly bptt?: number;
  readonly lead?: number;
  readonly trainTokens?: number;
  readonly evaluationTokens?: number;
  /** Of images: how many are used. */
  readonly trainImages?: number;
  readonly evaluationImages?: number;
  /** Of sound: whose recordings, everybody's unless given; and how many pieces are measured in place of all of them. */
  readonly speaker?: SpeakerChoice;
  readonly evaluationPieces?: number;
  readonly steps?: number;
  readonly epochs?: number;
  /** Once an epoch where there are epochs. */
  readonly evaluateEvery?: number;
}
