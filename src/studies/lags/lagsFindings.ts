// What study `lags` makes of its measurements.

import type { Figure, Series } from '../../report/figure';
import { LAMBDA, MODELS, SIZES, idOf, type Measured, type Moment } from './lagsCells';
import type { Findings, Plan, Results, Row } from '../../runs/study';

const VARIANTS = [
  { name: 'unconstrained', stable: false },
  { name: `stable, λ = ${LAMBDA}`, stable: true },
];

/** As a share of the first: what is left after i more steps. */
const shares = (values: readonly number[]): [number, number][] =>
  values.flatMap((value, i): [number, number][] =>
    value > 0 && values[0] > 0 ? [[i, value / values[0]]] : [],
  );

/** Steps until less than a hundredth is left; the number of lags where it never is. */
const reach = (values: readonly number[]): number => {
  const at = values.findIndex((value) => value < values[0] / 100);
  return at < 0 ? values.length : at;
};

const end = ({ moments }: Measured): Moment => moments[moments.length - 1];

export function lagsFindings(plan: Plan, results: Results<Measured>): Findings {
  const { hidden, epochs, lags } = SIZES[plan.budget];
  const rows: Row[] = [];
  const told: string[] = [];
  for (const model of MODELS) {
    for (const { name, stable } of VARIANTS) {
      const found = results.get(idOf(model, stable))!;
      const row = { model, task: 'jsb', setting: name, published: null };
      rows.push({ ...row, metric: 'nats per step, test', ours: found.test });
      for (const [when, moment] of [
        ['at the start', found.moments[0]],
        ['trained', end(found)],
      ] as const) {
        rows.push(
          { ...row, metric: `lags until 1 % of the gradient is left, ${when}`, ours: reach(moment.gradient) },
          {
            ...row,
            metric: `lags until 1 % of the sensitivity is left, ${when}`,
            ours: reach(moment.sensitivity),
          },
          {
            ...row,
            metric: `a step keeps of a difference, median, ${when}`,
            ours: moment.contraction.median,
          },
          { ...row, metric: `a step keeps of a difference, worst, ${when}`, ours: moment.contraction.worst },
          { ...row, metric: `largest singular value of W_hh, ${when}`, ours: moment.singular[0] },
        );
      }
      const { contraction, gradient, singular } = end(found);
      const [norm, worst] = [singular[0], contraction.worst].map((value) => Number(value.toPrecision(3)));
      const within = worst < 1 ? 'no step on the data did' : 'some steps on the data did';
      const left = reach(gradient);
      const gone = left < gradient.length ? `after ${left} lags` : `not within ${gradient.length} lags`;
      const kept = `‖W_hh‖ ${norm}, and ${within} widen a difference (worst ${worst})`;
      told.push(`${model.toUpperCase()} ${name}: ${kept}; 1 % of the gradient is left ${gone}`);
    }
  }
  const plot = (title: string, y: string, x: string, of: (moment: Moment) => readonly number[]): Figure[] =>
    MODELS.map((model) => ({
      kind: 'plot',
      title: `${model.toUpperCase()}: ${title}`,
      caption: 'Dashed: at the start. Solid: trained.',
      x: { name: x },
      y: { name: y, scale: 'log' },
      series: VARIANTS.flatMap(({ name, stable }, color): Series[] => {
        const found = results.get(idOf(model, stable))!;
        return [
          { name: `${name}, at the start`, points: shares(of(found.moments[0])), color, dashed: true },
          { name: `${name}, trained`, points: shares(of(end(found))), color },
        ];
      }),
    }));
  const course: Figure[] = MODELS.map((model) => ({
    kind: 'plot',
    title: `${model.toUpperCase()}: the gradient during training, unconstrained`,
    x: { name: 'lag' },
    y: { name: 'share of the gradient at the first lag', scale: 'log' },
    series: results.get(idOf(model, false))!.moments.map(({ step, gradient }, i, all) => ({
      name: `step ${step}`,
      points: shares(gradient),
      shade: i / Math.max(1, all.length - 1),
    })),
  }));
  const spectra: Figure = {
    kind: 'plot',
    title: 'Singular values of W_hh of the trained RNN',
    x: { name: 'rank' },
    y: { name: 'singular value' },
    series: VARIANTS.map(({ name, stable }, color) => ({
      name,
      points: end(results.get(idOf('rnn', stable))!).singular.map((value, i) => [i + 1, value] as const),
      color,
    })),
    marks: [{ name: 'λ', value: LAMBDA }],
  };
  return {
    remark: `${told.join('. ')}.`,
    rows,
    figures: [
      ...plot('gradient by lag', 'share of the gradient at the first lag', 'lag', ({ gradient }) => gradient),
      ...plot('sensitivity by lag', 'share of that to the present input', 'lag', (m) => m.sensitivity),
      ...course,
      spectra,
    ],
    notes: [
      `JSB Chorales, one layer of ${hidden} units, ${epochs} epochs; measured on the test split up to lag ${lags}.`,
      'The state of an LSTM is h and c together; of its W_hh all gates are taken as one matrix.',
    ],
  };
}
