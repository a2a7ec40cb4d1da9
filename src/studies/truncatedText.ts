// Language models that see only the last k tokens: a task that trains a recurrent one so, and what any trained one
// makes of k tokens and nothing before them.

import type { Engine } from '../gpu/engine';
import { fail } from '../graph/check';
import type { Tensor } from '../graph/tensor';
import { truncate } from '../lab/truncate';
import { slice } from '../ops/layout/view';
import type { LanguageTask } from '../tasks/text/languageModelling';
import type { TextModel } from '../models/modelSpec';
import type { Task, TrainedModel } from '../tasks/task';

/** Whether a task is a text that can be asked at single places. */
export function isLanguageTask(task: Task): task is LanguageTask {
  return 'windows' in task;
}

const isTextModel = (model: TrainedModel): model is TextModel => 'logProbabilities' in model;

function textModel(model: TrainedModel): TextModel {
  return isTextModel(model) ? model : fail(`${model.constructor.name} is no language model.`);
}

/** The task with its recurrent model made feed-forward: an n-gram model with n = k + 1, trained as one. */
export function truncatedText(task: LanguageTask, k: number): LanguageTask {
  return {
    ...task,
    program(recipe) {
      const model = textModel(task.program(recipe).model);
      const cut = truncate(model, k);
      const nats = (ids: Tensor, targets: Tensor, ...places: Tensor[]) =>
        model.loss(cut.forward(ids), targets, ...places);
      return {
        model,
        loss: (ids, targets, _keep, ...places) => nats(ids, targets, ...places),
        measures: (ids, targets, _keep, ...places) => ({ nats: nats(ids, targets, ...places) }),
      };
    },
  };
}

/** Which places of the test text, and how many tokens may be shown there at most. */
export interface Places {
  readonly longest: number;
  readonly places: number;
}

/** The task's metric at places of the test text, where the model is shown the last k tokens. */
export async function measureShown(
  engine: Engine,
  task: LanguageTask,
  trained: TrainedModel,
  k: number,
  at: Places,
): Promise<number> {
  const model = textModel(trained);
  const measure = engine.record((...[ids, targets, _keep, ...places]: Tensor[]) => {
    const { y } = model.unroll(ids, model.zeroState(ids.shape[0]));
    return model.loss(slice(y, 1, -1), targets, ...places);
  });
  let [sum, total] = [0, 0];
  for (const batch of task.windows('test', { ...at, k })) {
    const weight = task.weightOf(batch);
    sum += weight * (await measure(...batch).item());
    total += weight;
  }
  return task.report!({ nats: sum / total })[task.metric];
}
