// The learning rate of every step of a run.

import type { Point } from './fitState';

export type Schedule = 'constant' | 'linear' | 'cosine' | 'plateau' | 'drop' | 'warmup';

export interface ScheduleOptions {
  /** At the first step; of warmup, the most that it becomes. */
  readonly learningRate: number;
  readonly schedule?: Schedule;
  /** Of plateau: what a validation without a new best multiplies the rate by; ¼ unless given. */
  readonly plateauFactor?: number;
  /** Of warmup: steps over which the rate rises. */
  readonly warmup?: number;
  /** Of the whole run: where linear and cosine arrive at zero. */
  readonly steps: number;
}

/** Of plateau, in PyTorch's word_language_model. */
const PLATEAU = 1 / 4;

/** Of warmup, in the paper that has it. */
const WARMUP = 4000;

/** The learning rate of a step, counted from 1, after the evaluations so far: nothing else, so that a run can go on. */
export function learningRateOf(options: ScheduleOptions) {
  const { learningRate, schedule, steps, warmup = WARMUP, plateauFactor = PLATEAU } = options;
  return (step: number, evaluations: readonly Point[]): number => {
    if (schedule === 'linear') return learningRate * (1 - (step - 1) / steps);
    if (schedule === 'cosine') return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - 1)) / steps));
    // Vaswani et al. 2017, equation 3, where the most is (d · warmup)^-½: up in a line, down with the root of the step.
    if (schedule === 'warmup') return learningRate * Math.min(step / warmup, Math.sqrt(warmup / step));
    if (schedule === 'plateau') return learningRate * plateauFactor ** plateaus(evaluations);
    return schedule === 'drop' && step > steps / 2 ? learningRate / 10 : learningRate;
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
