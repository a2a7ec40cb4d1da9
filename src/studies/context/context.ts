// Study `context`: how much of its past a model uses, on chorales and on text.

import { isBaseline, runBaselines } from '../baselines';
import { contextFindings } from './contextFindings';
import { MUSIC, hasMusic, musicCells, runMusic } from './contextMusic';
import type { ContextResult, ContextSettings } from './contextParts';
import { countText, runText } from './contextText';
import { textCells, textPartsOf } from './contextTextCells';
import type { Cell, Context, Study } from '../../runs/study';

function run({ settings }: Cell<ContextSettings>, surroundings: Context): Promise<ContextResult> {
  if (isBaseline(settings)) return (settings.at ? countText : runBaselines)(settings, surroundings);
  return (settings.at ? runText : runMusic)(settings, surroundings);
}

/** The study of how much of its past a model uses. */
export const context: Study<ContextSettings, ContextResult> = {
  name: 'context',
  title: 'How much of the past is used',
  claim: 'a recurrent model that is shown only its last few inputs is as good as one that has seen them all',
  source:
    'Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369); Chelba, Norouzi & Bengio (arXiv 1703.10724)',
  tasks: (setup) => [...(hasMusic(setup) ? [MUSIC] : []), ...textPartsOf(setup).map(({ text }) => text.task)],
  divides: true,
  cells: (setup) => [
    ...(hasMusic(setup) ? musicCells(setup) : []),
    ...textPartsOf(setup).flatMap((part) => textCells(part)),
  ],
  run,
  words: (result) =>
    'baselines' in result ? 'counted' : `test ${result.test?.toPrecision(4) ?? 'diverged'}`,
  findings: contextFindings,
};
