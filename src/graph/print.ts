// `print`: a look at a tensor while the step runs, without taking it out of the step.

import { callerLine, check, fail, hereStack } from './check';
import { checked, count, type Rules } from './options';
import type { Shape } from './shape';
import { summaryFrom, summaryOf, summaryText } from './summary';
import { recording, type Aside } from './tape';
import { Tensor } from './tensor';

/** When `print` shows a tensor. */
export interface PrintOptions {
  /** Prints at the 1st, (every + 1)-th … run of the step. Default: 1. */
  readonly every?: number;
}

const RULES: Rules<PrintOptions> = { every: count };

/**
 * Writes a line to the console at every run of the step that is being recorded: name, shape, least and greatest value,
 * mean, NaNs and infinities of `x`. Returns `x`, so that it can stand inside an expression.
 *
 * Costs a launch that reads `x`, and a readback of a few numbers at the runs that print; what `x` is joined with in one
 * launch is then a launch of its own. Of `repeatStep(step, n)` it prints the last run.
 */
export function print(name: string, x: Tensor, options: PrintOptions = {}): Tensor {
  const { every = 1 } = checked('print', options, RULES);
  const tape = recording();
  if (!tape) {
    fail(`print: nothing is being recorded, so ${name} has no value.`, {
      at: callerLine(hereStack()),
      fix: 'call it inside a function for engine.train() or engine.record().',
    });
  }
  check(x instanceof Tensor, `print: ${name} is not a tensor`);
  tape.asides.push({ x: summaryOf(x), hear: lineWriter(name, x.shape, every) });
  return x;
}

/** Writes a line where one is due: lines stand in the order of the runs that they tell of. */
function lineWriter(name: string, shape: Shape, every: number): Aside['hear'] {
  return (values, before, last, journal) => {
    // Due are runs 1, every + 1, 2 · every + 1 …
    if (Math.ceil(before / every) === Math.ceil(last / every)) return;
    const text = values().then((rows) => summaryText(summaryFrom(shape, rows)), String);
    journal.told = journal.told.then(async () => journal.log(`${name}  run ${last}  ${await text}`));
  };
}
