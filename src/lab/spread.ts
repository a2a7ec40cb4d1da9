// Many numbers as a few.

/** How numbers are spread. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** Nine of ten are not above it. */
  readonly p90: number;
  readonly p99: number;
  readonly worst: number;
}

/** Quantiles between two numbers are interpolated. NaN throughout where there are none, or one is NaN. */
export function spread(values: Iterable<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  const at = (part: number): number => {
    const place = part * (count - 1);
    const low = Math.floor(place);
    const rest = place - low;
    // NaN sorts behind all others.
    if (!count || Number.isNaN(sorted[count - 1])) return NaN;
    return rest ? sorted[low] * (1 - rest) + sorted[low + 1] * rest : sorted[low];
  };
  const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
  return { count, mean, median: at(0.5), p90: at(0.9), p99: at(0.99), worst: at(1) };
}
