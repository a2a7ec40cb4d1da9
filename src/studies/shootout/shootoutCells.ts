// The cells of study `shootout`: a model on a task each, and what counting on the same data predicts.

import { baselinesOf } from '../baselines';
import { PLACES, arenasOf } from './shootoutArenas';
import { entriesOf, ratesOf, trainingOf } from './shootoutModels';
import { attemptsOf, type Attempt, type Attempts } from './shootoutRates';
import type { ShootoutResult, ShootoutSettings } from './shootoutResult';
import type { Cell, Results, Setup } from '../../runs/study';
import type { Tables } from '../../runs/tables';

/** The name of the cell that counts on a task. */
export const baselineId = (arena: string): string => `${arena}/baselines`;

/**
 * The cells of the study that are known so far: of every task first what counts, then pilots, whole trainings and those
 * from further seeds of free models, then of stable ones.
 */
export function cellsOf(
  setup: Setup,
  results: Results<ShootoutResult>,
  tables: Tables,
): Cell<ShootoutSettings>[] {
  return arenasOf(tables, setup).flatMap((arena): Cell<ShootoutSettings>[] => {
    const entries = entriesOf(tables, setup).filter((entry) => entry.arena.name === arena.name);
    const attempts = entries.map((entry) => attemptsOf(entry, setup, results, tables));
    const isFree = (_: Attempts, i: number) => entries[i].contestant.stable === undefined;
    const { sights } = arena;
    const [entry] = entries;
    const training = trainingOf(entry, setup, ratesOf(entry, setup.budget, tables)[0], tables);
    const past = { places: PLACES, past: sights.at(-1)! - 1 };
    const wholeOf = ({ id, training }: Attempt) => ({ id, settings: { training, sights, places: PLACES } });
    // A projection takes several times as long as a step: what is free is done before.
    const groups = [attempts.filter(isFree), attempts.filter((one, i) => !isFree(one, i))];
    return [
      { id: baselineId(arena.name), settings: { baselines: baselinesOf(training), ...past } },
      ...groups.flatMap((group) => [
        ...group
          .flatMap(({ pilots }) => pilots)
          .map(({ id, training }) => ({ id, settings: { pilot: training } })),
        ...group.flatMap(({ first }) => first).map(wholeOf),
        ...group.flatMap(({ further }) => further).map(wholeOf),
      ]),
    ];
  });
}
