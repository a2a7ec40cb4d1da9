// Numbers of several seeds: their mean and spread, and what the difference of two models is worth.

/** Mean over the seeds; null where one of them has no outcome, or there is none. */
export function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return values.length && known.length === values.length ? sum(known) / known.length : null;
}

/** Standard deviation, of at least two; otherwise undefined. */
export function sdOf(values: readonly (number | null)[]): number | undefined {
  const mean = meanOf(values);
  if (mean === null || values.length < 2) return undefined;
  return Math.sqrt(sum(values.map((value) => (value! - mean) ** 2)) / (values.length - 1));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What a table says of several seeds. */
export const spreadOf = (
  values: readonly (number | null)[],
): { ours: number | null; n: number; sd?: number } => {
  const sd = sdOf(values);
  return { ours: meanOf(values), n: values.length, ...(sd === undefined ? {} : { sd }) };
};

/** The mean difference of pairs of seeds. */
export interface Difference {
  readonly mean: number;
  /** Ends of the 95 % interval of Student's t over the pairs; of one pair there is none. */
  readonly interval: readonly [number, number] | null;
  readonly n: number;
}

/** Quantiles 0.975 of Student's t, by degrees of freedom from 1 on. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** `ours` − `theirs`, seed by seed in the same order; null where one has no outcome. */
export function pairedDifference(
  ours: readonly (number | null)[],
  theirs: readonly (number | null)[],
): Difference | null {
  const n = Math.min(ours.length, theirs.length);
  const differences = ours
    .slice(0, n)
    .map((value, i) => (value === null || theirs[i] === null ? null : value - theirs[i]));
  const mean = meanOf(differences);
  if (mean === null) return null;
  const sd = sdOf(differences);
  if (sd === undefined) return { mean, interval: null, n };
  const half = ((T[n - 2] ?? 2) * sd) / Math.sqrt(n);
  return { mean, interval: [mean - half, mean + half], n };
}

/** `none`: the interval holds 0; `unknown`: one pair says nothing; otherwise its sign. */
export function verdictOf({ mean, interval }: Difference): 'less' | 'more' | 'none' | 'unknown' {
  if (!interval) return 'unknown';
  if (interval[0] <= 0 && interval[1] >= 0) return 'none';
  return mean < 0 ? 'less' : 'more';
}

const signed = (value: number, digits: number): string =>
  `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;

/** `+0.031 (95 %: −0.020 to +0.082, 3 paired seeds)`, or `−4.4 (one seed, which says little)`. */
export function differenceText({ mean, interval, n }: Difference, digits = 3): string {
  if (!interval) return `${signed(mean, digits)} (one seed, which says little)`;
  const [low, high] = interval.map((end) => signed(end, digits));
  return `${signed(mean, digits)} (95 %: ${low} to ${high}, ${n} paired seeds)`;
}
