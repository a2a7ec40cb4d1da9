// Table and words of study `shootout`.

import type { ShootoutResult } from './shootoutResult';
import { shootoutFigures } from './shootoutFigures';
import { PLACES, extentOf, type Arena } from './shootoutArenas';
import { ratesOf } from './shootoutModels';
import { spreadOf } from '../spread';
import { contestsOf, secondsTo, stepsTo, type Contest, type Standing } from './shootoutStandings';
import type { Tables } from '../../runs/tables';
import type { Budget, Findings, Setup, Results, Row, WideTable } from '../../runs/study';

/** The table, the pictures and the words of the study. */
export function shootoutFindings(setup: Setup, results: Results<ShootoutResult>, tables: Tables): Findings {
  const contests = contestsOf(setup, results, tables);
  return {
    remark: contests.map(remarkOn).join(' '),
    against: [
      ...contests.flatMap(againstOn),
      ...contests.flatMap(unsteadyOn),
      ...contests.flatMap((contest) => fewOn(contest, setup, tables)),
    ],
    rows: contests.flatMap((contest) => [...rowsOf(contest), ...baselineRows(contest)]),
    table: tableOf(contests),
    figures: shootoutFigures(contests),
    notes: notesOn(contests, setup),
  };
}

const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(3));

/** All with the same places behind the point. */
const four = (value: number | null): string | null => value?.toFixed(3) ?? null;

/** `2.431 ± 0.012`, with the standard deviation where there are several seeds. */
function spreadText(values: readonly (number | null)[]): string | null {
  const { ours, sd } = spreadOf(values);
  // With spaces at which no line is broken.
  return sd === undefined ? four(ours) : `${four(ours)}\u00a0±\u00a0${sd.toFixed(3)}`;
}

const HEAD = [
  'task',
  'model',
  'size',
  'validation',
  'test',
  'training/s',
  'steps to target',
  'seconds',
  'generated/s',
  'naively',
  'enough inputs',
];

function tableOf(contests: readonly Contest[]): WideTable {
  return {
    head: HEAD,
    rows: contests.flatMap(({ arena, standings, target, baselines }) => [
      ...standings.map(({ entry, result, results, valid, learned, enough }) => [
        arena.title,
        entry.contestant.title,
        result.parameters || null,
        four(valid),
        spreadText(results.map(({ test }) => test)),
        ...[result.stepsPerSecond, stepsTo(target, result.curve), secondsTo(target, result)].map(rounded),
        ...[result.speeds?.stepwise ?? null, result.speeds?.naive ?? null].map(rounded),
        learned ? enough : 'not told',
      ]),
      ...baselines.map(({ name, test }) => [
        arena.title,
        name,
        null,
        null,
        four(test),
        null,
        null,
        null,
        null,
        null,
        null,
      ]),
    ]),
  };
}

function rowsOf({ arena, standings, target }: Contest): Row[] {
  return standings.flatMap(({ entry, rate, result, results, enough }) => {
    const setting = `${result.parameters} parameters, ${result.step} steps, rate ${rate}`;
    const row = { model: entry.contestant.title, task: arena.task, setting, n: 1, published: null };
    const add = (metric: string, ours: number | null): Row => ({ ...row, metric, ours });
    return [
      { ...row, metric: `${result.metric}, validation`, ...spreadOf(results.map(({ valid }) => valid)) },
      { ...row, metric: `${result.metric}, test`, ...spreadOf(results.map(({ test }) => test)) },
      add('training steps/s', result.stepsPerSecond),
      add(`training steps to ${target.toPrecision(4)}`, stepsTo(target, result.curve)),
      add(`seconds of training to ${target.toPrecision(4)}`, secondsTo(target, result)),
      add('generated steps/s', result.speeds?.stepwise ?? null),
      add('generated steps/s, naively', result.speeds?.naive ?? null),
      add('inputs that are enough', enough),
    ];
  });
}

const baselineRows = ({ arena, standings, baselines }: Contest): Row[] =>
  baselines.map(({ name, test }) => ({
    model: name,
    task: arena.task,
    setting: 'counted on the same training data',
    metric: `${standings[0].result.metric}, test`,
    ours: test,
    published: null,
  }));

function notesOn(contests: readonly Contest[], { budget }: Setup): string[] {
  return [
    ...contests.map(({ arena, standings, target }) => {
      const { parameters } = extentOf(arena, budget);
      const { metric, step } = standings[0].result;
      return (
        `${arena.title}: about ${parameters.toLocaleString('en')} parameters each, ${step} steps; ${metric}. The ` +
        `target is ${target.toPrecision(4)} on validation, which at least half of the models reach.`
      );
    }),
    'All models of a task train on the same batches in the same order, as many of them. A stable model has the ' +
      'settings of its unconstrained twin: ‖W‖₂ ≤ 0.99, of an LSTM the bounds that prove λ ≤ 0.99.',
    ...contests.flatMap(({ arena }) => pilotNote(arena, budget)),
    'Counting: unigrams, bigrams, trigrams (Witten & Bell 1991) of an epoch of training data; of music each key by ' +
      'itself, by its frequency or by whether it was down before.',
    `Inputs that are enough: the smallest number from which on the mean loss at ${PLACES} places of the validation ` +
      'split is within 1 % of the one with the longest window; told of models that are better on test than all ' +
      'counting. A window begins with nothing: with a state of zeros, or zeros in convolutions.',
    'Generation is of one sequence, up to the logits of each next step: step by step, where what is needed of the ' +
      'past is carried along; naively, where all that the model can see, or the longest window, is read again.',
    'Steps per second are those of training alone, on the adapter named below: they compare models on it.',
    ...(contests.some(({ absent }) => absent.length)
      ? [`Not run: ${[...new Set(contests.flatMap(({ absent }) => absent))].join(', ')}.`]
      : []),
  ];
}

/** How the learning rates of a contest were chosen, where by short trainings. */
function pilotNote(arena: Arena, budget: Budget): string[] {
  const { pilot, ties } = extentOf(arena, budget);
  if (!pilot) return [];
  const tied = ties
    ? ` Those at most ${100 * ties} % worse than the best were trained in full, too, and validation chose.`
    : '';
  return [
    `${arena.title}: each model’s learning rate is the best of at least three by factors of two, after ` +
      `${pilot.steps} steps on validation; further ones were tried until the best had a worse one on either ` +
      `side.${tied}`,
  ];
}

/** What is little about a contest: its seeds, its learning rates, and for how long these were tried. */
function fewOn({ arena, standings }: Contest, { budget }: Setup, tables: Tables): string[] {
  const seeds = standings.map(({ results }) => results.length);
  const rates = standings.map(({ entry }) => ratesOf(entry, budget, tables).length);
  const { pilot } = extentOf(arena, budget);
  const { step } = standings[0].result;
  const few = [
    ...(Math.min(...seeds) > 1 ? [] : [Math.max(...seeds) > 1 ? 'one seed of some models' : 'one seed']),
    ...(Math.min(...rates) > 1 ? [] : ['one learning rate']),
    ...(pilot ? [`learning rates chosen after ${pilot.steps} of ${step.toLocaleString('en')} steps`] : []),
  ];
  return few.length ? [`${arena.title}: ${few.join(', ')}.`] : [];
}

const valueOf = ({ test }: Standing): number => test ?? Infinity;
const kindOf = ({ entry }: Standing) => entry.contestant.kind;
const named = (standing: Standing): string =>
  `${standing.entry.contestant.title} ${valueOf(standing).toFixed(3)}`;

const ranked = ({ standings }: Contest): Standing[] => [...standings].sort((a, b) => valueOf(a) - valueOf(b));

function remarkOn(contest: Contest): string {
  const { arena, baselines, standings } = contest;
  const leaders = ranked(contest).slice(0, 2);
  const order = `${arena.title}, on test: ${leaders.map(named).join(', then ')}`;
  const learned = standings.filter((standing) => standing.learned);
  const best = [...baselines].sort((a, b) => a.test - b.test)[0];
  if (!learned.length) {
    const counted = `${best.name} ${best.test.toFixed(3)}`;
    return `${order}; counting (${counted}) is better than all, so nothing is told of what they need.`;
  }
  const most = Math.max(...learned.map(({ enough }) => enough!));
  const who =
    learned.length === standings.length ? 'no model' : `none of the ${learned.length} that beat counting`;
  return `${order}; of ${arena.sights.at(-1)} ${arena.inputs} ${who} needs more than the last ${most}.`;
}

/** The share of the mean that seeds may differ by, as their standard deviation. */
const STEADY = 0.05;

/** Models of which a mean says little: one seed may have learned hardly anything. */
const unsteadyOn = ({ arena, standings }: Contest): string[] =>
  standings.flatMap(({ entry, results }) => {
    const tests = results.map(({ test }) => test);
    const { ours, sd = 0 } = spreadOf(tests);
    if (ours === null || sd <= STEADY * ours) return [];
    return [
      `${arena.title}: seeds of ${entry.contestant.title} end far apart: ${tests.map(four).join(', ')}.`,
    ];
  });

/** What a task says against "feed-forward is as good as recurrent". */
function againstOn(contest: Contest): string[] {
  const { arena, standings, baselines } = contest;
  const order = ranked(contest);
  const [recurrent, forward] = (['recurrent', 'feed-forward'] as const).map((kind) =>
    order.filter((standing) => kindOf(standing) === kind),
  );
  const said: string[] = [];
  const { title } = arena;
  // Where only a part was run, there may be none of a kind.
  const better = forward.length ? recurrent.filter((one) => valueOf(one) < valueOf(forward[0])) : [];
  if (better.length && better.length === recurrent.length) {
    said.push(
      `${title}: all ${better.length} recurrent models beat all ${forward.length} feed-forward ones.`,
    );
  } else if (better.length) {
    said.push(
      `${title}: ${better.map(named).join(', ')} beat every feed-forward model (best: ${named(forward[0])}).`,
    );
  }
  const poor = standings.filter(({ learned }) => !learned);
  const best = [...baselines].sort((a, b) => a.test - b.test)[0];
  if (best && poor.length) {
    const who = poor.map(({ entry }) => entry.contestant.title).join(', ');
    said.push(`${title}: counting (${best.name} ${best.test.toFixed(3)}) is at least as good as ${who}.`);
  }
  return said;
}
