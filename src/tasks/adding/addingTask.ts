// The adding problem (Hochreiter & Schmidhuber 1997, in the form of Bai et al. 2018): the sum of the two
// marked numbers of a sequence, asked for at its end.

import { PREDICT_ONE_MSE, adding } from '../../data/adding';
import { meanSquaredError } from '../../ops/loss/meanSquaredError';
import type { Random } from '../../random';
import { drawn, fixed } from '../drawn';
import { sequenceTask, type SequenceTask } from '../sequence';

/** How large a batch is. */
export interface AddingTaskOptions {
  /** T. */
  readonly length: number;
  readonly batch: number;
}

/** The adding problem: x [B, T, 2] to a sum [B, 1], by mean squared error. */
export function addingTask({ length, batch }: AddingTaskOptions): SequenceTask {
  const make = (random: Random) => {
    const { x, target } = adding({ length, batch, random });
    return [x, target];
  };
  return sequenceTask({
    name: 'adding',
    asksLast: true,
    inputs: 2,
    outputs: 1,
    longest: length,
    metric: 'mean squared error',
    anchors: [{ name: 'predict 1', value: PREDICT_ONE_MSE }],
    // The mean of the sum of two numbers between 0 and 1.
    prior: [1],
    source: (random) => drawn(random, make),
    loss: (y, target) => meanSquaredError(y, target),
    measures: (y, target) => ({ 'mean squared error': meanSquaredError(y, target) }),
    weightOf: () => 1,
    batches: (split) => fixed(split, make),
  });
}
