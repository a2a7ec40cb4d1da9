// What study `twins` finds: how far the weights of a model and of its truncation end apart, by k and by λ.

import type { Figure } from '../../report/figure';
import { LAMBDAS, SIZES, idOf, nameOf, type TwinsResult } from './twinsCells';
import type { Findings, Setup, Results, Row, WideTable } from '../../runs/study';

type Lambda = (typeof LAMBDAS)[number];

const last = (values: readonly number[]): number => values[values.length - 1];

/** The distance to the i-th twin at the end, as a share of the way that the recurrent model has gone. */
export const shareOf = ({ apart, travelled }: TwinsResult, i: number): number =>
  last(apart[i]) / last(travelled);

const shade = (i: number, count: number): number => (count > 1 ? i / (count - 1) : 0);
const percent = (value: number): string => `${Number((100 * value).toPrecision(2))} %`;

/** The table, the pictures and the words of the study. */
export function twinsFindings(setup: Setup, results: Results<TwinsResult>): Findings {
  const { ks, steps, hidden, T } = SIZES[setup.budget];
  const of = (lambda: Lambda) => results.get(idOf(lambda))!;
  const end = ks.length - 1;
  const told = LAMBDAS.map(
    (lambda) =>
      `${nameOf(lambda)}: ${percent(shareOf(of(lambda), 0))} to ${percent(shareOf(of(lambda), end))}`,
  );
  return {
    remark: `From k = ${ks[0]} to k = ${ks[end]} the twins end apart by this share of the way: ${told.join('; ')}.`,
    against: [
      `Unconstrained twins come nearer with k too: ${percent(shareOf(of(undefined), 0))} to ` +
        `${percent(shareOf(of(undefined), end))}.`,
      'One seed, one model and one task; below 1e-5 of the way rounding to f32 ends the fall.',
    ],
    rows: LAMBDAS.flatMap((lambda) =>
      ks.map((k, i): Row => ({
        model: 'rnn',
        task: 'jsb',
        setting: `${nameOf(lambda)}, k = ${k}`,
        published: null,
        metric: `‖w − w_k‖ / ‖w − w_0‖ after ${steps} steps`,
        ours: shareOf(of(lambda), i),
        n: 1,
      })),
    ),
    table: tableOf(ks, of),
    figures: [byK(setup, of), ...[0.5, 0.99, undefined].map((lambda) => course(lambda, ks, of(lambda)))],
    notes: [
      `A tanh RNN of ${hidden} units on the first ${T} steps of the JSB Chorales; all see the same batches.`,
      'Stochastic gradient descent with a constant rate; the published bound is for a rate that falls as 1/t.',
    ],
  };
}

/** A line for each bound, a column for each k. */
const tableOf = (ks: readonly number[], of: (lambda: Lambda) => TwinsResult): WideTable => ({
  head: ['‖w − w_k‖ / ‖w − w_0‖', ...ks.map((k) => `k = ${k}`)],
  rows: LAMBDAS.map((lambda) => [
    nameOf(lambda),
    ...ks.map((_, i) => shareOf(of(lambda), i).toExponential(1)),
  ]),
});

const byK = ({ budget }: Setup, of: (lambda: Lambda) => TwinsResult): Figure => ({
  kind: 'plot',
  title: 'How far the twins end apart',
  caption: `After ${SIZES[budget].steps} steps, as a share of the way that the recurrent one has gone.`,
  x: { name: 'k, inputs that the truncated twin sees' },
  y: { name: '‖w − w_k‖ / ‖w − w_0‖', scale: 'log' },
  series: LAMBDAS.map((lambda, i) => ({
    name: nameOf(lambda),
    points: SIZES[budget].ks.map((k, j) => [k, shareOf(of(lambda), j)] as const),
    shade: shade(i, LAMBDAS.length),
  })),
});

const course = (lambda: Lambda, ks: readonly number[], { at, apart }: TwinsResult): Figure => ({
  kind: 'plot',
  title: `During training, ${nameOf(lambda)}`,
  x: { name: 'training step' },
  y: { name: '‖w − w_k‖', scale: 'log' },
  series: ks.map((k, i) => ({
    name: `k = ${k}`,
    points: at.map((step, j) => [step, apart[i][j]] as const).filter(([, value]) => value > 0),
    shade: shade(i, ks.length),
  })),
});
