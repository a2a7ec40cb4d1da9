// Random search with successive halving (Jamieson & Talwalkar 2016), as pure functions: which trials there are, how
// long each rung trains them, and who goes on. Every trial is trained anew in every rung, because a learning rate
// that falls to zero at the end must know the end.

import { Random } from '../random';
import type { Cell, Results } from '../runs/study';
import type { Range, Values } from '../spec/option';
import { diverged, type Trained, type Training } from '../runs/training';

/** By the settings' names. */
export type Space = Readonly<Record<string, Range>>;

/** A search: where it begins, what it varies, and how much of it there is. */
export interface Search {
  /** Names its cells: `jsb-rnn` for `jsb-rnn/trial-3/rung-0`. */
  readonly name: string;
  /** The first trial, and what the space's factors multiply. Trained for its full length in the last rung. */
  readonly base: Training;
  readonly space: Space;
  readonly trials: number;
  readonly seed: number;
}

/** Every rung but the first has a third of the trials of the one before, and trains them three times as long. */
const ETA = 3;

/** The trials left in each rung, and for how much of the full length they are trained. */
export function rungs(trials: number): { trials: number; share: number }[] {
  const list: { trials: number; share: number }[] = [];
  for (let left = trials; ; left = Math.max(1, Math.floor(left / ETA))) {
    list.push({ trials: left, share: 1 });
    if (left === 1) break;
  }
  return list.map(({ trials: left }, i) => ({ trials: left, share: ETA ** (i + 1 - list.length) }));
}

/** The settings of a trial: a pure function of the search's seed and the trial's number. Trial 0 is the base. */
export function trial({ base, space, seed }: Search, number: number): Training {
  if (number === 0) return base;
  const random = new Random(seed).fork(`trial ${number}`);
  const given: Values = base;
  // Each setting has a stream of its own: another one in the space changes nothing about it.
  const drawn = Object.entries(space).map(([name, range]) => [
    name,
    draw(range, Number(given[name] ?? 0), random.fork(name)),
  ]);
  return { ...base, ...Object.fromEntries(drawn) };
}

function draw(range: Range, base: number, random: Random): number | string {
  if (range.kind === 'choice') return range.of[random.integer(range.of.length)];
  const { from, to } = range;
  if (range.kind === 'uniform') return readable(from + (to - from) * random.uniform());
  return readable(base * from * (to / from) ** random.uniform());
}

/** Three figures: settings that a person can read and type. */
export const readable = (value: number): number => Number(value.toPrecision(3));

/** Smaller is better; a trial that diverged is worst of all. Equal ones stay in their order. */
export function rank(numbers: readonly number[], valueOf: (number: number) => number | null): number[] {
  const value = (number: number) => valueOf(number) ?? Infinity;
  return [...numbers].sort((a, b) => (value(a) === value(b) ? a - b : value(a) - value(b)));
}

/** A trial at a rung, as a cell. */
export interface Tried extends Cell<Training> {
  readonly number: number;
  readonly rung: number;
}

/** The cells known so far: all of the first rung, then of each rung whose predecessor is finished. */
export function searchCells(search: Search, results: Results<Trained>): Tried[] {
  const cells: Tried[] = [];
  let numbers = Array.from({ length: search.trials }, (_, i) => i);
  const ladder = rungs(search.trials);
  for (const [rung, { share, trials }] of ladder.entries()) {
    if (rung > 0) {
      const before = cells.filter((cell) => cell.rung === rung - 1);
      if (before.some(({ id }) => !results.has(id))) break;
      const byNumber = new Map(before.map(({ id, number }) => [number, results.get(id)!.valid]));
      numbers = rank(numbers, (number) => byNumber.get(number)!).slice(0, trials);
    }
    for (const number of numbers) {
      const id = `${search.name}/trial-${number}/rung-${rung}`;
      cells.push({ id, number, rung, settings: shortened(trial(search, number), share) });
    }
  }
  return cells;
}

/** How many cells a search of so many trials has in all. */
export const searchSize = (trials: number): number =>
  rungs(trials).reduce((sum, rung) => sum + rung.trials, 0);

/** The cell that won, once the last rung is finished. */
export function winner(search: Search, results: Results<Trained>): Tried | null {
  const last = searchCells(search, results).find(({ rung }) => rung === rungs(search.trials).length - 1);
  return last && results.has(last.id) && !diverged(results.get(last.id)!) ? last : null;
}

/** The same training for a share of its length. */
function shortened(training: Training, share: number): Training {
  if (share === 1) return training;
  const { epochs, steps } = training;
  return epochs !== undefined
    ? { ...training, epochs: readable(epochs * share) }
    : { ...training, steps: Math.max(1, Math.round(steps! * share)) };
}
