// The claim about both families, by study `shootout`.

import { evidenceOf } from './evidence';
import type { Sources, StudySource } from './sources';
import type { Row } from '../../runs/study';
import type { Claim, Evidence, Verdict } from './claim';

const FORWARD = ['TCN', 'GCNN', 'WaveNet', 'Transformer'];

/** Feed-forward models beside recurrent ones of their size, on every task of the study. */
export function sideBySideClaim(sources: Sources): Claim {
  const small = sources.study('shootout');
  const longer = sources.find('shootout-shakespeare');
  return {
    title: 'Feed-forward models are as good as recurrent ones of their size',
    evidence: [
      ...(longer ? [sideBySide(longer, 'shakespeare', 'Shakespeare, bits per character')] : []),
      sideBySide(small, 'wikitext2-chars', 'text, bits per character'),
      sideBySide(small, 'jsb', 'music, nats per step'),
      sideBySide(small, 'digits', 'sound, nats per sample'),
    ],
  };
}

/** The best feed-forward model of a task beside its best recurrent one. */
export function sideBySide(study: StudySource, task: string, title: string): Evidence {
  const rows = study.findings.rows.filter((row) => row.task === task && row.metric.endsWith(', test'));
  const isCounted = ({ setting }: Row) => setting.startsWith('counted');
  const best = (wanted: (row: Row) => boolean): Row =>
    rows.filter((row) => wanted(row) && row.ours !== null).sort((a, b) => a.ours! - b.ours!)[0];
  const forward = best(({ model }) => FORWARD.includes(model));
  const recurrent = best((row) => !FORWARD.includes(row.model) && !isCounted(row));
  const counting = best(isCounted);
  const models = rows.filter((row) => !isCounted(row));
  const size = Math.round(parseInt(models[0].setting, 10) / 1000) * 1000;
  const seeds = Math.min(...models.map(({ n = 1 }) => n));
  return evidenceOf(study, {
    experiment:
      `${NUMBERS[models.length] ?? models.length} models of ${size.toLocaleString('en')} parameters on ${title}, the ` +
      'best of either kind',
    ours: `${named(forward)}, ${named(recurrent)}; counting (${named(counting)}) (${seedsText(seeds)})`,
    verdict: verdictOn(forward, recurrent, counting),
  });
}

const NUMBERS: Readonly<Record<number, string>> = {
  2: 'two',
  3: 'three',
  9: 'nine',
  10: 'ten',
  11: 'eleven',
  12: 'twelve',
};
const seedsText = (seeds: number): string => (seeds === 1 ? 'one seed' : `${seeds} seeds each`);

/** Above 100 it is a perplexity. */
const named = ({ model, ours, sd }: Row): string => {
  const digits = ours! > 100 ? 1 : 3;
  return `${model} ${ours!.toFixed(digits)}${sd === undefined ? '' : ` ± ${sd.toFixed(digits)}`}`;
};

/** A model that is worse by less than two standard errors of the difference is as good. */
function verdictOn(forward: Row, recurrent: Row, counting: Row): Verdict {
  if (Math.min(forward.ours!, recurrent.ours!) >= counting.ours!) return 'not shown';
  const errors = [forward, recurrent].map(({ sd = 0, n = 1 }) => sd ** 2 / n);
  const noise = 2 * Math.sqrt(errors[0] + errors[1]);
  return forward.ours! <= recurrent.ours! + noise ? 'shown in small' : 'contradicted';
}
