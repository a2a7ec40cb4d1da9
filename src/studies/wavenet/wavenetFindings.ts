// What the study `wavenet` found: nats per sample by speaker beside what needs no learning, what a sample costs by how
// far the net sees, and a spoken digit as a picture.

import { RATE, SPEAKERS, type Speaker } from '../../data/spokenDigits';
import type { Figure } from '../../report/figure';
import type { Findings, Setup, Row } from '../../runs/study';
import type { ModelOfStudy, ResultOfStudy, Utterance } from './wavenetCells';
import { SIZES } from './wavenetCells';

type TrainingResult = ResultOfStudy & { readonly kind: 'training' };
type SpeedResult = ResultOfStudy & { readonly kind: 'speed' };

interface Entry {
  readonly model: ModelOfStudy;
  readonly result: TrainingResult;
}

const NAMES: Record<ModelOfStudy, string> = {
  wavenet: 'WaveNet, told digit and speaker',
  'wavenet, told nothing': 'WaveNet, told nothing',
  lstm: 'LSTM, told digit and speaker',
};

/** The table, the pictures and the words of the study. */
export function findings(
  setup: Setup,
  models: readonly { readonly model: ModelOfStudy; readonly result?: ResultOfStudy }[],
  speeds: readonly (ResultOfStudy | undefined)[],
): Findings {
  const entries = models.filter((one): one is Entry => one.result?.kind === 'training');
  const timed = speeds.filter((one): one is SpeedResult => one?.kind === 'speed');
  const { steps, batch, length } = SIZES[setup.budget];
  return {
    remark: remarkOn(entries, timed),
    against: againstOf(entries),
    rows: [...anchorRows(entries), ...modelRows(entries), ...speedRows(timed)],
    figures: [...soundFigures(entries), curves(entries), speedFigure(timed)],
    notes: [
      `Free Spoken Digit Dataset, jackson and george, 8-bit μ-law codes at ${RATE.toLocaleString('en')} samples per ` +
        'second; test: recordings 0 to 4 of every digit, whole and from their first sample on; validation: 5 and 6; ' +
        'training: the rest. The unigrams and Markov chains know validation too, as in the published figures.',
      `Adam, cosine to 0, ${steps} steps of ${(batch * length).toLocaleString('en')} samples each; one seed.`,
      'What a sample costs is measured on nets that have learned nothing, one sound at a time; without rings the net ' +
        'runs over all that it sees for every sample.',
    ],
  };
}

const nats = (entry: Entry | undefined, speaker: Speaker): number =>
  entry?.result.test?.[speaker] ?? Infinity;

function remarkOn(entries: readonly Entry[], timed: readonly SpeedResult[]): string {
  const of = (model: ModelOfStudy) => entries.find((one) => one.model === model);
  const markov = (speaker: Speaker) =>
    entries[0].result.anchors.find(({ name }) => name === `Markov, ${speaker}`)?.value ?? NaN;
  const own = SPEAKERS.map((speaker) => {
    const value = nats(of('wavenet'), speaker);
    const stands = value < markov(speaker) ? 'below' : 'not below';
    return `${value.toFixed(2)} for ${speaker}, ${stands} the Markov chain's ${markov(speaker).toFixed(2)}`;
  });
  const mean = (model: ModelOfStudy) =>
    SPEAKERS.reduce((sum, speaker) => sum + nats(of(model), speaker), 0) / SPEAKERS.length;
  const told = mean('wavenet, told nothing') - mean('wavenet');
  const words = told > 0 ? `is worth ${told.toFixed(3)}` : `costs ${(-told).toFixed(3)}`;
  const [first, last] = [timed[0], timed.at(-1)!];
  const times = (key: 'cached' | 'naive') => (last[key] / first[key]).toPrecision(2);
  return (
    `WaveNet has ${own.join('; ')}. To be told digit and speaker ${words} nats. The LSTM of equal size has ` +
    `${mean('lstm').toFixed(2)} where WaveNet has ${mean('wavenet').toFixed(2)}. From ${first.field} to ` +
    `${last.field} samples in sight a sample costs ${times('cached')} times as much with rings, ` +
    `${times('naive')} times without.`
  );
}

/** Speakers on whom the LSTM is better, and what these numbers cannot say. */
function againstOf(entries: readonly Entry[]): string[] {
  const of = (model: ModelOfStudy) => entries.find((one) => one.model === model);
  const better = SPEAKERS.filter((speaker) => nats(of('lstm'), speaker) < nats(of('wavenet'), speaker));
  return [
    ...(better.length ? [`The LSTM is better on ${better.join(' and ')}.`] : []),
    'One seed, one learning rate for all and a short training; the published comparison is of opinion scores, and ' +
      'nobody has listened here.',
  ];
}

function anchorRows([first]: readonly Entry[]): Row[] {
  return first.result.anchors.map(({ name, value }) => {
    const [model, speaker] = name.split(', ');
    return row(model === 'Markov' ? 'first-order Markov chain' : model, speaker, 'no learning', value);
  });
}

const row = (model: string, speaker: string, setting: string, ours: number | null): Row => ({
  model,
  task: `digits, ${speaker}`,
  setting,
  metric: 'nats per sample, test',
  ours,
  published: null,
});

const modelRows = (entries: readonly Entry[]): Row[] =>
  entries.flatMap(({ model, result: { trained, test, rate } }) => {
    const size = `${trained.parameters.toLocaleString('en')} parameters`;
    const setting = `${size}, ${Math.round(rate).toLocaleString('en')} samples/s trained`;
    return SPEAKERS.map((speaker) => row(NAMES[model], speaker, setting, test?.[speaker] ?? null));
  });

const speedRows = (timed: readonly SpeedResult[]): Row[] =>
  timed.flatMap(({ field, cached, naive }) =>
    (
      [
        ['with rings', cached],
        ['without', naive],
      ] as const
    ).map(([setting, ms]) => ({
      model: `WaveNet, ${field} samples in sight`,
      task: 'generation',
      setting,
      metric: 'samples per second',
      ours: 1000 / ms,
      published: null,
    })),
  );

function curves(entries: readonly Entry[]): Figure {
  return {
    kind: 'plot',
    title: 'Validation while training',
    x: { name: 'training step' },
    y: { name: 'nats per sample' },
    series: entries.map(({ model, result }, color) => ({
      name: NAMES[model],
      color,
      points: result.trained.curve.map(({ step, value }) => [step, value] as const),
    })),
  };
}

function speedFigure(timed: readonly SpeedResult[]): Figure {
  const series = (name: string, key: 'cached' | 'naive') => ({
    name,
    points: timed.map((one) => [one.field, one[key]] as const),
  });
  return {
    kind: 'plot',
    title: 'What a sample costs',
    caption: 'With a ring of past inputs in every layer the cost grows with the number of layers only.',
    x: { name: 'samples in sight', scale: 'log' },
    y: { name: 'milliseconds for a sample', scale: 'log' },
    series: [series('with rings', 'cached'), series('without', 'naive')],
  };
}

function soundFigures(entries: readonly Entry[]): Figure[] {
  const sounds = entries.find(({ result }) => result.sounds)?.result.sounds;
  if (!sounds) return [];
  const name = ({ digit, speaker }: Utterance) => `“${digit}” by ${speaker}`;
  const [made, real] = sounds;
  return [
    {
      kind: 'sounds',
      title: 'A digit made sample by sample',
      caption: 'Left: drawn from WaveNet, each sample given those before. Right: a recording of the test.',
      rate: RATE,
      sounds: [
        { name: `WaveNet: ${name(made)}`, codes: made.codes },
        { name: `recording: ${name(real)}`, codes: real.codes },
      ],
    },
  ];
}
