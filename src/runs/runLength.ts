// How long a run is, how often it is validated and for how long its rate rises, by its preset, its data and what is
// given.

import type { Values } from '../spec/option';
import type { Preset } from '../tasks/preset';

/** What is said of a run's length. */
export interface RunLength {
  readonly steps?: number;
  readonly evaluateEvery?: number;
  readonly warmup?: number;
}

/** Validations at most of a run on a user's own data, of which few may be a pass of one step. */
const MOST_VALIDATIONS = 40;

/**
 * The length of a run with these settings; what is `given` is in them but for steps and epochs. `perEpoch`: steps that
 * pass once over the data, where it has passes. A preset of steps stays one of steps, though the data has epochs.
 */
export function runLength(
  { epochs, leastSteps, ...chosen }: Preset & RunLength,
  given: Values,
  perEpoch: number | undefined,
): RunLength {
  const passes = Number(given.epochs ?? epochs ?? 0);
  const ofPasses = perEpoch && passes ? perEpoch * passes : undefined;
  const least = ofPasses && given.epochs === undefined ? Math.max(ofPasses, leastSteps ?? 0) : ofPasses;
  const steps = given.steps === undefined ? (least ?? chosen.steps) : Number(given.steps);
  const { evaluateEvery, warmup } = chosen;
  if (leastSteps === undefined || steps === undefined)
    return { steps, evaluateEvery: evaluateEvery ?? perEpoch ?? steps, warmup };
  // A rate that rises to the end of a short run, or beyond, is none that was chosen.
  const most = given.warmup === undefined ? Math.max(1, Math.floor(steps / 10)) : Infinity;
  return {
    steps,
    evaluateEvery: evaluateEvery ?? Math.max(perEpoch ?? steps, Math.ceil(steps / MOST_VALIDATIONS)),
    warmup: warmup && Math.min(warmup, most),
  };
}
