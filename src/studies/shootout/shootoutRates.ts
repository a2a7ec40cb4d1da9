// Which trainings a model has in study `shootout`. Where a contest has pilots, short trainings choose the learning
// rate: the rates that it names, then further ones until the best has a worse neighbour on either side. Otherwise, and
// where pilots tie, every rate is trained in full and validation chooses. The chosen one is trained from further seeds.

import { extentOf } from './shootoutArenas';
import type { ShootoutResult } from './shootoutResult';
import { cellId, ratesOf, trainingOf, type Entry } from './shootoutModels';
import type { Results, Setup } from '../../runs/study';
import type { Tables } from '../../runs/tables';
import type { Trained, Training } from '../../runs/training';

/** A training of a model at a rate. */
export interface Attempt {
  /** The name of its cell: `text/lstm/0.01`, `…/pilot`, `…/seed-2`. */
  readonly id: string;
  readonly rate: number;
  readonly training: Training;
}

/** The trainings of an entry that are known so far. */
export interface Attempts {
  /** Short ones, by rising rate. */
  readonly pilots: readonly Attempt[];
  /** Whole ones from the study's seed, at every rate that is in question. */
  readonly first: readonly Attempt[];
  /** Those at the best of these rates from further seeds. */
  readonly further: readonly Attempt[];
  /** The one of `first` that is best; null while one has no result. */
  readonly best: Attempt | null;
}

/** Pilots of an entry at most: rates beyond are not looked at. */
const MOST = 7;

/** What an entry is trained with, as far as the results say. */
export function attemptsOf(
  entry: Entry,
  setup: Setup,
  results: Results<ShootoutResult>,
  tables: Tables,
): Attempts {
  const { pilot, ties = 0, seeds: planned = 1 } = extentOf(entry.arena, setup.budget);
  const { seeds = planned } = setup;
  const at = (rate: number, seed = setup.seed): Attempt => ({
    id: `${cellId(entry, rate)}${seed === setup.seed ? '' : `/seed-${seed}`}`,
    rate,
    training: trainingOf(entry, { ...setup, seed }, rate, tables),
  });
  const short = (rate: number): Attempt => {
    const { id, training } = at(rate);
    return { id: `${id}/pilot`, rate, training: { ...training, ...pilot, evaluateEvery: pilot!.steps } };
  };
  const named = ratesOf(entry, setup.budget, tables);
  const pilotAt = (rate: number) => valueAt(results, short(rate));
  const pilots = pilot ? widened(named, pilotAt) : [];
  const first = (pilot ? leading(pilots, pilotAt, ties) : named).map((rate) => at(rate));
  const best = bestOf(first, results);
  const others = Array.from({ length: seeds - 1 }, (_, i) => setup.seed + 1 + i);
  const further = best ? others.map((seed) => at(best.rate, seed)) : [];
  return { pilots: pilots.map(short), first, further, best };
}

/** The rates that are to be tried: those that are named, and one beyond an end as long as that end is the best. */
function widened(named: readonly number[], value: (rate: number) => number | undefined): number[] {
  const rates = [...named].sort((a, b) => a - b);
  const factor = rates.at(-1)! / rates.at(-2)!;
  while (rates.length < MOST) {
    const best = leastAt(rates.map(value));
    if (best === null) return rates;
    if (best === 0) rates.unshift(rates[0] / factor);
    else if (best === rates.length - 1) rates.push(rates.at(-1)! * factor);
    else return rates;
  }
  return rates;
}

/** The best rate, and those that tie with it; none while one of all has no result. */
function leading(
  rates: readonly number[],
  value: (rate: number) => number | undefined,
  ties: number,
): readonly number[] {
  const best = leastAt(rates.map(value));
  if (best === null) return [];
  const most = value(rates[best])! * (1 + ties);
  return rates.filter((rate, i) => i === best || (ties > 0 && value(rate)! <= most));
}

/** The metric on validation; infinite where it diverged, undefined where there is no result yet. */
function valueAt(results: Results<ShootoutResult>, { id }: Attempt): number | undefined {
  const result = results.get(id) as Trained | undefined;
  return result && (result.valid ?? Infinity);
}

/** The best on validation; null while one of them has no result, or there are none. */
function bestOf(attempts: readonly Attempt[], results: Results<ShootoutResult>): Attempt | null {
  const at = leastAt(attempts.map((attempt) => valueAt(results, attempt)));
  return at === null ? null : attempts[at];
}

/** Where the least of some values is; null while one of them is not known, or there are none. */
function leastAt(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length && known.length === values.length ? values.indexOf(Math.min(...known)) : null;
}
