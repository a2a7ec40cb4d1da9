// What the study `speech` found: how much of what each system says is understood, what parameters are off by beside
// what going to parameters and back is off by, and words of all of them as pictures and sounds.

import { RATE } from '../../data/spokenDigits';
import type { Figure, Sounds } from '../../report/figure';
import type { Cell, Findings, Setup, Results, Row, WideTable } from '../../runs/study';
import { meanOf, sdOf } from '../spread';
import {
  SIZES,
  SYSTEMS,
  type SynthesisErrors,
  type ResultOfStudy,
  type SettingsOfStudy,
  type SystemName,
} from './speechCells';
import { codesIn } from './stored';

type Spoke = Exclude<ResultOfStudy, { readonly kind: 'judge' }>;
type Judged = Extract<ResultOfStudy, { readonly kind: 'judge' }>;

/** Who makes sounds, by the names that judges have for them. */
const NAMES: Readonly<Record<string, string>> = {
  recordings: 'recordings',
  vocoder: 'recordings by way of the vocoder',
  griffinLim: 'recordings by way of Griffin-Lim',
  parametric: 'LSTM, parametric',
  'wavenet, told features, of recordings': 'WaveNet, told the features of recordings',
  'wavenet, told features': 'WaveNet, told what the parametric LSTM says',
  wavenet: 'WaveNet, told digit and speaker',
  lstm: 'LSTM sample by sample, told digit and speaker',
};

/** Merlin's demo, feed-forward nets on 50 utterances of a speaker. */
const MERLIN: SynthesisErrors = { distortion: 6.59, pitch: 15.3, voicing: 0.088 };

interface Entry {
  readonly key: string;
  readonly digits: readonly number[];
  readonly speakers: readonly number[];
  readonly words: number;
}

/** The table, the pictures and the words of the study. */
export function findings(
  setup: Setup,
  cells: readonly Cell<SettingsOfStudy>[],
  results: Results<ResultOfStudy>,
): Findings {
  const known = cells.flatMap(({ id }) => results.get(id) ?? []);
  const judges = known.filter((one): one is Judged => one.kind === 'judge');
  const spoke = (name: SystemName) => results.get(name) as Spoke | undefined;
  const entries = entriesOf(judges);
  const parametric = spoke('parametric');
  return {
    remark: remarkOn(entries, parametric),
    against: againstOf(entries, setup),
    rows: [...entries.map(rowOf), ...figureRows(parametric)],
    table: tableOf(entries, SYSTEMS.map(spoke), parametric),
    figures: [understoodFigure(entries), ...soundFigures(SYSTEMS.map(spoke)), curves(SYSTEMS.map(spoke))],
    notes: notesOf(setup),
  };
}

/** What all judges understood, by who spoke. */
function entriesOf(judges: readonly Judged[]): Entry[] {
  const all = judges.map(({ understood }) => understood);
  return Object.keys(NAMES)
    .filter((key) => all.length && all.every((one) => one[key]))
    .map((key) => ({
      key,
      digits: all.map((one) => one[key].digits),
      speakers: all.map((one) => one[key].speakers),
      words: all[0][key].words,
    }));
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const digitsOf = (entries: readonly Entry[], key: string): number | null =>
  meanOf(entries.find((one) => one.key === key)?.digits ?? []);

function remarkOn(entries: readonly Entry[], parametric: Spoke | undefined): string {
  const said = entries.map(({ key, digits }) => `${NAMES[key]} ${percent(meanOf(digits)!)}`);
  const errors = parametric?.kind === 'parametric' ? parametric.errors : null;
  const words =
    errors &&
    ` The parametric LSTM is off by ${errors.distortion.toFixed(1)} dB of mel-cepstral distortion, ` +
      `${errors.pitch.toFixed(0)} Hz, and ${(100 * errors.voicing).toFixed(0)} % of frames in voicing.`;
  return `Digits that recognisers understand: ${said.join('; ')}.${words ?? ''}`;
}

/** What speaks against the claim, and what these numbers cannot say. */
function againstOf(entries: readonly Entry[], { budget }: Setup): string[] {
  const own = digitsOf(entries, 'parametric');
  const others = ['wavenet, told features', 'wavenet'].map((key) => [key, digitsOf(entries, key)] as const);
  const behind = others.filter(([, value]) => own !== null && value !== null && value < own);
  const names = behind.map(([key, value]) => `${NAMES[key]} (${percent(value!)})`);
  const { sampleSteps, batch, length } = SIZES[budget];
  const seen = (sampleSteps * batch * length).toLocaleString('en');
  return [
    ...(names.length
      ? [
          `Understood less often than the parametric LSTM (${percent(own!)}): ${names.join(' and ')}. Models of ` +
            `samples have seen ${seen} samples here, which is little for them.`,
        ]
      : []),
    'The published comparison is of mean opinion scores. Nobody has listened here, and a recogniser does not mind ' +
      'what a listener minds: understood is not natural.',
    'What is made is 20 words, each once: a share is known to about ten points.',
  ];
}

const rowOf = ({ key, digits, words }: Entry): Row => ({
  model: NAMES[key],
  task: 'speech',
  setting: `${words} words`,
  metric: 'digits understood',
  ours: meanOf(digits),
  n: digits.length,
  sd: sdOf(digits),
  published: null,
});

/** The parametric LSTM beside Merlin's demo. */
function figureRows(parametric: Spoke | undefined): Row[] {
  if (parametric?.kind !== 'parametric') return [];
  const units = {
    distortion: 'mel-cepstral distortion, dB',
    pitch: 'error of the pitch, Hz',
    voicing: 'voicing errors',
  } as const;
  const rows = (model: string, errors: SynthesisErrors | null, elsewhere?: string) =>
    (Object.keys(units) as (keyof SynthesisErrors)[]).map((key) => ({
      model,
      task: 'speech',
      setting: 'recordings of the test, frame by frame',
      metric: units[key],
      ours: errors?.[key] ?? null,
      published: elsewhere ? MERLIN[key] : null,
      ...(elsewhere && { elsewhere }),
    }));
  return [
    ...rows(NAMES.parametric, parametric.errors, 'Merlin, 50 utterances of slt_arctic, aligned by states'),
    ...rows(NAMES.vocoder, parametric.copies.vocoder),
    ...rows(NAMES.griffinLim, parametric.copies.griffinLim),
  ];
}

function tableOf(
  entries: readonly Entry[],
  spoke: readonly (Spoke | undefined)[],
  parametric: Spoke | undefined,
): WideTable {
  const errorsBy: Readonly<Record<string, SynthesisErrors | null>> =
    parametric?.kind === 'parametric' ? { parametric: parametric.errors, ...parametric.copies } : {};
  const shown = (values: readonly number[]) => {
    const sd = sdOf(values);
    return `${percent(meanOf(values)!)}${sd === undefined ? '' : ` ± ${(100 * sd).toFixed(0)}`}`;
  };
  return {
    head: [
      'who speaks',
      'parameters',
      'words',
      'digits understood',
      'speakers',
      'distortion, dB',
      'pitch, Hz',
      'voicing',
    ],
    rows: entries.map(({ key, digits, speakers, words }) => {
      const system = SYSTEMS.findIndex((name) => key.startsWith(name));
      const errors = errorsBy[key] ?? null;
      return [
        NAMES[key],
        spoke[system]?.trained.parameters.toLocaleString('en') ?? null,
        words,
        shown(digits),
        shown(speakers),
        errors && Number(errors.distortion.toFixed(2)),
        errors && Number(errors.pitch.toFixed(1)),
        errors && `${(100 * errors.voicing).toFixed(1)} %`,
      ];
    }),
  };
}

const understoodFigure = (entries: readonly Entry[]): Figure => ({
  kind: 'plot',
  title: 'How much is understood',
  caption: 'Digits of which recognisers say the right one; each is one recogniser.',
  x: { name: 'who speaks', categories: entries.map(({ key }) => NAMES[key]) },
  y: { name: 'share of words', min: 0, max: 1 },
  series: (entries[0]?.digits ?? []).map((_, j) => ({
    name: `recogniser ${j + 1}`,
    kind: 'dots',
    points: entries.map(({ digits }, i) => [i, digits[j]] as const),
  })),
});

/** Words of which there are pictures: "seven" by the first speaker, "three" by the second. */
const SHOWN = [7, 13];

function soundFigures(spoke: readonly (Spoke | undefined)[]): Figure[] {
  return SHOWN.flatMap((place): Sounds[] => {
    const sounds = spoke.flatMap((one, i) => {
      const text = one?.sounds[place];
      return text === undefined ? [] : [{ name: NAMES[SYSTEMS[i]], codes: [...codesIn(text)] }];
    });
    const title = `“${place % 10}” by ${place < 10 ? 'jackson' : 'george'}`;
    return sounds.length ? [{ kind: 'sounds', title, rate: RATE, sounds }] : [];
  });
}

const curves = (spoke: readonly (Spoke | undefined)[]): Figure => ({
  kind: 'plot',
  title: 'Models of samples: validation while training',
  x: { name: 'training step' },
  y: { name: 'nats per sample' },
  series: spoke.flatMap((one, color) =>
    one?.kind === 'samples'
      ? [
          {
            name: NAMES[SYSTEMS[color]],
            color,
            points: one.trained.curve.map(({ step, value }) => [step, value] as const),
          },
        ]
      : [],
  ),
});

function notesOf({ budget, seed }: Setup): string[] {
  const { judgeSteps, parametricSteps, sampleSteps, judges } = SIZES[budget];
  return [
    'Free Spoken Digit Dataset, jackson and george, 8,000 samples per second; test: recordings 0 to 4 of every ' +
      'digit, validation: 5 and 6, training: the rest.',
    `Recognisers: TCNs on 40 bands, ${judgeSteps} steps, seeds ${seed} to ${seed + judges - 1}, trained on ` +
      'recordings alone. Recordings and copies are all 100 of the test; systems say each digit once in both ' +
      'voices, in its mean duration.',
    `Parametric LSTM: ${parametricSteps} steps; its sound is made by a channel vocoder. ` +
      'Its figures are those of its parameters at the durations of the recordings, frame by frame ' +
      'without any alignment; those of recordings by way of the vocoder or of Griffin-Lim are of ' +
      'their sound, analysed again. Griffin-Lim is given log-mel spectra alone and finds no pitch in them.',
    `Models of samples: ${sampleSteps} steps; drawn at temperature 1.`,
  ];
}
