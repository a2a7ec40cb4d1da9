// What is made of the results of a search.

import type { Findings, Results, Row } from '../runs/study';
import type { Trained } from '../runs/training';
import { importanceOf } from './importance';
import type { Search } from './search';
import { lastOf, outcomesOf, sharesOf, type Finished } from './searchCells';
import { importanceFigures, parallelOf, searchNotes, settingsText } from './searchFigures';

const NONE: Trained['curve'] = [];
const NOTHING: Trained = { metric: '', valid: null, test: null, parameters: 0, step: 0, curve: NONE };
/** So many trials have a row of the table. */
const SHOWN = 100;
const NAMED = 5;

/** What of a training stays in memory: all but its curve. */
export const briefOf = (trained: Trained): Trained => ({ ...trained, curve: NONE });

/** What stands for a trial that failed: nothing came of it. */
export const failedOf = (why: string): Trained => ({ ...NOTHING, failed: why });

/** The table, the winner, the pictures and what the settings explain. */
export function findingsOf(search: Search, results: Results<Trained>): Findings {
  const { trials: count, space, seed } = search;
  const trials = lastOf(search, results);
  const [best] = trials;
  const { valid, metric, test } = best.trained;
  const parallel = parallelOf(search, trials, 'All trials');
  const importance = importanceOf(space, outcomesOf(search, results), seed);
  const failures = failuresOf(trials);
  const remark =
    valid === null
      ? failures.length
        ? 'No trial has come to a number.'
        : 'Every trial diverged: a lower learning rate is needed.'
      : `Best of ${count} on validation is trial ${best.cell.number}, with ` +
        `${valid.toPrecision(4)} ${metric} (test ${test?.toPrecision(4) ?? 'none'}): ` +
        `${settingsText(search, best.cell.settings)}.`;
  const notes = searchNotes(search);
  if (trials.length > SHOWN)
    notes.push(`The table has the best ${SHOWN} trials; results.jsonl has all ${trials.length}.`);
  return {
    remark: [remark, ...failures].join(' '),
    best: valid === null ? undefined : { settings: best.cell.settings, validMetric: valid },
    rows: trials.slice(0, SHOWN).flatMap((trial) => rowsOf(search, trial, metric)),
    importance: importance.length ? importance : undefined,
    figures: [...(parallel ? [parallel] : []), ...importanceFigures(importance)],
    notes,
  };
}

/** A sentence that names the trials that failed, which count as the worst. */
function failuresOf(trials: readonly Finished[]): string[] {
  const failed = trials.filter(({ trained }) => trained.failed !== undefined);
  if (!failed.length) return [];
  const names = failed
    .slice(0, NAMED)
    .map(({ cell, trained }) => `${cell.id} (${trained.failed!.split('\n')[0]})`);
  const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : '';
  const count =
    failed.length === 1 ? '1 trial failed and counts' : `${failed.length} trials failed and count`;
  const again = 'without its line in results.jsonl a trial is run again';
  return [`${count} as the worst: ${names.join(', ')}${more}; ${again}.`];
}

function rowsOf(search: Search, { cell, trained }: Finished, metric: string): Row[] {
  const { model, task } = search.base;
  const setting = `trial ${cell.number}, ${trained.step} steps: ${settingsText(search, cell.settings)}`;
  const about = { model, task, setting, published: null };
  const valid = { ...about, metric: `${metric}, validation`, ours: trained.valid };
  // The test split of trials that were dropped says nothing.
  if (cell.rung < sharesOf(search).length - 1) return [valid];
  return [valid, { ...about, metric: `${metric}, test`, ours: trained.test }];
}

/** `8.412 nats per step`, or why there is none. */
export function trainedWords({ valid, metric, diverged, failed }: Trained): string {
  if (failed !== undefined) return `failed: ${failed}`;
  return valid === null
    ? `diverged: ${diverged ?? 'no finite measure'}`
    : `${valid.toPrecision(4)} ${metric} on validation`;
}
