// What the cells of study `shootout` come to: of every model its best learning rate, and of every task the value that
// half of its models reach.

import { baselinesIn, type Baseline } from '../baselines';
import { arenasOf, type Arena } from './shootoutArenas';
import { baselineId } from './shootoutCells';
import type { ShootoutResult, ShootoutTrained } from './shootoutResult';
import { entriesOf, type Entry } from './shootoutModels';
import { attemptsOf, type Attempt } from './shootoutRates';
import type { Setup, Results } from '../../runs/study';
import type { Tables } from '../../runs/tables';
import { meanOf } from '../spread';
import { enoughOf } from '../windows';

/** A model on a task, with the learning rate that was best on validation. */
export interface Standing {
  readonly entry: Entry;
  readonly rate: number;
  /** From the study's seed. */
  readonly result: ShootoutTrained;
  /** From all seeds that were run. */
  readonly results: readonly ShootoutTrained[];
  /** The means over these; null where one diverged. */
  readonly valid: number | null;
  readonly test: number | null;
  /** In sight: the mean losses; none where one diverged. */
  readonly losses: readonly number[];
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
  return arenasOf(tables, setup).flatMap((arena) => {
    const mine = entriesOf(tables, setup).filter((entry) => entry.arena.name === arena.name);
    const baselines = baselinesIn(results, baselineId(arena.name));
    const standings = mine.flatMap((entry) => {
      const { best, further } = attemptsOf(entry, setup, results, tables);
      return best ? [standingOf(entry, [best, ...further], results, baselines)] : [];
    });
    if (!standings.length) return [];
    const values = standings.map(({ valid }) => valid ?? Infinity).sort((a, b) => a - b);
    const absent = mine
      .filter((entry) => standings.every((one) => one.entry !== entry))
      .map(({ contestant }) => contestant.title);
    return { arena, standings, target: values[Math.floor((values.length - 1) / 2)], baselines, absent };
  });
}

function standingOf(
  entry: Entry,
  attempts: readonly Attempt[],
  results: Results<ShootoutResult>,
  baselines: readonly Baseline[],
): Standing {
  const run = attempts.flatMap(({ id }) => results.get(id) ?? []) as ShootoutTrained[];
  const [valid, test] = (['valid', 'test'] as const).map((split) => meanOf(run.map((one) => one[split])));
  const whole = run.every(({ losses }) => losses.length);
  const losses = whole ? run[0].losses.map((_, k) => meanOf(run.map(({ losses: each }) => each[k]))!) : [];
  const learned = test !== null && baselines.every((counted) => test < counted.test);
  const enough = learned ? enoughOf(entry.arena.sights, losses) : null;
  const [{ rate }] = attempts;
  return { entry, rate, result: run[0], results: run, valid, test, losses, learned, enough };
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
