// The tables that a run is made from. They are handed on, never changed: a test has tables of its own.

import { MODELS } from '../models/index';
import { modelCalled, modelOn, type ModelSpec, type Models } from '../models/modelSpec';
import { fail } from '../graph/check';
import type { Options } from '../spec/option';
import { BATCH, STEPS, TRAINING } from '../spec/training';
import { TASKS } from '../tasks/index';
import type { TaskSpec } from '../tasks/taskSpec';

/** What can be trained, and on what. */
export interface Tables {
  readonly tasks: readonly TaskSpec[];
  readonly models: Models;
}

/** Our own tables. */
export const TABLES: Tables = { tasks: TASKS, models: MODELS };

/** The task of that name. */
export function taskCalled(name: string, { tasks }: Tables): TaskSpec {
  const found = tasks.find((task) => task.name === name);
  return (
    found ??
    fail(`There is no task called ${name}.`, { given: `known: ${tasks.map((task) => task.name).join(', ')}` })
  );
}

/** A model on a task. */
export interface Pair {
  readonly task: TaskSpec;
  readonly model: ModelSpec;
}

/** The model and the task of these names; fails where the model does not read what the task gives. */
export function pairOf(task: string, model: string, tables: Tables): Pair {
  const pair = { task: taskCalled(task, tables), model: modelCalled(model, tables.models) };
  modelOn(model, pair.task.reads, tables.models, task);
  return pair;
}

/** The options that are settings of this model on this task: its own, those of training, those of the task. */
export const optionsOf = ({ task, model }: Pair): Options => ({
  ...model.options,
  ...model.on[task.reads]?.options,
  ...TRAINING,
  batch: BATCH,
  ...task.options,
});

/** All that some model or task declares, by name: what is declared by several is of one kind. */
export const allOptions = ({ tasks, models }: Tables): Options => ({
  ...Object.assign({}, ...models.map(({ options }) => options)),
  ...Object.assign({}, ...models.flatMap(({ on }) => Object.values(on).map(({ options }) => options))),
  ...TRAINING,
  batch: BATCH,
  ...Object.assign({}, ...tasks.map(({ options }) => options)),
});

/** What a file of settings may hold besides options. */
export const STORED = {
  task: { kind: 'text', help: '' },
  model: { kind: 'text', help: '' },
  steps: STEPS,
  sha256: { kind: 'text', help: '' },
} as const satisfies Options;
