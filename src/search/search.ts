// What a search is, and its trials, as pure functions: where it begins, what it varies, and the settings of a trial by
// its number. How trials are chosen to go on is said in halving.ts and asha.ts. Every trial is trained anew in every
// rung, because a learning rate that falls to zero at the end must know the end.

import { Random } from '../random';
import type { Cell } from '../runs/study';
import type { Range, Values } from '../spec/option';
import type { Training } from '../runs/training';

/** By the settings' names. */
export type Space = Readonly<Record<string, Range>>;

/** Asynchronous successive halving: see asha.ts. */
export interface Asha {
  /** η: the best one in so many trials of a rung goes on, for so many times as long. */
  readonly eta: number;
  /** The length of the first rung, in steps or epochs as the search's own: no trial is judged before. */
  readonly gracePeriod: number;
}

/** A search: where it begins, what it varies, and how much of it there is. */
export interface Search {
  /** Names its cells: `jsb-rnn` for `jsb-rnn/trial-3/rung-0`. */
  readonly name: string;
  /** The first trial, and what the space's factors multiply. Trained for its full length in the last rung. */
  readonly base: Training;
  readonly space: Space;
  readonly trials: number;
  readonly seed: number;
  /** How many trials there were at first and were added each time, together `trials`; default: all at first. */
  readonly brackets?: readonly number[];
  /** Default: successive halving, a rung at a time. */
  readonly asha?: Asha;
}

/** A trial at a rung, as a cell. Its settings are drawn when they are asked for: most of many thousands never are. */
export class Tried implements Cell<Training> {
  readonly id: string;

  /** `share`: of the full length. */
  constructor(
    private readonly search: Search,
    readonly number: number,
    readonly rung: number,
    private readonly share: number,
  ) {
    this.id = `${search.name}/trial-${number}/rung-${rung}`;
  }

  get settings(): Training {
    return shortened(trial(this.search, this.number), this.share);
  }
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

/** The length of a training, in epochs or steps. */
export const lengthOf = ({ epochs, steps }: Training): number => epochs ?? steps!;

/** The same training for a share of its length. */
function shortened(training: Training, share: number): Training {
  if (share === 1) return training;
  const { epochs, steps } = training;
  return epochs !== undefined
    ? { ...training, epochs: readable(epochs * share) }
    : { ...training, steps: Math.max(1, Math.round(steps! * share)) };
}
