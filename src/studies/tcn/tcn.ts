// Study `tcn`: the temporal convolutional network against recurrent ones of equal size, on the small tasks of Bai,
// Kolter and Koltun 2018 (arXiv 1803.01271), with their table 1 beside ours.

import { only } from '../../graph/options';
import { SEQUENCE_RULES, SequenceModel } from '../../nn/sequenceModel';
import { RESULTS } from '../../tasks/bai2018';
import { makeLanguageModel } from '../../tasks/text/languageModels';
import type { Recipe } from '../../tasks/recipe';
import { widthNear } from '../equalSize';
import type { Figure } from '../../report/figure';
import type { Cell, Context, Findings, Plan, Results, Row, Study } from '../../runs/study';
import { SYSTEMS, TASKS_OF_STUDY, TEXTS, type Extent, type TaskOfStudy } from './tcnSystems';
import { train, type Trained, type Training } from '../../runs/training';

const MODELS = ['tcn', 'lstm', 'gru', 'rnn'] as const;
type Model = (typeof MODELS)[number];

/** The tasks that have this budget. */
const tasksOf = ({ budget }: Pick<Plan, 'budget'>): TaskOfStudy[] =>
  TASKS_OF_STUDY.filter((task) => SYSTEMS[task].budgets[budget]);

const idOf = (task: TaskOfStudy, model: Model): string => `${task}/${model}`;

/** Parameters of the model that these settings make. */
function sizeOf(task: TaskOfStudy, { bptt = 1, ...settings }: Training): number {
  const recipe = { ...settings, steps: 1, evaluateEvery: 1 } as Recipe;
  const { inputs, outputs } = SYSTEMS[task];
  return TEXTS.includes(task)
    ? makeLanguageModel(inputs, recipe, bptt).size
    : new SequenceModel(inputs, outputs, only(SEQUENCE_RULES, recipe)).size;
}

/** What a model trains with: the TCN's settings, or the recurrent ones with a width that makes it as large. */
export function trainingOf(task: TaskOfStudy, model: Model, { budget, seed }: Plan): Training {
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

const cells = (plan: Plan): Cell<Training>[] =>
  tasksOf(plan).flatMap((task) =>
    MODELS.map((model) => ({ id: idOf(task, model), settings: trainingOf(task, model, plan) })),
  );

const run = ({ settings }: Cell<Training>, context: Context): Promise<Trained> => train(settings, context);

const shown = (value: number | null): string =>
  value === null ? 'diverged' : value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(4)));

/** Steps that a training took, and T where it is chosen, in words. */
function settingOf(training: Training, { parameters, step }: Trained): string {
  const length = training.length ? `T = ${training.length}, ` : '';
  const width = `${training.levels} × ${training.hidden}`;
  return `${length}${width}, ${parameters} parameters, ${step} steps`;
}

/** Validation over training, of all models of a task. */
function figureOf(task: TaskOfStudy, { tcn }: Extent, all: readonly (readonly [Model, Trained])[]): Figure {
  const { title, anchor } = SYSTEMS[task];
  const values = all.flatMap(([, { curve }]) => curve.map(({ value }) => value)).filter((v) => v > 0);
  const wide = Math.max(...values) > 20 * Math.min(...values);
  return {
    kind: 'plot',
    title: tcn.length ? `${title}, T = ${tcn.length}` : title,
    x: { name: 'training step' },
    y: { name: `${all[0][1].metric}, validation`, scale: wide ? 'log' : 'linear' },
    series: all.map(([model, { curve }], color) => ({
      ...{ name: model.toUpperCase(), color },
      points: curve.map(({ step, value }) => [step, value] as const),
    })),
    marks: anchor ? [anchor(tcn.length ?? 0)] : [],
  };
}

function findings(plan: Plan, results: Results<Trained>): Findings {
  const tasks = tasksOf(plan).map((task) => ({
    task,
    all: MODELS.map((model) => [model, results.get(idOf(task, model))!] as const),
  }));
  const rows = tasks.flatMap(({ task, all }) =>
    all.map(([model, result]): Row => ({
      ...{ model: model.toUpperCase(), task, metric: `${result.metric}, test`, ours: result.test },
      ...{ setting: settingOf(trainingOf(task, model, plan), result), published: RESULTS[task][model] },
    })),
  );
  const told = tasks.map(({ task, all }) => {
    const [[, tcn], ...others] = all;
    const value = ({ test }: Trained) => test ?? Infinity;
    const [name, best] = others.reduce((a, b) => (value(b[1]) < value(a[1]) ? b : a));
    const verb = value(tcn) < value(best) ? 'beats' : 'does not beat';
    const other = `the ${name.toUpperCase()} (${shown(best.test)})`;
    return `${SYSTEMS[task].title}: the TCN (${shown(tcn.test)}) ${verb} ${other}`;
  });
  const budget = (task: TaskOfStudy) => SYSTEMS[task].budgets[plan.budget]!;
  const left = TASKS_OF_STUDY.filter((task) => !SYSTEMS[task].budgets[plan.budget]);
  return {
    remark: `On test, against the best recurrent model of equal size. ${told.join('; ')}.`,
    rows,
    figures: tasks.map(({ task, all }) => figureOf(task, budget(task), all)),
    notes: [
      'Published: table 1, at T = 600 (adding) and T = 1000 (copy memory), whole data sets, words and characters of ' +
        'Penn Treebank. Ours is on WikiText-2, at the lengths and after the steps in the table.',
      plan.budget === 'full'
        ? 'TCN: table 2. LSTM: table 3. GRU and RNN: as the LSTM, with a width that makes them as large as the TCN.'
        : 'Recurrent models have one layer, of the width that makes them as large as the TCN; settings were not ' +
          'searched for each. One seed.',
      'Error is the share of wrong answers. Parameters that are best on validation are measured on test, once.',
      ...(left.length ? [`Without ${left.join(', ')}, which take longer than this budget.`] : []),
    ],
  };
}

export const tcn: Study<Training, Trained> = {
  name: 'tcn',
  title: 'TCN against recurrent nets',
  claim: 'a convolutional net beats recurrent ones of equal size on the tasks that were made to test these',
  source:
    'Bai, Kolter & Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence ' +
    'Modeling" (arXiv 1803.01271)',
  tasks: tasksOf,
  cells,
  run,
  words: ({ metric, test }) => (test === null ? 'diverged' : `${shown(test)} ${metric}`),
  findings,
};
