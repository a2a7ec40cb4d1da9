// Table and words of study `shootout`.

import type { Measured } from './shootout';
import { shootoutFigures } from './shootoutFigures';
import { PLACES } from './shootoutArenas';
import { contestsOf, secondsTo, stepsTo, type Contest, type Standing } from './shootoutStandings';
import type { Findings, Plan, Results, Row, WideTable } from '../../runs/study';

export function shootoutFindings(plan: Plan, results: Results<Measured>): Findings {
  const contests = contestsOf(plan, results);
  return {
    remark: contests.map(remarkOn).join(' '),
    rows: rowsOf(contests),
    table: tableOf(contests),
    figures: shootoutFigures(contests),
    notes: notesOn(contests, plan),
  };
}

const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(3));

function tableOf(contests: readonly Contest[]): WideTable {
  return {
    head: [
      ...['task', 'model', 'size', 'validation', 'training/s', 'steps to target', 'seconds'],
      ...['generated/s', 'naively', 'enough inputs'],
    ],
    rows: contests.flatMap(({ arena, standings, target }) =>
      standings.map(({ entry, result, enough }) => [
        ...[arena.title, entry.contestant.title, result.parameters || null, result.valid],
        ...[result.stepsPerSecond, stepsTo(target, result.curve), secondsTo(target, result)].map(rounded),
        ...[result.speeds?.stepwise ?? null, result.speeds?.naive ?? null].map(rounded),
        enough,
      ]),
    ),
  };
}

function rowsOf(contests: readonly Contest[]): Row[] {
  return contests.flatMap(({ arena, standings, target }) =>
    standings.flatMap(({ entry, rate, result, enough }) => {
      const setting = `${result.parameters} parameters, rate ${rate}`;
      const row = { model: entry.contestant.title, task: arena.task, setting, published: null };
      const add = (metric: string, ours: number | null): Row => ({ ...row, metric, ours });
      return [
        add(`${result.metric}, validation`, result.valid),
        add('training steps/s', result.stepsPerSecond),
        add(`training steps to ${target.toPrecision(4)}`, stepsTo(target, result.curve)),
        add(`seconds of training to ${target.toPrecision(4)}`, secondsTo(target, result)),
        add('generated steps/s', result.speeds?.stepwise ?? null),
        add('generated steps/s, naively', result.speeds?.naive ?? null),
        add('inputs that are enough', enough),
      ];
    }),
  );
}

function notesOn(contests: readonly Contest[], { budget }: Plan): string[] {
  return [
    ...contests.map(({ arena, standings, target }) => {
      const { parameters } = arena.sizes[budget];
      const { metric, step } = standings[0].result;
      return (
        `${arena.title}: about ${parameters} parameters each, ${step} steps; ${metric}. The target is ` +
        `${target.toPrecision(4)}, which at least half of the models reach.`
      );
    }),
    'All models of a task train on the same batches in the same order, as many of them. A stable model has the ' +
      'settings of its unconstrained twin. One seed.',
    `Inputs that are enough: the smallest number from which on the mean loss at ${PLACES} places of the validation ` +
      'split is within 1 % of the one with the longest window. A window begins with nothing: with a state of zeros, ' +
      'or zeros in convolutions.',
    'Generation is of one sequence, up to the logits of each next step: step by step, where what is needed of the ' +
      'past is carried along; naively, where all that the model can see, or the longest window, is read again.',
    'Steps per second are those of training alone, on the adapter named below: they compare models on it.',
  ];
}

function remarkOn({ arena, standings }: Contest): string {
  const value = ({ result }: Standing) => result.valid ?? Infinity;
  const [first, second] = [...standings].sort((a, b) => value(a) - value(b));
  const most = (kind: string) =>
    Math.max(
      ...standings.filter(({ entry }) => entry.contestant.kind === kind).map(({ enough }) => enough ?? 0),
    );
  const named = (standing: Standing) =>
    `${standing.entry.contestant.title} ${value(standing).toPrecision(4)}`;
  return (
    `${arena.title}: ${named(first)}, then ${named(second)}; of ${arena.sights.at(-1)} ${arena.inputs} no recurrent ` +
    `model needs more than the last ${most('recurrent')}, no feed-forward one more than ${most('feed-forward')}.`
  );
}
