// The tasks of study `shootout`: those of a table that say how models are compared on them.

import { modelOn, type TextModel } from '../../models/modelSpec';
import { sequenceModel } from '../../models/sequenceModel';
import { fail } from '../../graph/check';
import type { Budget, Setup } from '../../runs/study';
import type { Contest, Size } from '../../tasks/contest';
import type { Recipe } from '../../tasks/recipe';
import type { SequenceTask } from '../../tasks/sequence';
import { ofOneSequence, type Task, type TrainedModel } from '../../tasks/task';
import type { TaskSpec } from '../../tasks/taskSpec';
import { makeLanguageModel } from '../../tasks/text/languageModels';
import type { Tables } from '../../runs/tables';
import type { WindowLoss } from '../places';
import { sequenceLoss, soundLoss, textLoss } from '../windows';

/** A task, and how models are compared on it. */
export interface Arena extends Contest {
  readonly spec: TaskSpec;
  readonly task: string;
}

/** The arenas of a table, in the order in which studies show them; those of a study alone, where one is given. */
export const arenasOf = ({ tasks }: Tables, setup?: Setup): Arena[] =>
  tasks
    .flatMap((spec): Arena[] => (spec.contest ? [{ ...spec.contest, spec, task: spec.name }] : []))
    .filter((arena) => !setup || isPart(arena, setup))
    .sort((a, b) => rank(a) - rank(b));

const isPart = ({ sizes, task }: Arena, setup: Setup): boolean =>
  setup.budget in sizes && (setup.task ?? task) === task;

/** How large models of an arena are, and for how long they train. */
export function extentOf({ name, sizes }: Arena, budget: Budget): Size {
  return sizes[budget] ?? fail(`study shootout: ${name} has no contest of budget ${budget}.`);
}

/** Text, then vectors, then sound. */
const rank = ({ spec }: Arena): number => ['text', 'vectors', 'sound'].indexOf(spec.reads);

/** Parameters of a model of these settings. */
export function sizeOf({ spec, built }: Arena, recipe: Recipe, { models }: Tables): number {
  const { channels, vocabulary, longest } = built;
  if (spec.reads === 'text') return makeLanguageModel(vocabulary!, recipe, longest, models).size;
  if (spec.reads === 'sound') return modelOn(recipe.model, 'sound', models).make(recipe, { longest }).size;
  const { body } = modelOn(recipe.model, 'vectors', models);
  return sequenceModel(body, channels!, { ...recipe, length: longest }).size;
}

/** The loss of a model that is shown windows. */
export function windowLossOf({ spec }: Arena, trained: TrainedModel, task: Task): WindowLoss {
  const model = ofOneSequence(trained);
  if (spec.reads === 'text') return textLoss(model as TextModel);
  return spec.reads === 'sound' ? soundLoss(model) : sequenceLoss(model, task as SequenceTask);
}

/** Places of the validation split where models are shown less than all. */
export const PLACES = 256;
