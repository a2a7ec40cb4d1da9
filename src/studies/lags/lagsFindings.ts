// What study `lags` makes of its measurements.

import type { Figure, Series } from '../../report/figure';
import { LAMBDA, MODELS, SIZES, idOf, type LagsResult, type Moment } from './lagsCells';
import type { Findings, Setup, Results, Row, WideTable } from '../../runs/study';

const VARIANTS = [
  { name: 'unconstrained', stable: false },
  { name: `stable, λ ≤ ${LAMBDA}`, stable: true },
];

/** A model in one of its variants. */
interface Subject {
  readonly model: 'rnn' | 'lstm';
  readonly name: string;
  readonly stable: boolean;
  readonly found: LagsResult;
}

const subjectsOf = (results: Results<LagsResult>): Subject[] =>
  MODELS.flatMap((model) =>
    VARIANTS.map(({ name, stable }) => ({ model, name, stable, found: results.get(idOf(model, stable))! })),
  );

const titleOf = ({ model, name }: Subject): string => `${model.toUpperCase()} ${name}`;

/** Shares of the first: what is left after i more steps. */
const shares = (values: readonly number[]): [number, number][] =>
  values.flatMap((value, i): [number, number][] =>
    value > 0 && values[0] > 0 ? [[i, value / values[0]]] : [],
  );

/** Steps until less than a hundredth is left; null where it never is. */
function reach(values: readonly number[]): number | null {
  const at = values.findIndex((value) => value < values[0] / 100);
  return at < 0 ? null : at;
}

const end = ({ moments }: LagsResult): Moment => moments[moments.length - 1];

/** The table, the pictures and the words of the study. */
export function lagsFindings(setup: Setup, results: Results<LagsResult>): Findings {
  const { hidden, epochs, lags } = SIZES[setup.budget];
  const subjects = subjectsOf(results);
  return {
    remark: `${subjects.map(remarkOn).join('. ')}.`,
    against: againstOf(subjects),
    rows: subjects.flatMap(rowsOf),
    table: tableOf(subjects, lags),
    figures: [
      ...byLag(
        subjects,
        'gradient by lag',
        'share of the gradient at the first lag',
        ({ gradient }) => gradient,
      ),
      ...byLag(subjects, 'sensitivity by lag', 'share of that to the present input', (m) => m.sensitivity),
      ...subjects.filter(({ stable }) => !stable).map(course),
      spectra(subjects.filter(({ model }) => model === 'rnn')),
    ],
    notes: [
      `JSB Chorales, one layer of ${hidden} units, ${epochs} epochs, one seed; measured on test up to lag ${lags}.`,
      'At the start: before the first step of training, projected where the model is kept stable.',
      'Gone: less than 1 % is left, after so many lags. A step keeps: the median over the data.',
      'The state of an LSTM is h and c together; of its W_hh all gates are taken as one matrix. A difference is that ' +
        'of two states that were visited on the data, its size the Euclidean norm.',
    ],
  };
}

const three = (value: number): string => String(Number(value.toPrecision(3)));

function remarkOn(subject: Subject): string {
  const { contraction, gradient, singular } = end(subject.found);
  const left = reach(gradient);
  const gone = left === null ? `not within ${gradient.length} lags` : `after ${left} lags`;
  const within = contraction.worst < 1 ? 'no step on the data widened' : 'some steps on the data widened';
  const kept = `${within} a difference (worst ${three(contraction.worst)})`;
  return `${titleOf(subject)}: ‖W_hh‖ ${three(singular[0])}, and ${kept}; 1 % of the gradient is left ${gone}`;
}

/** Models that are not in the stable regime even on the data, and those whose gradient does not fade. */
function againstOf(subjects: readonly Subject[]): string[] {
  const wide = subjects.filter(({ found }) => end(found).contraction.worst >= 1);
  const long = subjects.filter(({ found }) => reach(end(found).gradient) === null);
  const sensitive = subjects.filter(({ found }) => reach(end(found).sensitivity) === null);
  const said = (list: readonly Subject[], of: (moment: Moment) => number) =>
    list.map((one) => `${titleOf(one)} (worst ${three(of(end(one.found)))})`).join(', ');
  return [
    ...(wide.length
      ? [`Steps on the data widen differences: ${said(wide, ({ contraction }) => contraction.worst)}.`]
      : []),
    ...(long.length
      ? [`More than 1 % of the gradient is left at all lags: ${long.map(titleOf).join(', ')}.`]
      : []),
    ...(sensitive.length
      ? [`More than 1 % of the sensitivity is left at all lags: ${sensitive.map(titleOf).join(', ')}.`]
      : []),
  ];
}

const MOMENTS = [
  ['at the start', ({ moments }: LagsResult) => moments[0]],
  ['trained', end],
] as const;

function rowsOf({ model, name, found }: Subject): Row[] {
  const row = { model, task: 'jsb', setting: name, n: 1, published: null };
  return [
    { ...row, metric: 'nats per step, test', ours: found.test },
    ...MOMENTS.flatMap(([when, of]): Row[] => {
      const { gradient, sensitivity, contraction, singular } = of(found);
      return [
        { ...row, metric: `lags until 1 % of the gradient is left, ${when}`, ours: reach(gradient) },
        { ...row, metric: `lags until 1 % of the sensitivity is left, ${when}`, ours: reach(sensitivity) },
        { ...row, metric: `a step keeps of a difference, median, ${when}`, ours: contraction.median },
        { ...row, metric: `a step keeps of a difference, worst, ${when}`, ours: contraction.worst },
        { ...row, metric: `‖W_hh‖₂, ${when}`, ours: singular[0], norm: singular[0] },
      ];
    }),
  ];
}

function tableOf(subjects: readonly Subject[], lags: number): WideTable {
  const lagsText = (values: readonly number[]) =>
    String(reach(values) ?? `over ${Math.min(lags, values.length)}`);
  return {
    head: [
      'model',
      'when',
      'test',
      'gradient gone after',
      'sensitivity gone after',
      'a step keeps',
      'at worst',
      '‖W_hh‖₂',
    ],
    rows: subjects.flatMap((subject) =>
      MOMENTS.map(([when, of], i) => {
        const { found } = subject;
        const { gradient, sensitivity, contraction, singular } = of(found);
        return [
          titleOf(subject),
          when,
          i ? (found.test?.toFixed(3) ?? null) : null,
          lagsText(gradient),
          lagsText(sensitivity),
          ...[contraction.median, contraction.worst, singular[0]].map((value) => value.toFixed(3)),
        ];
      }),
    ),
  };
}

/** A picture for each model, over what is left of the first value. */
const byLag = (
  subjects: readonly Subject[],
  title: string,
  y: string,
  of: (moment: Moment) => readonly number[],
): Figure[] =>
  MODELS.map((model) => ({
    kind: 'plot',
    title: `${model.toUpperCase()}: ${title}`,
    caption: 'Dashed: at the start. Solid: trained.',
    x: { name: 'lag' },
    y: { name: y, scale: 'log' },
    series: subjects
      .filter((subject) => subject.model === model)
      .flatMap(({ name, found }, color): Series[] => [
        { name: `${name}, at the start`, points: shares(of(found.moments[0])), color, dashed: true },
        { name: `${name}, trained`, points: shares(of(end(found))), color },
      ]),
  }));

const course = ({ model, found }: Subject): Figure => ({
  kind: 'plot',
  title: `${model.toUpperCase()}: the gradient during training, unconstrained`,
  x: { name: 'lag' },
  y: { name: 'share of the gradient at the first lag', scale: 'log' },
  series: found.moments.map(({ step, gradient }, i, all) => ({
    name: `step ${step}`,
    points: shares(gradient),
    shade: i / Math.max(1, all.length - 1),
  })),
});

const spectra = (subjects: readonly Subject[]): Figure => ({
  kind: 'plot',
  title: 'Singular values of W_hh of the trained RNN',
  x: { name: 'rank' },
  y: { name: 'singular value' },
  series: subjects.map(({ name, found }, color) => ({
    name,
    points: end(found).singular.map((value, i) => [i + 1, value] as const),
    color,
  })),
  marks: [{ name: 'λ', value: LAMBDA }],
});
