// What came of a training, for the table at its end.

import { duration, significant, measure } from '../../report/text.node';
import type { Outcome } from '../../runs/outcome';

/** Names and values for the table at the end. */
export function factsOf(outcome: Outcome): [string, string][] {
  const measures = Object.keys(outcome.test).flatMap((name): [string, string][] => [
    [`${name}, validation`, measure(name, outcome.valid[name])],
    [`${name}, test`, measure(name, outcome.test[name])],
  ]);
  const anchors = outcome.anchors.map(({ name, value }): [string, string] => [
    `"${name}" has`,
    significant(value),
  ]);
  return [
    ...measures,
    ...anchors,
    ['parameters', outcome.parameters.toLocaleString('en')],
    ['steps', `${outcome.steps}${outcome.best ? `, best at ${outcome.best.step}` : ''}`],
    ['steps/s', significant(outcome.stepsPerSecond, 3)],
    ['time', duration(outcome.seconds)],
    ['seed', String(outcome.settings.seed)],
    ['adapter', outcome.adapter],
  ];
}
