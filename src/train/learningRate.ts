// The learning rate of every step of a run.

import type { Point } from './fit';

export type Schedule = 'constant' | 'linear' | 'cosine' | 'plateau';

export interface ScheduleOptions {
  /** At the first step. */
  readonly learningRate: number;
  readonly schedule?: Schedule;
  /** Of the whole run: where linear and cosine arrive at zero. */
  readonly steps: number;
}

/** What a validation without a new best divides the rate by: as in PyTorch's word_language_model. */
const PLATEAU = 4;

/** The learning rate of a step, counted from 1, after the evaluations so far: nothing else, so that a run can go on. */
export function learningRateOf({ learningRate, schedule, steps }: ScheduleOptions) {
  return (step: number, evaluations: readonly Point[]): number => {
    if (schedule === 'linear') return learningRate * (1 - (step - 1) / steps);
    if (schedule === 'cosine') return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - 1)) / steps));
    return schedule === 'plateau' ? learningRate / PLATEAU ** plateaus(evaluations) : learningRate;
  };
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
