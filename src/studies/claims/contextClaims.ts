// Claims about how much of the past is used: n-grams, hidden Markov models, truncation, and the regime on the data.

import { MODELS as LAG_MODELS } from '../lags/lagsCells';
import { evidenceOf } from './evidence';
import { rowOf, type Sources } from './sources';
import type { Claim, Evidence, Verdict } from './claim';

/** Within this share of the loss with all inputs nothing is lost. */
const SLACK = 0.01;

/** The claim about LSTM n-grams, by study `context`. */
export function nGramClaim(sources: Sources): Claim {
  const study = sources.study('context');
  const value = (setting: string) =>
    rowOf(study, { model: 'LSTM unconstrained', task: 'jsb', setting }).ours!;
  const [gram, whole] = [value('trained on k inputs, k = 12'), value('all inputs in sight')];
  return {
    title: 'An LSTM that sees only the last twelve inputs, a 13-gram, is about as good as one that sees all',
    evidence: [
      evidenceOf(study, {
        experiment: 'LSTM on chorales, trained on the last 12 chords and on all',
        ours: `${gram.toFixed(3)} against ${whole.toFixed(3)} nats per step (one seed)`,
        published: 'n = 13 about equal, on words',
        verdict: gram <= (1 + SLACK) * whole ? 'shown in small' : 'contradicted',
      }),
    ],
  };
}

/** The theorem about hidden Markov models, by study `short-memory`. */
export function memoryClaim(sources: Sources): Claim {
  const study = sources.study('short-memory');
  const rows = study.findings.rows.filter(({ setting }) => setting === 'any l');
  const most = Math.max(...rows.map(({ ours }) => ours!));
  return {
    title: 'The last I/ε observations predict a hidden Markov model to within ε of knowing the whole past',
    evidence: [
      evidenceOf(study, {
        experiment: `${rows.length} kinds of models, exact filters, windows of 1 to 64`,
        ours: `at most ${most.toFixed(3)} of the bound log n / l`,
        published: '≤ 1 (theorem)',
        verdict: most <= 1 ? 'shown' : 'contradicted',
      }),
    ],
  };
}

const SUBJECTS = ['RNN unconstrained', 'RNN stable', 'LSTM unconstrained', 'LSTM stable'];

/** The claim about truncation at test, by study `context`. */
export function inferenceClaim(sources: Sources): Claim {
  const study = sources.study('context');
  const needed = SUBJECTS.map((model): [string, number | null] => {
    const whole = rowOf(study, { model, task: 'jsb', setting: 'all inputs in sight' }).ours!;
    const cut = study.findings.rows.filter(
      (row) => row.model.startsWith(model) && row.task === 'jsb' && row.setting.startsWith('cut at test'),
    );
    const first = cut.find(({ ours }) => ours! <= (1 + SLACK) * whole);
    return [model, first ? Number(first.setting.split(' = ')[1]) : null];
  });
  const few = needed.every(([, k]) => k !== null && k <= 12);
  const text = needed.map(([model, k]) => `${model} ${k ?? 'more than measured'}`).join(', ');
  const bits = (model: string) =>
    rowOf(study, { model, task: 'wikitext2-chars', setting: 'all inputs' }).ours!;
  const trigram = rowOf(study, { model: 'trigram', task: 'wikitext2-chars' }).ours!;
  const [best] = SUBJECTS.map((model) => ({ model, value: bits(model) })).sort((a, b) => a.value - b.value);
  return {
    title: 'Shown only its last few inputs, a recurrent model is as good as with all of them',
    evidence: [
      evidenceOf(study, {
        experiment: 'chorales: the last chords that are enough to be within 1 % of the loss with all',
        ours: `${text} (one seed)`,
        published: 'flat after a short k (figure)',
        verdict: few ? 'shown in small' : 'contradicted',
      }),
      evidenceOf(study, {
        experiment: 'characters: says something only of models that are better than a trigram',
        ours: `best: ${best.model} ${best.value.toFixed(2)} bits; trigram ${trigram.toFixed(2)} (one seed)`,
        published: 'flat after a short k (figure)',
        verdict: best.value < trigram ? 'shown in small' : 'not shown',
      }),
    ],
  };
}

/** The claim about the regime on the data, by study `lags`. */
export function lagsClaim(sources: Sources): Claim {
  const study = sources.study('lags');
  const evidence = LAG_MODELS.map((model): Evidence => {
    const worst = rowOf(study, {
      model,
      setting: 'unconstrained',
      metric: 'a step keeps of a difference, worst, trained',
    });
    const norm = rowOf(study, { model, setting: 'unconstrained', metric: '‖W_hh‖₂, trained' });
    const verdict: Verdict = worst.ours! < 1 ? 'shown in small' : 'contradicted';
    return evidenceOf(study, {
      experiment: `${model.toUpperCase()} on chorales, unconstrained: the most that a step keeps of a difference`,
      ours: `${worst.ours!.toFixed(3)}, with ‖W_hh‖₂ = ${norm.ours!.toFixed(2)} (one seed)`,
      published: 'below 1 (figure)',
      verdict,
    });
  });
  return {
    title: 'On the data, trained models work in the stable regime, though no bound on their weights says so',
    evidence,
  };
}
