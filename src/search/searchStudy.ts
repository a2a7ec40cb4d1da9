// What `seqgpu search` runs: one search, as a study whose cells are the trials in each rung.

import type { Search } from './search';
import { searchCells, searchSize } from './searchCells';
import { briefOf, failedOf, findingsOf, trainedWords } from './searchFindings';
import type { Study } from '../runs/study';
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
    brief: briefOf,
    failed: failedOf,
    words: trainedWords,
    findings: (_, results) => findingsOf(search, results),
  };
}
