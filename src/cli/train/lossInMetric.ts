// What a training loss is in the measure of a run: both stand in one picture.

/** Measures that are no loss, by their names; null: a loss cannot be told in them. */
const OTHERS: Readonly<Record<string, ((loss: number) => number) | null>> = {
  'bits per character': (nats) => nats / Math.LN2,
  error: null,
};

/** Takes a training loss to the measure; null where that is of another kind. Any other measure is the loss itself. */
export function lossInMetric(metric: string): ((loss: number) => number) | null {
  if (metric.startsWith('perplexity')) return Math.exp;
  if (metric.startsWith('RMSE')) return null;
  return Object.hasOwn(OTHERS, metric) ? OTHERS[metric] : (loss) => loss;
}
