// The cells of study `shootout`: a model on a task each, and what counting on the same data predicts.

import { baselinesOf } from '../baselines';
import { PLACES, arenasOf, extentOf } from './shootoutArenas';
import { entriesOf, ratesOf, trainingOf, type Entry } from './shootoutModels';
import { attemptsOf } from './shootoutRates';
import type { ShootoutResult, ShootoutSettings } from './shootoutResult';
import type { Cell, Results, Setup } from '../../runs/study';
import type { Tables } from '../../runs/tables';

/** The name of the cell that counts on a task. */
export const baselineId = (arena: string): string => `${arena}/baselines`;

/** The cells of the study that are known so far: of every task first what counts, then pilots, then whole trainings. */
export function cellsOf(
  setup: Setup,
  results: Results<ShootoutResult>,
  tables: Tables,
): Cell<ShootoutSettings>[] {
  return arenasOf(tables, setup).flatMap((arena): Cell<ShootoutSettings>[] => {
    const entries = entriesOf(tables, setup).filter((entry) => entry.arena.name === arena.name);
    const attempts = freeFirst(entries).map((entry) => attemptsOf(entry, setup, results, tables));
    const pilots = attempts.flatMap((one) => one.pilots);
    const whole = [...attempts.flatMap(({ first }) => first), ...attempts.flatMap(({ further }) => further)];
    const { sights } = arena;
    const [entry] = entries;
    const training = trainingOf(entry, setup, ratesOf(entry, setup.budget, tables)[0], tables);
    const past = { places: PLACES, past: sights.at(-1)! - 1 };
    return [
      { id: baselineId(arena.name), settings: { baselines: baselinesOf(training), ...past } },
      ...pilots.map(({ id, training }) => ({ id, settings: { pilot: training } })),
      ...whole.map(({ id, training }) => ({ id, settings: { training, sights, places: PLACES } })),
    ];
  });
}

/** A projection takes several times as long as a step: the table has something of both families before it. */
const freeFirst = (entries: readonly Entry[]): Entry[] =>
  [...entries].sort((a, b) => Number('stable' in a.contestant) - Number('stable' in b.contestant));

/** Whether all cells of the study are known before the first is run: no result decides which there are. */
export const areKnown = (setup: Setup, tables: Tables): boolean =>
  arenasOf(tables, setup).every((arena) => {
    const { pilot, seeds = 1 } = extentOf(arena, setup.budget);
    return !pilot && seeds === 1;
  });
