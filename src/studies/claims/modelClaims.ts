// Claims about models side by side: gated convolutions, sound, and the TCN's tasks.

import { evidenceOf, evidenceOfRuns } from './evidence';
import { sideBySide } from './sideBySideClaim';
import { rowOf, testOf, type Sources, type StudySource } from './sources';
import type { Row } from '../../runs/study';
import type { Claim, Evidence, Verdict } from './claim';

/** 250,000. */
const count = (value: unknown): string => Math.round(Number(value)).toLocaleString('en');

/** The claim about gated convolutions, by the contest on words, if it was run, and by two short runs. */
export function gatedClaim(sources: Sources): Claim {
  const [convolutions, lstm] = ['wikitext2-gcnn', 'wikitext2-lstm'].map((name) => sources.run(name));
  const wins = testOf(convolutions) < testOf(lstm);
  const longer = sources.find('shootout-wikitext2');
  return {
    title: 'Gated convolutions with a short context match LSTMs on words',
    evidence: [
      ...(longer ? [sideBySide(longer, 'wikitext2', 'all words of WikiText-2 once, perplexity')] : []),
      evidenceOfRuns(
        [
          ['wikitext2-gcnn', convolutions],
          ['wikitext2-lstm', lstm],
        ],
        {
          experiment:
            `WikiText-2, ${count(convolutions.settings.trainTokens)} words once, ${count(convolutions.parameters)} ` +
            `parameters each; perplexity of the first ${count(convolutions.settings.evaluationTokens)} test words`,
          ours: `GCNN (13 words) ${testOf(convolutions).toFixed(0)}, LSTM ${testOf(lstm).toFixed(0)} (one seed)`,
          published: 'WikiText-103: GCNN-8 44.9, LSTM 48.7',
          verdict: wins ? 'shown in small' : 'not shown',
        },
      ),
    ],
  };
}

/** The claim about WaveNet, by study `wavenet`. */
export function soundClaim(sources: Sources): Claim {
  const study = sources.study('wavenet');
  const mean = (model: string) => {
    const rows = ['jackson', 'george'].map(
      (speaker) => rowOf(study, { model, task: `digits, ${speaker}` }).ours!,
    );
    return (rows[0] + rows[1]) / 2;
  };
  const size = /^[\d,]+ parameters/.exec(rowOf(study, { model: 'LSTM', task: 'digits, george' }).setting)![0];
  const [net, lstm] = [mean('WaveNet, told digit'), mean('LSTM, told digit')];
  return {
    title: 'WaveNet, which is feed-forward, models raw sound better than an LSTM',
    evidence: [
      evidenceOf(study, {
        experiment: `spoken digits, ${size} each, the same number of samples; nats per sample`,
        ours: `WaveNet ${net.toFixed(3)}, LSTM ${lstm.toFixed(3)} (one seed)`,
        published: 'opinion scores 4.21 and 3.67 (other LSTM)',
        verdict: net < lstm ? 'shown in small' : 'contradicted',
      }),
      spokenEvidence(sources.study('speech')),
    ],
  };
}

/** What a recogniser understands of what is made: WaveNet told the features of the parametric LSTM, and that LSTM. */
function spokenEvidence(study: StudySource): Evidence {
  const [told, parametric, copies] = [
    'WaveNet, told what the parametric LSTM says',
    'LSTM, parametric',
    'recordings by way of the vocoder',
  ].map((model) => rowOf(study, { model, metric: 'digits understood' }));
  const share = ({ ours }: Row) => `${Math.round(100 * ours!)} %`;
  const words = /^\d+ words/.exec(told.setting)![0];
  return evidenceOf(study, {
    experiment: `spoken digits that ${told.n} recognisers understand, of ${words} that each system makes`,
    ours: `WaveNet ${share(told)}, parametric LSTM ${share(parametric)}, copies by the vocoder ${share(copies)}`,
    published: 'opinion scores 4.21 and 3.67',
    verdict: told.ours! >= parametric.ours! ? 'shown in small' : 'not shown',
  });
}

/** The claim about the TCN, by runs and by study `tcn`. */
export function copyClaim(sources: Sources): Claim {
  const study = sources.study('tcn');
  const [tcn, lstm] = ['copy1000-tcn', 'copy1000-lstm'].map((name) => sources.run(name));
  const [longTcn, longLstm] = ['copy10000-tcn', 'copy10000-lstm'].map((name) => sources.run(name));
  const small = (task: string) => (model: string) => rowOf(study, { task, model }).ours!;
  const adding = small('adding');
  const [jsbTcn, jsbLstm] = ['jsb-tcn', 'jsb-lstm'].map((name) => sources.run(name));
  const runs = (...names: string[]) => names.map((name) => [name, sources.run(name)] as const);
  const decided = (better: boolean): Verdict => (better ? 'shown in small' : 'contradicted');
  return {
    title: 'The TCN beats recurrent models on the tasks that were made to test these',
    evidence: [
      evidenceOfRuns(runs('copy1000-tcn', 'copy1000-lstm'), {
        experiment: `copy memory, T = 1000, ${tcn.steps} steps each; only the TCN’s settings were searched`,
        ours: `TCN ${testOf(tcn).toExponential(1)}, LSTM ${testOf(lstm).toPrecision(3)} (one seed)`,
        published: 'TCN 3.5e-5, LSTM 0.0204',
        verdict: decided(testOf(tcn) < testOf(lstm)),
      }),
      evidenceOfRuns(runs('copy10000-tcn', 'copy10000-lstm'), {
        experiment:
          `copy memory, T = 10,000, ${count(longTcn.steps)} steps of the TCN and ${longLstm.steps} of the LSTM, in ` +
          'about as much time',
        ours: `TCN ${testOf(longTcn).toExponential(1)}, LSTM ${testOf(longLstm).toPrecision(3)} (one seed)`,
        verdict: decided(testOf(longTcn) < testOf(longLstm)),
      }),
      evidenceOfRuns(runs('jsb-tcn', 'jsb-lstm'), {
        experiment:
          `JSB Chorales, nats per step; ${count(jsbTcn.parameters)} parameters against ${count(jsbLstm.parameters)}, ` +
          `${count(jsbTcn.seconds)} s against ${count(jsbLstm.seconds)}`,
        ours: `TCN ${testOf(jsbTcn).toFixed(3)}, LSTM ${testOf(jsbLstm).toFixed(3)} (one seed)`,
        published: 'TCN 8.10, LSTM 8.45',
        verdict: decided(testOf(jsbTcn) < testOf(jsbLstm)),
      }),
      evidenceOf(study, {
        experiment: `the adding problem, TCN of ${rowOf(study, { task: 'adding', model: 'TCN' }).setting}`,
        ours: `TCN ${adding('TCN').toPrecision(2)}, GRU ${adding('GRU').toPrecision(2)} (one seed)`,
        published: 'T = 600: TCN 5.8e-5, GRU 5.3e-5',
        verdict: decided(adding('TCN') < adding('GRU')),
      }),
    ],
  };
}
