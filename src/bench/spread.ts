// Several measurements of one thing as three numbers.

/** The middle of some samples, and their ends. */
export interface Range {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and greatest; of an even number of samples the median is the mean of the two in the middle. */
export function rangeOf(samples: readonly number[]): Range {
  const sorted = [...samples].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}
