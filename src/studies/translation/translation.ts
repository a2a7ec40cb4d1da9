// Study `translation`: the systems of the article's succession in machine translation, side by side on the same data:
// the LSTM without attention and with it, GNMT, ConvS2S and the Transformer. At the small budget they learn a
// transduction that takes minutes, dates as people write them to ISO 8601; at the others English to French.

import type { Study } from '../../runs/study';
import type { Training } from '../../runs/training';
import { cells, SIZES } from './translationCells';
import { translationFindings } from './translationFindings';
import { runTranslation, type TranslationResult } from './translationRun';
import { shown } from './translationSubjects';

/** The study of five systems that translate. */
export const translation: Study<Training, TranslationResult> = {
  name: 'translation',
  title: 'What translates',
  claim:
    'feed-forward models, convolutions and then attention alone, took the place of recurrent ones in translation',
  source:
    'Sutskever et al. 2014, Bahdanau et al. 2015, Wu et al. 2016, Gehring et al. 2017, Vaswani et al. 2017 (arXiv ' +
    '1409.3215, 1409.0473, 1609.08144, 1705.03122, 1706.03762)',
  tasks: ({ budget }) => [SIZES[budget].task],
  reseeds: true,
  cells: (setup) => cells(setup),
  run: runTranslation,
  words: ({ greedy, score }) => (greedy === null ? 'diverged' : `${score} ${shown(greedy, score)}`),
  findings: translationFindings,
};
