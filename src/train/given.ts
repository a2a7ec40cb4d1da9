// What functions of a caller's give to `fit`: what is none of it is refused where it comes from, not where it is used.

import { fail, shown } from '../graph/check';
import type { Argument } from '../graph/host';

/** Refuses what are no arguments of a step: a source of one's own gives whatever it does. */
export function checkBatch(batch: unknown): asserts batch is readonly Argument[] {
  if (Array.isArray(batch)) return;
  fail(`fit: the source gave ${shown(batch)}.`, {
    fix: 'let it return, at once, a list of what the step takes: [array(…), array(…)].',
  });
}

/** Refuses what is no loss of a step, as all of several results. */
export function checkLoss(reading: unknown): void {
  if (typeof (reading as { item?: unknown } | null | undefined)?.item === 'function') return;
  fail(`fit: the step gave ${shown(reading)}.`, {
    fix: 'let its function return the loss alone: (x, y) => optimizer.minimize(…).',
  });
}

/** Refuses a measure that is no number, as a reading that nobody waited for. */
export function checkMeasure(value: unknown): void {
  if (typeof value === 'number') return;
  fail(`fit: evaluate gave ${shown(value)}.`, {
    fix: 'let it return a promise of a number: () => measure(…).item().',
  });
}
