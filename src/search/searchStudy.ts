// What `seqgpu search` runs: one search, as a study whose cells are the trials in each rung.

import type { Search } from './search';
import { lastOf, searchCells, searchSize, sharesOf } from './searchCells';
import { parallelOf, searchNotes, settingsText } from './searchFigures';
import type { Row, Study } from '../runs/study';
import { train, type Trained, type Training } from '../runs/training';

const HALVING =
  'Jamieson & Talwalkar (2016), "Non-stochastic Best Arm Identification and Hyperparameter Optimization"';
const ASHA = 'Li et al. (2018), "A System for Massively Parallel Hyperparameter Tuning"';

/** The study of one search. */
export function searchStudy(search: Search): Study<Training, Trained> {
  const { task, model } = search.base;
  return {
    name: `search ${task} ${model}`,
    title: `Search: ${model.toUpperCase()} on ${task}`,
    claim: `random search with ${search.asha ? 'asynchronous ' : ''}successive halving`,
    source: search.asha ? ASHA : HALVING,
    tasks: () => [task],
    cells: (_, results) => searchCells(search, results),
    count: () => searchSize(search),
    run: ({ settings }, context) => train(settings, context),
    words: trainedWords,
    findings(_, results) {
      const trials = lastOf(search, results);
      const top = sharesOf(search).length - 1;
      const [best] = trials;
      const rows = trials.flatMap(({ cell, trained }): Row[] => {
        const setting = `trial ${cell.number}, ${trained.step} steps: ${settingsText(search, cell.settings)}`;
        const about = { model, task, setting, published: null };
        const valid = { ...about, metric: `${trained.metric}, validation`, ours: trained.valid };
        // The test split of trials that were dropped says nothing.
        if (cell.rung < top) return [valid];
        return [valid, { ...about, metric: `${trained.metric}, test`, ours: trained.test }];
      });
      const parallel = parallelOf(search, results, 'All trials');
      const remark =
        best.trained.valid === null
          ? 'Every trial diverged: a lower learning rate is needed.'
          : `Best of ${search.trials} on validation is trial ${best.cell.number}, with ` +
            `${best.trained.valid.toPrecision(4)} ${best.trained.metric} ` +
            `(test ${best.trained.test?.toPrecision(4) ?? 'none'}): ${settingsText(search, best.cell.settings)}.`;
      const { valid } = best.trained;
      const won = valid === null ? undefined : { settings: best.cell.settings, validMetric: valid };
      return { remark, best: won, rows, figures: parallel ? [parallel] : [], notes: searchNotes(search) };
    },
  };
}

/** `8.412 nats per step`, or why there is none. */
export const trainedWords = ({ valid, metric, diverged }: Trained): string =>
  valid === null
    ? `diverged: ${diverged ?? 'no finite measure'}`
    : `${valid.toPrecision(4)} ${metric} on validation`;
