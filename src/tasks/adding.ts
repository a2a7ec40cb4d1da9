// The adding problem (Hochreiter & Schmidhuber 1997, in the form of Bai et al. 2018): the sum of the two
// marked numbers of a sequence, asked for at its end.

import { PREDICT_ONE_MSE, adding } from '../data/adding';
import type { Tensor } from '../graph/tensor';
import { meanSquaredError } from '../ops/meanSquaredError';
import { reshape, slice } from '../ops/view';
import type { Random } from '../random';
import { drawn, fixed } from './generated';
import { sequenceTask, type SequenceTask } from './sequence';

export interface AddingTaskOptions {
  /** T. */
  readonly length: number;
  readonly batch: number;
}

export function addingTask({ length, batch }: AddingTaskOptions): SequenceTask {
  const make = (random: Random) => {
    const { x, target } = adding({ length, batch, random });
    return [x, target];
  };
  const answer = (y: Tensor) => reshape(slice(y, 1, y.shape[1] - 1, y.shape[1]), [y.shape[0], 1]);
  return sequenceTask({
    name: 'adding',
    inputs: 2,
    outputs: 1,
    longest: length,
    metric: 'mean squared error',
    anchors: [{ name: 'predict 1', value: PREDICT_ONE_MSE }],
    // The mean of the sum of two numbers between 0 and 1.
    prior: [1],
    source: (random) => drawn(random, make),
    loss: (y, target) => meanSquaredError(answer(y), target),
    measures: (y, target) => ({ 'mean squared error': meanSquaredError(answer(y), target) }),
    weightOf: () => 1,
    batches: (split) => fixed(split, make),
  });
}
