// The claim about translation, by study `translation` and by the systems trained on English and French.

import { ALIKE } from '../translation/translationAgainst';
import { shown } from '../translation/translationSubjects';
import type { Row } from '../../runs/study';
import type { Claim, Evidence, Verdict } from './claim';
import { evidenceOf } from './evidence';
import { rowOf, type Sources } from './sources';

const percent = ({ ours, sd }: Row): string => shown(ours, 'exact match', sd);

/** Verdict on the best feed-forward system and the best recurrent one: of two points apart nothing is said. */
function verdictOn(feedForward: number, recurrent: number): Verdict {
  if (Math.abs(feedForward - recurrent) < ALIKE) return 'not shown';
  return feedForward > recurrent ? 'shown in small' : 'contradicted';
}

/** The claim about the systems that translate: by sentences, and by dates of forms that training has not. */
export function translationClaim(sources: Sources): Claim {
  return {
    title: 'Convolutions, then attention alone, took the place of LSTMs in translation',
    evidence: [ofSentences(sources), ofDates(sources)],
  };
}

const PUBLISHED = 'BLEU, WMT 2014 en-de: GNMT 24.6, ConvS2S 25.2, Transformer 28.4';

function ofSentences(sources: Sources): Evidence {
  const trained = sources.translators('eng-fra');
  const scores = (...models: string[]) =>
    models.flatMap((model) => trained[model].ours.map(({ bleu }) => bleu));
  const said = (model: string) => {
    const all = scores(model);
    const mean = all.reduce((sum, bleu) => sum + bleu, 0) / all.length;
    return `${mean.toFixed(1)} (${Math.min(...all).toFixed(1)} to ${Math.max(...all).toFixed(1)})`;
  };
  const runs = Object.values(trained).flatMap(({ ours }) => ours);
  const [{ steps }] = runs;
  // Every seed of either feed-forward system has to lie beyond every seed of every recurrent one.
  const feedForward = scores('convs2s', 'transformer');
  const recurrent = scores('seq2seq', 'attention-lstm', 'gnmt');
  const above = Math.min(...feedForward) > Math.max(...recurrent);
  const below = Math.max(...feedForward) < Math.min(...recurrent);
  return {
    experiment:
      'English to French, sentences of up to 12 words, about a million parameters, ' +
      `${steps.toLocaleString('en')} steps; BLEU, mean and range of seeds; a trigram of the targets has less ` +
      'perplexity than all but the Transformer',
    ours:
      `ConvS2S ${said('convs2s')}, Transformer ${said('transformer')}; LSTM with attention ` +
      `${said('attention-lstm')}, GNMT ${said('gnmt')}, LSTM without ${said('seq2seq')} ` +
      `(n = ${trained.gnmt.ours.length})`,
    published: PUBLISHED,
    verdict: above ? 'shown in small' : below ? 'contradicted' : 'not shown',
    command: 'npx seqgpu train eng-fra --preset small --model transformer',
    seconds: runs.reduce((sum, { seconds }) => sum + seconds, 0),
    folder: 'eng-fra',
    page: '../translation/README.md',
  };
}

function ofDates(sources: Sources): Evidence {
  const study = sources.study('translation');
  const systems = ['seq2seq', 'attention-lstm', 'gnmt', 'convs2s', 'transformer'];
  const rows = systems.map((model) => rowOf(study, { model, metric: 'exact match, test' }));
  const [plain, attending, gnmt, convolutions, transformer] = rows.map(percent);
  const seen = percent(rowOf(study, { model: 'transformer', metric: 'exact match, validation' }));
  const [, ...recurrent] = rows.slice(0, 3).map(({ ours }) => ours!);
  const feedForward = rows.slice(3).map(({ ours }) => ours!);
  const seeds = Math.min(...rows.map(({ n = 1 }) => n));
  const steps = [...study.results.values()].map((result) => (result as { readonly step: number }).step);
  const [fewest, most] = [Math.min(...steps), Math.max(...steps)].map((count) => count.toLocaleString('en'));
  return evidenceOf(study, {
    experiment:
      `dates to ISO 8601 by equal parameters, in ${fewest} to ${most} steps; ` +
      'exact, of forms that training has not',
    ours:
      `ConvS2S ${convolutions}, Transformer ${transformer} (${seen} of forms seen); LSTM with attention ` +
      `${attending}, GNMT ${gnmt}, LSTM without ${plain} (${seeds === 1 ? 'one seed' : `n = ${seeds}`})`,
    published: PUBLISHED,
    verdict: verdictOn(Math.max(...feedForward), Math.max(...recurrent)),
  });
}
