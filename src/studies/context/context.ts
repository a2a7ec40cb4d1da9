// Study `context`: how much of its past a model uses, on chorales and on text.

import type { Measured, Settings } from './contextParts';
import { musicCells, musicFindings, runMusic } from './contextMusic';
import { runText, textCells, textFindings } from './contextText';
import type { Findings, Plan, Results, Study } from '../../runs/study';

function findings(plan: Plan, results: Results<Measured>): Findings {
  const parts = [musicFindings(plan, results), textFindings(plan, results)];
  return {
    remark: parts.map(({ remark }) => remark).join(' '),
    rows: parts.flatMap(({ rows }) => rows),
    figures: parts.flatMap(({ figures }) => figures),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

export const context: Study<Settings, Measured> = {
  name: 'context',
  title: 'How much of the past is used',
  claim: 'a recurrent model that is shown only its last few inputs is as good as one that has seen them all',
  source:
    'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369); Chelba, Norouzi & Bengio (arXiv 1703.10724)',
  tasks: () => ['jsb', 'wikitext2-chars'],
  cells: (plan) => [...musicCells(plan), ...textCells(plan)],
  run: (cell, surroundings) => (cell.settings.at ? runText : runMusic)(cell, surroundings),
  words: ({ test }) => `test ${test?.toPrecision(4) ?? 'diverged'}`,
  findings,
};
