// Study `gating`: what stands behind the convolutions of a language model. The gated linear unit beside the tanh gate,
// a product without a squashing function, and units that are not gated, which are wider for as many parameters
// (Dauphin et al. 2017, sections 5.2 and 5.3).

import { isBaseline, runBaselines } from '../baselines';
import { cells, type GatingResult, type GatingSettings } from './gatingCells';
import { gatingFindings } from './gatingFindings';
import type { Cell, Context, Study } from '../../runs/study';
import { train } from '../../runs/training';

const run = ({ settings }: Cell<GatingSettings>, context: Context): Promise<GatingResult> =>
  isBaseline(settings) ? runBaselines(settings, context) : train(settings, context);

/** The study of the units behind a convolution. */
export const gating: Study<GatingSettings, GatingResult> = {
  name: 'gating',
  title: 'Gates behind convolutions',
  claim:
    'a gate with a linear path for the gradient (GLU) is better than other units with as many parameters',
  source:
    'Dauphin, Fan, Auli & Grangier, "Language Modeling with Gated Convolutional Networks" (arXiv 1612.08083)',
  tasks: () => ['wikitext2-chars'],
  reseeds: true,
  cells,
  run,
  words: (result) =>
    'baselines' in result ? 'counted' : `${result.test?.toPrecision(4) ?? 'diverged'} ${result.metric}`,
  findings: gatingFindings,
};
