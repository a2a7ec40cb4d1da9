// What the cells of study `shootout` are made with, and what they come to.

import type { BaselineResult, BaselineSettings } from '../baselines';
import type { Speeds } from '../generation';
import type { Trained, Training } from '../../runs/training';

/** A model's training, and what it is asked then. */
export interface ShootoutTraining {
  readonly training: Training;
  /** Numbers of inputs to be shown, at so many places of the validation split. */
  readonly sights: readonly number[];
  readonly places: number;
}

/** What a cell of the study comes to. */
export interface ShootoutTrained extends Trained {
  /** Null where there were too few steps to tell. */
  readonly stepsPerSecond: number | null;
  /** On validation, shown `sights` inputs; none of a training that diverged. */
  readonly losses: readonly number[];
  /** Speeds of generation; null of a training that diverged. */
  readonly speeds: Speeds | null;
}

/** A short training that only chooses a learning rate. */
export interface ShootoutPilot {
  readonly pilot: Training;
}

/** What a cell of the study is made with. */
export type ShootoutSettings = ShootoutTraining | ShootoutPilot | BaselineSettings;
/** What a cell of the study comes to. */
export type ShootoutResult = ShootoutTrained | Trained | BaselineResult;
