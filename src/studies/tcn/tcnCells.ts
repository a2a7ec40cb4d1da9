// The cells of study `tcn`: on every task a TCN and three recurrent models of its size, and what counting predicts.

import { only } from '../../graph/options';
import { SEQUENCE_RULES, SequenceModel } from '../../nn/sequenceModel';
import { makeLanguageModel } from '../../tasks/text/languageModels';
import type { Recipe } from '../../tasks/recipe';
import { baselinesOf, type BaselineResult, type BaselineSettings } from '../baselines';
import { widthNear } from '../equalSize';
import type { Cell, Setup } from '../../runs/study';
import { SYSTEMS, TASKS_OF_STUDY, TEXTS, type TaskOfStudy } from './tcnSystems';
import type { Trained, Training } from '../../runs/training';

/** What a cell of the study is made with. */
export type TcnSettings = Training | BaselineSettings;
/** What a cell of the study comes to. */
export type TcnResult = Trained | BaselineResult;

/** The models of the study. */
export const MODELS = ['tcn', 'lstm', 'gru', 'rnn'] as const;
/** A model of the study. */
export type Model = (typeof MODELS)[number];

/** The tasks that have this budget. */
export const tasksOf = ({ budget }: Pick<Setup, 'budget'>): TaskOfStudy[] =>
  TASKS_OF_STUDY.filter((task) => SYSTEMS[task].budgets[budget]);

/** The name of a cell. */
export const idOf = (task: TaskOfStudy, model: Model): string => `${task}/${model}`;

/** Parameters of the model that these settings make. */
function sizeOf(task: TaskOfStudy, { bptt = 1, ...settings }: Training): number {
  const recipe = { ...settings, steps: 1, evaluateEvery: 1 } as Recipe;
  const { inputs, outputs } = SYSTEMS[task];
  return TEXTS.includes(task)
    ? makeLanguageModel(inputs, recipe, bptt).size
    : new SequenceModel(inputs, outputs, only(SEQUENCE_RULES, recipe)).size;
}

/** What a model trains with: the TCN's settings, or the recurrent ones with a width that makes it as large. */
export function trainingOf(task: TaskOfStudy, model: Model, { budget, seed }: Setup): Training {
  const { tcn, recurrent, rnnRate } = SYSTEMS[task].budgets[budget]!;
  const wanted: Training = { ...tcn, task, model: 'tcn', seed };
  if (model === 'tcn') return tidy(wanted);
  const { forgetBias, ...rest } = recurrent;
  const own: Training = { ...rest, task, model, seed, ...(model === 'lstm' ? { forgetBias } : {}) };
  const fixed = budget === 'full' && model === 'lstm';
  const hidden = fixed
    ? own.hidden
    : widthNear(sizeOf(task, wanted), (width) => sizeOf(task, { ...own, hidden: width }));
  const learningRate = model === 'rnn' ? (rnnRate ?? own.learningRate) : own.learningRate;
  return tidy({ ...own, hidden, learningRate });
}

/** Settings are compared as JSON, which knows no undefined. */
const tidy = (training: Training): Training => JSON.parse(JSON.stringify(training)) as Training;

/** The name of the cell that counts on a task. */
export const baselineId = (task: TaskOfStudy): string => `${task}/baselines`;

/** Tasks whose anchor is counted on the data that the models train on. */
const COUNTED: readonly TaskOfStudy[] = ['jsb', 'nottingham', 'wikitext2', 'wikitext2-chars'];

/** The trainings of the study at a budget. */
export const trainingCells = (setup: Setup): Cell<Training>[] =>
  tasksOf(setup).flatMap((task) =>
    MODELS.map((model) => ({ id: idOf(task, model), settings: trainingOf(task, model, setup) })),
  );

/** The cells of the study at a budget. */
export function cells(setup: Setup): Cell<TcnSettings>[] {
  const counted = tasksOf(setup).filter((task) => COUNTED.includes(task));
  const baselines = counted.map((task) => {
    const settings = { baselines: baselinesOf(trainingOf(task, 'tcn', setup)) };
    return { id: baselineId(task), settings };
  });
  return [...baselines, ...trainingCells(setup)];
}
