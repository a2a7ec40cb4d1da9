// Study `stability`: what an RNN or an LSTM loses when it is made stable. As published, a search finds the settings
// that suit the unconstrained model; then it is trained again with the same settings and the projection on.

import { trainedWords } from '../../search/searchFindings';
import { isBaseline, runBaselines } from '../baselines';
import { proofOf } from '../proof';
import { cells, countOf, tasksOf, type StabilityResult, type StabilitySettings } from './stabilityCells';
import { stabilityFindings } from './stabilityFindings';
import type { Cell, Context, Study } from '../../runs/study';
import { trainModel } from '../../runs/training';

async function run({ settings }: Cell<StabilitySettings>, context: Context): Promise<StabilityResult> {
  if (isBaseline(settings)) return runBaselines(settings, context);
  const { trained, outcome } = await trainModel(settings, context);
  if (!outcome) return trained;
  return { ...trained, proof: await proofOf(await context.engine(), outcome.model) };
}

/** The study of what stability costs. */
export const stability: Study<StabilitySettings, StabilityResult> = {
  name: 'stability',
  title: 'What stability costs',
  claim:
    'recurrent models that are made stable, and so are equivalent to feed-forward ones, lose little or nothing',
  source:
    'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369); words: the numbers of the article (2018)',
  tasks: tasksOf,
  reseeds: true,
  cells,
  count: countOf,
  run,
  words: (result) => ('baselines' in result ? 'counted' : trainedWords(result)),
  findings: stabilityFindings,
};
