// A task whose model sees only the last k inputs, and the same for a model that was trained with its whole past.

import type { Engine } from '../gpu/engine';
import type { Tensor } from '../graph/tensor';
import { truncate } from '../lab/truncate';
import { asked, type SequenceTask } from '../tasks/sequence';
import { ofOneSequence, type Measures, type Split, type Task, type TrainedModel } from '../tasks/task';

/** A task of sequences that start from nothing, such as pieces of music. */
export function isSequenceTask(task: Task): task is SequenceTask {
  return 'loss' in task;
}

/** The task with its recurrent model made feed-forward: an n-gram model with n = k + 1, trained as one. */
export function truncatedTask(task: SequenceTask, k: number): SequenceTask {
  return {
    ...task,
    program(recipe) {
      const model = ofOneSequence(task.program(recipe).model);
      const cut = truncate(model, k);
      return {
        model,
        loss: (x, ...rest) => task.loss(asked(task, cut.forward(x)), ...rest),
        measures: (x, ...rest) => task.measures(asked(task, cut.forward(x)), ...rest),
      };
    },
  };
}

/** The task's metric over a split, of a trained model that is shown only the last k inputs; all of them for ∞. */
export async function measureTruncated(
  engine: Engine,
  task: SequenceTask,
  trained: TrainedModel,
  k: number,
  split: Split,
): Promise<number> {
  const model = ofOneSequence(trained);
  const answer = k === Infinity ? model : truncate(model, k);
  const measure = engine.record(
    (...[x, ...rest]: Tensor[]) => task.measures(asked(task, answer.forward(x)), ...rest)[task.metric],
  );
  let sum = 0;
  let total = 0;
  for (const batch of task.batches(split)) {
    const weight = task.weightOf(batch);
    sum += weight * (await measure(...batch).item());
    total += weight;
  }
  const means: Measures = { [task.metric]: sum / total };
  return (task.report?.(means) ?? means)[task.metric];
}
