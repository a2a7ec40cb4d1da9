// What the cells of study `shootout` come to: of every model its best learning rate, and of every task the value that
// half of its models reach.

import { baselinesIn, type Baseline } from '../baselines';
import { arenasOf, type Arena } from './shootoutArenas';
import { baselineId, type ShootoutResult, type ShootoutTrained } from './shootoutCells';
import { entriesOf, cellId, ratesOf, type Entry } from './shootoutModels';
import type { Setup, Results } from '../../runs/study';
import type { Tables } from '../../runs/tables';
import { enoughOf } from '../windows';

/** A model on a task, with the learning rate that was best on validation. */
export interface Standing {
  readonly entry: Entry;
  readonly rate: number;
  readonly result: ShootoutTrained;
  /** Whether it is better on test than all counting: only then what it needs to see says something. */
  readonly learned: boolean;
  /** Inputs that it needs to see; null of one that has not learned. */
  readonly enough: number | null;
}

/** All models of a task. */
export interface Contest {
  readonly arena: Arena;
  readonly standings: readonly Standing[];
  /** The validation value that at least half of them reach. */
  readonly target: number;
  /** What counting comes to, from the one that sees least to the one that sees most. */
  readonly baselines: readonly Baseline[];
  /** Models that the results, of an earlier version, know nothing of. */
  readonly absent: readonly string[];
}

/** The contests on tasks that were run: the tables may have grown since. */
export function contestsOf(setup: Setup, results: Results<ShootoutResult>, tables: Tables): Contest[] {
  const wasRun = (entry: Entry) =>
    ratesOf(entry, setup.budget, tables).every((rate) => results.has(cellId(entry, rate)));
  return arenasOf(tables).flatMap((arena) => {
    const mine = entriesOf(tables).filter((entry) => entry.arena.name === arena.name);
    const baselines = baselinesIn(results, baselineId(arena.name));
    const standings = mine
      .filter(wasRun)
      .map((entry) => standingOf(entry, ratesOf(entry, setup.budget, tables), results, baselines));
    if (!standings.length) return [];
    const values = standings.map(({ result }) => result.valid ?? Infinity).sort((a, b) => a - b);
    const absent = mine.filter((entry) => !wasRun(entry)).map(({ contestant }) => contestant.title);
    return { arena, standings, target: values[Math.floor((values.length - 1) / 2)], baselines, absent };
  });
}

function standingOf(
  entry: Entry,
  rates: readonly number[],
  results: Results<ShootoutResult>,
  baselines: readonly Baseline[],
): Standing {
  const value = ({ result }: { result: ShootoutTrained }) => result.valid ?? Infinity;
  const { rate, result } = rates
    .map((one) => ({ rate: one, result: results.get(cellId(entry, one)) as ShootoutTrained }))
    .reduce((best, next) => (value(next) < value(best) ? next : best));
  const learned = result.test !== null && baselines.every(({ test }) => result.test! < test);
  const enough = learned ? enoughOf(entry.arena.sights, result.losses) : null;
  return { entry, rate, result, learned, enough };
}

/** The step at which validation reached a value, on straight lines between the points of the curve; null if never. */
export function stepsTo(target: number, curve: ShootoutTrained['curve']): number | null {
  const at = curve.findIndex(({ value }) => value <= target);
  if (at < 0) return null;
  if (at === 0) return curve[0].step;
  const [before, after] = [curve[at - 1], curve[at]];
  const share = (before.value - target) / (before.value - after.value);
  return before.step + share * (after.step - before.step);
}

/** Seconds of training until validation reached a value; null if never. */
export const secondsTo = (target: number, { curve, stepsPerSecond }: ShootoutTrained): number | null => {
  const steps = stepsTo(target, curve);
  return steps === null || stepsPerSecond === null ? null : steps / stepsPerSecond;
};
