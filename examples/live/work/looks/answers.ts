// What a model answers at every step of one sequence that it was not trained on.

import type { HostArray } from '../../../../src/graph/host';
import type { Tensor } from '../../../../src/graph/tensor';
import { softmax } from '../../../../src/ops/norm/softmax';
import { asked, type Look, type MakeLook } from './look';

/** The first sequence of a batch of [B, T, ...]. */
const first = ({ shape, data }: HostArray): HostArray => ({
  shape: [1, ...shape.slice(1)],
  data: data.slice(0, data.length / shape[0]),
});

/** Probabilities of classes on the first sequence that validates. */
export const answers: MakeLook = ({ engine, task, program }): Look => {
  const { model } = program;
  const [x, targets] = firstOf(task.batches('valid')).map(first);
  const ask = engine.record((input: Tensor) => softmax(model.forward(input)));
  return async (step) => {
    const probabilities = (await (await asked(ask, x)).read()) as Float32Array;
    const [, steps] = x.shape;
    return {
      ...{ name: 'answers', step, steps, probabilities },
      classes: probabilities.length / steps,
      targets: Uint32Array.from(targets.data),
      input: Float32Array.from(x.data),
    };
  };
};

/** The first batch. */
function firstOf(batches: Iterable<readonly HostArray[]>): readonly HostArray[] {
  for (const batch of batches) return batch;
  return [];
}
