// Dates as people write them to ISO 8601, character by character: a transduction that a small model learns in minutes.

import { countedTargets } from '../../data/translation/batches';
import { dateCoder } from '../../data/translation/dates';
import { dateBatches, DrawnDates, LONGEST_DATES, type DateBatch } from '../../data/translation/drawnDates';
import { Random } from '../../random';
import { exactRows } from '../exactMatch';
import { ofPairs, pairsProgram } from '../pairsProgram';
import type { Split, Task } from '../task';
import { EXACT, sayAll } from '../translation/sayAll';

/** How dates are trained on. */
export interface DatesOptions {
  /** Dates per step. */
  readonly batch: number;
  readonly smoothing?: number;
  /** Batches of 64 dates that validate, and as many that test; default: 16. */
  readonly evaluated?: number;
}

/** Dates of a batch that is measured. */
export const MEASURED = 64;
/** How many such batches there are. */
const EVALUATED = 16;
const FIXED_SEED = 8601;

/** What guesses each date of a hundred years alike has, in nats for each of ten digits and signs and the end. */
const GUESS = Math.log(36_525) / 11;

/** Dates that no seed of a run changes: of forms that were seen in training to validate, of held-out forms to test. */
export const fixedDates = (split: Split, count = EVALUATED): DateBatch[] =>
  dateBatches(new Random(FIXED_SEED).fork(split), dateCoder(), {
    forms: split === 'test' ? 'held' : 'seen',
    batch: MEASURED,
    count,
  });

/** The task. */
export function datesTask({ batch, smoothing, evaluated }: DatesOptions): Task {
  const coder = dateCoder();
  const arraysOf = (split: Split) => fixedDates(split, evaluated).map(({ arrays }) => arrays);
  return {
    name: 'dates',
    metric: 'nats per character',
    sentences: { coder, longest: LONGEST_DATES },
    anchors: [{ name: 'guess a date', value: GUESS }],
    program: (recipe, models) =>
      pairsProgram(recipe, { vocabulary: coder.size, longest: LONGEST_DATES, smoothing }, models),
    source: (random) => new DrawnDates(random, coder, batch),
    weightOf: countedTargets,
    tokensIn: countedTargets,
    batches: arraysOf,
    report: ({ nats }) => ({ 'nats per character': nats }),
    said(asked, options) {
      const dates = fixedDates(asked.split, evaluated).flatMap((batch) => batch.dates);
      const [sources, references] = [dates.map(({ source }) => source), dates.map(({ target }) => [target])];
      return sayAll(asked, { sources, references }, coder, EXACT, options);
    },
    async whenTrained({ engine, model, split, signal }) {
      const rows = await exactRows(engine, ofPairs(model), arraysOf(split), signal);
      return { 'exact match': rows.filter(Boolean).length / rows.length };
    },
  };
}
