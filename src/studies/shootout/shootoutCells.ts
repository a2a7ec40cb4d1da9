// The cells of study `shootout`: a model on a task each, and what counting on the same data predicts.

import { baselinesOf, type BaselineResult, type BaselineSettings } from '../baselines';
import type { Speeds } from '../generation';
import { PLACES } from './shootoutArenas';
import { entriesOf, cellId, ratesOf, trainingOf } from './shootoutModels';
import type { Cell, Setup } from '../../runs/study';
import type { Tables } from '../../runs/tables';
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

/** What a cell of the study is made with. */
export type ShootoutSettings = ShootoutTraining | BaselineSettings;
/** What a cell of the study comes to. */
export type ShootoutResult = ShootoutTrained | BaselineResult;

/** The name of the cell that counts on a task. */
export const baselineId = (arena: string): string => `${arena}/baselines`;

/** The cells of the study at a budget. */
export function cellsOf(setup: Setup, tables: Tables): Cell<ShootoutSettings>[] {
  const trainings = trainingCells(setup, tables);
  return trainings.flatMap((cell, i): Cell<ShootoutSettings>[] => {
    const [arena] = cell.id.split('/');
    if (i > 0 && trainings[i - 1].id.split('/')[0] === arena) return [cell];
    const { training, sights, places } = cell.settings;
    const settings = { baselines: baselinesOf(training), places, past: sights.at(-1)! - 1 };
    return [{ id: baselineId(arena), settings }, cell];
  });
}

/** The trainings of the study at a budget. */
export const trainingCells = (setup: Setup, tables: Tables): Cell<ShootoutTraining>[] =>
  entriesOf(tables).flatMap((entry) =>
    ratesOf(entry, setup.budget, tables).map((rate) => ({
      id: cellId(entry, rate),
      settings: {
        training: trainingOf(entry, setup, rate, tables),
        sights: entry.arena.sights,
        places: PLACES,
      },
    })),
  );
