// The learning rate of every step of a run.

import { checked, notNegative, oneOf, whole, type Rules } from '../graph/options';
import type { Point } from './fitState';

const SCHEDULES = ['constant', 'linear', 'cosine', 'plateau', 'drop', 'warmup'] as const;

/** How the learning rate goes over a run; see `learningRateOf`. */
export type Schedule = (typeof SCHEDULES)[number];

/** The learning rate of a run, and how it changes. */
export interface ScheduleOptions {
  /** At the first step; of warmup, the most that it becomes. */
  readonly learningRate: number;
  readonly schedule?: Schedule;
  /** What a validation without a new best multiplies the rate by, on a plateau; default: ¼. */
  readonly plateauFactor?: number;
  /** Steps over which the rate first rises in a line; default: 4000 of warmup, 0 of linear and cosine. */
  readonly warmup?: number;
  /** The part of the learning rate that linear and cosine end at; default: 0. */
  readonly rateFloor?: number;
  /** Steps of the whole run, where linear and cosine arrive at their floor. */
  readonly steps: number;
}

/** What each of them must be. */
export const SCHEDULE_RULES: Rules<ScheduleOptions> = {
  learningRate: notNegative,
  schedule: oneOf(SCHEDULES),
  plateauFactor: notNegative,
  warmup: whole,
  rateFloor: notNegative,
  steps: whole,
};

/** The factor of plateau in PyTorch's word_language_model. */
const PLATEAU = 1 / 4;

/** Steps of warmup in the paper that has it. */
const WARMUP = 4000;

/** The learning rate of a step, counted from 1, after the evaluations so far: nothing else, so that a run can go on. */
export function learningRateOf(options: ScheduleOptions) {
  checked('learningRateOf', options, SCHEDULE_RULES, 'learningRate', 'steps');
  const { learningRate, schedule, steps, plateauFactor = PLATEAU, warmup = WARMUP } = options;
  return (step: number, evaluations: readonly Point[] = []): number => {
    if (schedule === 'linear') return learningRate * downTo(options, step, (x) => 1 - x);
    if (schedule === 'cosine')
      return learningRate * downTo(options, step, (x) => (1 + Math.cos(Math.PI * x)) / 2);
    // Vaswani et al. 2017, equation 3, where the most is (d · warmup)^-½: up in a line, down with the root of the step.
    if (schedule === 'warmup') return learningRate * Math.min(step / warmup, Math.sqrt(warmup / step));
    if (schedule === 'plateau') return learningRate * plateauFactor ** plateaus(evaluations);
    return schedule === 'drop' && step > steps / 2 ? learningRate / 10 : learningRate;
  };
}

/**
 * The part of the learning rate that a step has: up in a line over the warm-up, then down as `shape` goes from 1 to 0,
 * to the floor.
 */
function downTo(
  { steps, warmup = 0, rateFloor = 0 }: ScheduleOptions,
  step: number,
  shape: (x: number) => number,
): number {
  const done = step - 1;
  if (done < warmup) return step / (warmup + 1);
  return rateFloor + (1 - rateFloor) * shape((done - warmup) / Math.max(1, steps - warmup));
}

/** Evaluations that brought no new best. */
function plateaus(evaluations: readonly Point[]): number {
  let best = Infinity;
  let count = 0;
  for (const { value } of evaluations) {
    if (value < best) best = value;
    else count++;
  }
  return count;
}
