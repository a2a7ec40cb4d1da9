// `print`: a look at a tensor while the step runs, without taking it out of the step.

import { callerLine, check, fail, hereStack } from './check';
import { checked, count, type Rules } from './options';
import { summaryFrom, summaryOf, summaryText } from './summary';
import { recording, type Printed } from './tape';
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
  const tell = (rows: ArrayLike<number>) => summaryText(summaryFrom(x.shape, rows));
  const printed: Printed = { name, every, summary: summaryOf(x), tell };
  tape.prints.push(printed);
  return x;
}
