// Claims about how much of the past is used: n-grams, hidden Markov models, truncation, and the regime on the data.

import { MODELS as LAG_MODELS } from '../lags/lagsCells';
import { evidenceOf } from './evidence';
import { rowOf, type Sources, type StudySource } from './sources';
import type { Claim, Evidence, Verdict } from './claim';

/** Within this share of the loss with all inputs nothing is lost. */
const SLACK = 0.01;

/** The claim about LSTM n-grams, by study `context`. */
export function nGramClaim(sources: Sources): Claim {
  const longer = sources.find('context-shakespeare');
  return {
    title: 'An LSTM that sees only the last twelve inputs, a 13-gram, is about as good as one that sees all',
    evidence: [
      nGram(sources.study('context'), 'jsb', 'chords of chorales', 'nats per step'),
      ...(longer ? [nGram(longer, 'shakespeare', 'characters of Shakespeare', 'bits per character')] : []),
    ],
  };
}

function nGram(study: StudySource, task: string, inputs: string, measure: string): Evidence {
  const value = (setting: string) => rowOf(study, { model: 'LSTM unconstrained', task, setting }).ours!;
  const [gram, whole] = [value('trained on k inputs, k = 12'), value('all inputs in sight')];
  const counting = countingOn(study, task);
  return evidenceOf(study, {
    experiment: `LSTM trained on the last 12 ${inputs} and on all; counting: ${counting.toPrecision(4)}`,
    ours: `${gram.toFixed(3)} against ${whole.toFixed(3)} ${measure} (one seed)`,
    published: 'n = 13 about equal, on words',
    verdict:
      whole >= counting ? 'not shown' : gram <= (1 + SLACK) * whole ? 'shown in small' : 'contradicted',
  });
}

/** The best of what counting comes to. */
const countingOn = ({ findings }: StudySource, task: string): number =>
  Math.min(
    ...findings.rows
      .filter((row) => row.task === task && row.setting.startsWith('counted'))
      .map(({ ours }) => ours!),
  );

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
  const longer = sources.find('context-shakespeare');
  return {
    title: 'Shown only its last few inputs, a recurrent model is as good as with all of them',
    evidence: [
      inference(study, 'jsb', 'chords of chorales'),
      ...(longer ? [inference(longer, 'shakespeare', 'characters of Shakespeare')] : []),
      inference(study, 'wikitext2-chars', 'characters of WikiText-2'),
    ],
  };
}

/** Inputs that are few. */
const FEW = 12;

/** What models that are better than counting need: of others it says nothing. */
function inference(study: StudySource, task: string, inputs: string): Evidence {
  const counting = countingOn(study, task);
  const models = SUBJECTS.map((model) => {
    const whole = rowOf(study, { model, task, setting: 'all inputs in sight' }).ours!;
    return { model, whole, needed: neededBy(study, model, task, whole) };
  });
  const learned = models.filter(({ whole }) => whole < counting);
  const best = models.reduce((a, b) => (b.whole < a.whole ? b : a));
  const told = learned.map(({ model, needed }) => `${model} ${needed ?? 'more than measured'}`).join(', ');
  const few = learned.every(({ needed }) => needed !== null && needed <= FEW);
  return evidenceOf(study, {
    experiment: `the last ${inputs} that are enough (within 1 % of all), of models that beat counting`,
    ours: learned.length
      ? `${told} (one seed)`
      : `none does: best ${best.model} ${best.whole.toFixed(2)}, counting ${counting.toFixed(2)} (one seed)`,
    published: 'flat after a short k (figure)',
    verdict: !learned.length ? 'not shown' : few ? 'shown in small' : 'contradicted',
  });
}

/** The fewest inputs that are enough, null where none of those measured is. */
function neededBy({ findings }: StudySource, model: string, task: string, whole: number): number | null {
  const cut = findings.rows.filter(
    (row) => row.model.startsWith(model) && row.task === task && row.setting.startsWith('cut at test'),
  );
  const first = cut.find(({ ours }) => ours! <= (1 + SLACK) * whole);
  return first ? Number(first.setting.split(' = ')[1]) : null;
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
