// What came of a training, for the table at its end.

import { count, duration, significant, measure } from '../../report/text.node';
import type { Outcome } from '../../runs/outcome';
import type { Task } from '../../tasks/task';

/** Names and values for the table at the end. */
export function factsOf(outcome: Outcome): [string, string][] {
  const measures = Object.keys(outcome.test).flatMap((name): [string, string][] => [
    [`${name}, validation`, measure(name, outcome.valid[name])],
    [`${name}, test`, measure(name, outcome.test[name])],
  ]);
  const anchors = outcome.anchors.map(({ name, value }): [string, string] => [
    `"${name}" has`,
    measure(outcome.metric, value),
  ]);
  return [
    ...measures,
    ...signaturesOf(outcome),
    ...anchors,
    ['parameters', outcome.parameters.toLocaleString('en')],
    ['steps', `${outcome.steps}${outcome.best ? `, best at ${outcome.best.step}` : ''}`],
    ['steps/s', significant(outcome.stepsPerSecond, 3)],
    ...speedOf(outcome),
    ['time', duration(outcome.seconds)],
    ...scalingOf(outcome),
    ['seed', String(outcome.settings.seed)],
    ['adapter', outcome.adapter],
  ];
}

const speedOf = ({ tokensPerSecond }: Outcome): [string, string][] =>
  tokensPerSecond === undefined ? [] : [['tokens/s', count(tokensPerSecond)]];

const scalingOf = ({ scaling }: Outcome): [string, string][] =>
  scaling ? [['precision', `f16; loss scale ${scaling.scale}, ${count(scaling.skipped)} steps skipped`]] : [];

/** How measures were counted, for a table of them. */
export const signaturesOf = ({ signatures = {} }: Pick<Task, 'signatures'>): [string, string][] =>
  Object.entries(signatures).map(([name, signature]) => [`signature of ${name}`, signature]);
