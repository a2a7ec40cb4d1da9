// The claim about translation, by study `translation`.

import { shown } from '../translation/translationFindings';
import type { Claim, Verdict } from './claim';
import { evidenceOf } from './evidence';
import { rowOf, type Sources } from './sources';

/** Shares of dates that differ by less are alike: with one seed nobody knows what seeds make of them. */
const ALIKE = 0.02;

const percent = (share: number): string => shown(share, 'exact match');

/** What the best feed-forward system and the best recurrent one come to, in words. */
function verdictOn(feedForward: number, recurrent: number): Verdict {
  if (Math.abs(feedForward - recurrent) < ALIKE) return 'not shown';
  return feedForward > recurrent ? 'shown in small' : 'contradicted';
}

/** The claim about the systems that translate, by dates of forms that training has not. */
export function translationClaim(sources: Sources): Claim {
  const study = sources.study('translation');
  const exact = (model: string) => rowOf(study, { model, metric: 'exact match, test' }).ours!;
  const seen = (model: string) => rowOf(study, { model, metric: 'exact match, validation' }).ours!;
  const [plain, attending, gnmt, convolutions, transformer] = [
    'seq2seq',
    'attention-lstm',
    'gnmt',
    'convs2s',
    'transformer',
  ].map(exact);
  const ours =
    `ConvS2S ${percent(convolutions)}, Transformer ${percent(transformer)} (${percent(seen('transformer'))} of ` +
    `forms seen); LSTM with attention ${percent(attending)}, GNMT ${percent(gnmt)}, LSTM without ${percent(plain)} ` +
    '(one seed)';
  return {
    title: 'Convolutions, then attention alone, took the place of LSTMs in translation',
    evidence: [
      evidenceOf(study, {
        experiment:
          'dates to ISO 8601 by equal parameters, the Transformer in three times as many steps; exact, of forms that ' +
          'training has not',
        ours,
        published: 'BLEU, WMT 2014 en-de: GNMT 24.6, ConvS2S 25.2, Transformer 28.4',
        verdict: verdictOn(Math.max(convolutions, transformer), Math.max(attending, gnmt)),
      }),
    ],
  };
}
