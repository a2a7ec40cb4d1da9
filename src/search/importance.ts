// How much of a search's outcome each setting explains by itself: the first-order sensitivity index of Sobol' (1993),
//
//   S = Var(E[y | x]) / Var(y)        x  the setting        y  the rank of the metric on validation
//
// from the trials at hand: those of a choice fall into classes by their value, those of a number into classes of equal
// count (Plischke, Borgonovo & Smith 2013, "Global sensitivity measures from given data"), and E[y | x] is the mean of
// a class. Few trials in a class would make it large by chance, which Kelley's ε² (1935) takes off again. Ranks, as a
// trial that diverged has no metric but is the worst, and one outlier must not decide.
//
// What it does not say: what two settings do together (Σ S < 1 is that, and luck), or whether more is better. It is the
// unary part of fANOVA (Hutter, Hoos & Leyton-Brown 2014) without the forest.

import { Random } from '../random';
import type { Importance } from '../runs/study';
import type { Training } from '../runs/training';
import type { Values } from '../spec/option';
import type { Space } from './search';

/** A trial of the first rung, all of which are trained for as long; null where it diverged. */
export interface Outcome {
  readonly settings: Training;
  readonly valid: number | null;
}

/** Fewer trials say nothing: three classes of three. */
export const LEAST = 9;
const CLASSES_AT_MOST = 32;
const SHUFFLES = 100;
/** The share of the shuffles that stay below `chance`. */
const BELOW = 0.95;

/** The settings of a space, those first that explain most; none of too few trials, or where all came to the same. */
export function importanceOf(space: Space, trials: readonly Outcome[], seed: number): Importance[] {
  const n = trials.length;
  const ranks = ranksOf(trials.map(({ valid }) => valid ?? Infinity));
  if (n < LEAST || ranks.every((rank) => rank === ranks[0])) return [];
  const settings = Object.entries(space).map(([setting, { kind }]) => {
    const values = trials.map(({ settings: given }: { settings: Values }) => given[setting]);
    return {
      setting,
      classes: kind === 'choice' ? byValue(values.map(String)) : byCount(values.map(Number)),
    };
  });
  const luck = settings.map((): number[] => []);
  const random = new Random(seed).fork('importance');
  for (let i = 0; i < SHUFFLES; i++) {
    const shuffled = random.shuffle([...ranks]);
    for (const [s, { classes }] of settings.entries()) luck[s].push(explained(classes, shuffled));
  }
  return settings
    .map(({ setting, classes }, s) => ({
      setting,
      explained: rounded(explained(classes, ranks)),
      chance: rounded(luck[s].sort((a, b) => a - b)[Math.floor(BELOW * SHUFFLES)]),
    }))
    .sort((a, b) => b.explained - a.explained);
}

const rounded = (share: number): number => Number(Math.max(0, share).toFixed(3));

/** From 0, the smallest; equal ones share the mean of their places. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] === values[b] ? 0 : values[a] - values[b]));
  const ranks = Array<number>(values.length).fill(0);
  for (let from = 0, to; from < order.length; from = to) {
    to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + to - 1) / 2;
  }
  return ranks;
}

/** The class of each trial: one for every value. */
function byValue(values: readonly string[]): readonly number[] {
  const names = [...new Set(values)];
  return values.map((value) => names.indexOf(value));
}

/** The class of each trial: √n of them, of equal count; equal values are in one. */
function byCount(values: readonly number[]): readonly number[] {
  const n = values.length;
  const count = Math.min(CLASSES_AT_MOST, Math.floor(Math.sqrt(n)));
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const classes = Array<number>(n).fill(0);
  for (const [place, i] of order.entries()) {
    const before = order[place - 1];
    const same = place > 0 && values[before] === values[i];
    classes[i] = same ? classes[before] : Math.floor((place * count) / n);
  }
  return classes;
}

/** Kelley's ε² of the ranks by classes: below 0 where the classes explain less than luck would. */
function explained(classes: readonly number[], ranks: readonly number[]): number {
  const n = ranks.length;
  const mean = (n - 1) / 2;
  const [sums, counts]: number[][] = [[], []];
  let total = 0;
  for (const [i, rank] of ranks.entries()) {
    const at = classes[i];
    sums[at] = (sums[at] ?? 0) + rank - mean;
    counts[at] = (counts[at] ?? 0) + 1;
    total += (rank - mean) ** 2;
  }
  let [between, k] = [0, 0];
  for (const [at, sum] of sums.entries()) {
    if (!counts[at]) continue;
    between += sum ** 2 / counts[at];
    k++;
  }
  if (k < 2 || k >= n) return 0;
  return (between - ((k - 1) * (total - between)) / (n - k)) / total;
}
