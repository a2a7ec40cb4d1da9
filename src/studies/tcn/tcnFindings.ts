// What study `tcn` finds. Only where the models have been trained until they have learned something are they compared;
// a published number stands beside ours, and is compared with it, only where both are of the same setting.

import { RESULTS } from '../../tasks/bai2018';
import { MODELS, baselineId, idOf, tasksOf, trainingOf, type Model, type TcnResult } from './tcnCells';
import { SYSTEMS, TASKS_OF_STUDY, TEXTS, type TaskOfStudy } from './tcnSystems';
import { baselinesIn } from '../baselines';
import type { Figure, Mark } from '../../report/figure';
import type { Findings, Setup, Results, Row } from '../../runs/study';
import type { Trained, Training } from '../../runs/training';

/** All models of a task, the TCN first. */
interface Contest {
  readonly task: TaskOfStudy;
  readonly all: readonly { readonly model: Model; readonly training: Training; readonly result: Trained }[];
  /** What needs no learning, in the task's measure. */
  readonly anchors: readonly Mark[];
}

function contestsOf(setup: Setup, results: Results<TcnResult>): Contest[] {
  return tasksOf(setup).map((task) => {
    const all = MODELS.map((model) => {
      const training = trainingOf(task, model, setup);
      return { model, training, result: results.get(idOf(task, model)) as Trained };
    });
    const own = SYSTEMS[task].anchor?.(all[0].training.length ?? 0);
    const counted = baselinesIn(results, baselineId(task)).map(({ name, test }) => ({ name, value: test }));
    return { task, all, anchors: [...(own ? [own] : []), ...counted] };
  });
}

/** Models have learned when the best has come half of the way from what needs no learning to the best of table 1. */
const LEARNED = 0.5;

const valueOf = ({ test }: Trained): number => test ?? Infinity;

/** The task's comparison says something: at least one model has learned. */
function isComparable({ task, all, anchors }: Contest): boolean {
  const best = Math.min(...all.map(({ result }) => valueOf(result)));
  const anchor = Math.min(...anchors.map(({ value }) => value));
  const published = Math.min(...MODELS.map((model) => RESULTS[task][model]));
  return anchor - best >= LEARNED * (anchor - published);
}

const shown = (value: number | null): string =>
  value === null ? 'diverged' : value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)));

/** `the TCN (0.16) beats the RNN (0.42)`. */
function comparison({ task, all }: Contest): { readonly text: string; readonly wins: boolean } {
  const [tcn, ...others] = all;
  const best = others.reduce((a, b) => (valueOf(b.result) < valueOf(a.result) ? b : a));
  const wins = valueOf(tcn.result) < valueOf(best.result);
  const rival = `the ${best.model.toUpperCase()} (${shown(best.result.test)})`;
  const verb = wins ? 'beats' : 'does not beat';
  return { text: `${SYSTEMS[task].title}: the TCN (${shown(tcn.result.test)}) ${verb} ${rival}`, wins };
}

/** The table, the pictures and the words of the study. */
export function tcnFindings(setup: Setup, results: Results<TcnResult>): Findings {
  const contests = contestsOf(setup, results);
  const compared = contests.filter(isComparable);
  const told = compared.map(comparison);
  const rest = contests.filter((contest) => !isComparable(contest));
  const named = (list: readonly Contest[]) => list.map(({ task }) => SYSTEMS[task].title).join(', ');
  const against = told.filter(({ wins }) => !wins).map(({ text }) => `${text}.`);
  return {
    remark:
      (told.length
        ? 'On test, against the best recurrent model of equal size, one seed. ' +
          `${told.map(({ text }) => text).join('; ')}.`
        : 'No task was trained for long enough to compare its models.') +
      (rest.length ? ` Runs only, too short a training to compare: ${named(rest)}.` : ''),
    against: [
      ...against,
      ...(told.length ? ['One seed, and settings that were not searched for each model.'] : []),
    ],
    rows: contests.flatMap((contest) => [
      ...contest.all.map((one) => rowOf(setup, contest, one)),
      ...anchorRows(contest),
    ]),
    // A picture needs a curve.
    figures: contests.filter(({ all }) => all.some(({ result }) => result.curve.length > 1)).map(figureOf),
    notes: notesOn(setup),
  };
}

function rowOf(
  { budget }: Setup,
  { task }: Contest,
  { model, training, result }: Contest['all'][number],
): Row {
  return {
    model: model.toUpperCase(),
    task,
    setting: settingOf(training, result),
    metric: `${result.metric}, ${testName(training)}`,
    ours: result.test,
    n: 1,
    published: RESULTS[task][model],
    ...(budget === 'full' && !TEXTS.includes(task) ? {} : { elsewhere: ELSEWHERE[task] }),
  };
}

/** What table 1 of the paper was measured on. */
const ELSEWHERE: Readonly<Record<TaskOfStudy, string>> = {
  copy: 'T = 1000',
  adding: 'T = 600',
  mnist: 'whole set',
  'mnist-permuted': 'whole set',
  jsb: '300,000 parameters',
  nottingham: '1 million parameters',
  wikitext2: 'Penn Treebank',
  'wikitext2-chars': 'Penn Treebank',
};

/** Steps that a training took, and T where it is chosen, in words. */
function settingOf({ length: T, levels, hidden }: Training, { parameters, step }: Trained): string {
  const size = `${levels} × ${hidden}, ${parameters.toLocaleString('en')} parameters`;
  return `${T ? `T = ${T}, ` : ''}${size}, ${step.toLocaleString('en')} steps`;
}

/** The part of the test split that was measured. */
function testName({ evaluationImages, evaluationTokens }: Training): string {
  if (evaluationImages) return `${evaluationImages.toLocaleString('en')} images of test`;
  return evaluationTokens ? `first ${evaluationTokens.toLocaleString('en')} tokens of test` : 'test';
}

const anchorRows = ({ task, all, anchors }: Contest): Row[] =>
  anchors.map(({ name, value }) => ({
    model: name,
    task,
    setting: 'no learning',
    metric: `${all[0].result.metric}, ${testName(all[0].training)}`,
    ours: value,
    published: null,
  }));

/** Validation over training, of all models of a task. */
function figureOf({ task, all, anchors }: Contest): Figure {
  const { length } = all[0].training;
  const { title } = SYSTEMS[task];
  const values = all.flatMap(({ result }) => result.curve.map(({ value }) => value)).filter((v) => v > 0);
  const wide = Math.max(...values) > 20 * Math.min(...values);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    kind: 'plot',
    title: length ? `${title}, T = ${length}` : title,
    x: { name: 'training step' },
    y: { name: `${all[0].result.metric}, validation`, scale: wide ? 'log' : 'linear' },
    series: all.map(({ model, result }, color) => ({
      name: model.toUpperCase(),
      color,
      points: result.curve.map(({ step, value }) => [step, value] as const),
    })),
    // Those that would press the curves flat are in the table.
    marks: anchors.filter(({ value }) => value < high + 2 * (high - low)),
  };
}

function notesOn({ budget }: Setup): string[] {
  const left = TASKS_OF_STUDY.filter((task) => !SYSTEMS[task].budgets[budget]);
  return [
    'Published: table 1, at T = 600 (adding) and T = 1000 (copy memory), whole data sets, words and characters of ' +
      'Penn Treebank. Ours is on WikiText-2, at the lengths and after the steps in the table.',
    `Models of a task are compared where the best has come ${100 * LEARNED} % of the way from what needs no learning ` +
      'to the best of table 1.',
    budget === 'full'
      ? 'TCN: table 2. LSTM: table 3. GRU and RNN: as the LSTM, with a width that makes them as large as the TCN.'
      : 'Recurrent models have one layer, of the width that makes them as large as the TCN; settings were not ' +
        'searched for each. One seed.',
    'Error is the share of wrong answers. Parameters that are best on validation are measured on test, once.',
    ...(left.length ? [`Without ${left.join(', ')}, which take longer than this budget.`] : []),
  ];
}
