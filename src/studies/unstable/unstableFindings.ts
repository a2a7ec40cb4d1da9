// What study `unstable` finds: the theorems' rows, where descent works, and how wide the basin of the target is.

import type { Figure, Plot, Series } from '../../report/figure';
import {
  COEFFICIENTS,
  DISTANCE,
  DISTANCES,
  ENOUGH,
  RATES,
  SIZES,
  cells,
  idOf,
  type UnstableResult,
  type UnstableSettings,
} from './unstableCells';
import type { Findings, Setup, Results, Row } from '../../runs/study';

type Found = Results<UnstableResult>;

const best = ({ shares }: UnstableResult): number => Math.min(...shares!.map((share) => share ?? Infinity));
const working = ({ shares }: UnstableResult): number =>
  shares!.filter((share) => (share ?? 1) <= ENOUGH).length;

const widthOf = (results: Found, a: number, T: number): number => results.get(idOf('basin', a, T))!.width!;

const SHOWN_INPUTS = 20;

function rowsOf(setup: Setup, results: Found): Row[] {
  const { T, steps, basins } = SIZES[setup.budget];
  return COEFFICIENTS.flatMap((a): Row[] => {
    const [gradient, truncation, descent] = (['gradient', 'truncation', 'descent'] as const).map((part) =>
      results.get(idOf(part, a))!,
    );
    const about = { task: 'h = a·h + x', model: 'linear', setting: `a = ${a}` };
    const at = atOf(setup, 'truncation', a).indexOf(SHOWN_INPUTS);
    const far = { ...about, setting: `a = ${a}, from ${DISTANCE} below, T = ${T}`, published: null };
    return [
      {
        ...about,
        metric: `gradient of h_T, T = ${T}`,
        ours: gradient.values!.at(-1)!,
        published: gradient.theory!.at(-1)!,
        relation: '=',
      },
      {
        ...about,
        metric: `|h − h^k| / |h_(t−k)|, k = ${SHOWN_INPUTS}`,
        ours: truncation.values![at],
        published: truncation.theory![at],
        relation: '=',
      },
      { ...far, metric: `loss left after ${steps} steps`, ours: best(descent) },
      { ...far, metric: `learning rates that work, of ${RATES.length}`, ours: working(descent) },
      ...basins.map((length): Row => ({
        ...about,
        setting: `a = ${a}, T = ${length}`,
        metric: 'farthest start below the target from which some rate works',
        ours: widthOf(results, a, length),
        published: null,
      })),
    ];
  });
}

function atOf(setup: Setup, part: 'gradient' | 'truncation', a: number): readonly number[] {
  const { settings } = cells(setup).find(({ id }) => id === idOf(part, a))!;
  return 'at' in settings ? settings.at : [];
}

const shade = (a: number): number => COEFFICIENTS.indexOf(a) / (COEFFICIENTS.length - 1);

/** A line for each coefficient, dashed outside the stable regime. */
const lines = (pointsOf: (a: number) => readonly (readonly [number, number])[]): Series[] =>
  COEFFICIENTS.map((a) => ({ name: `a = ${a}`, points: pointsOf(a), shade: shade(a), dashed: a > 1 }));

function figures(setup: Setup, results: Found): Figure[] {
  const of = (part: UnstableSettings['part'], a: number) => results.get(idOf(part, a))!;
  const { basins } = SIZES[setup.budget];
  const againstTheory = (part: 'gradient' | 'truncation') =>
    lines((a) => atOf(setup, part, a).map((x, i) => [x, of(part, a).values![i]] as const));
  return [
    lossFigure(results),
    ratesFigure(results),
    {
      kind: 'plot',
      title: 'How near a descent must start',
      caption: `The farthest start below a from which some rate of ${RATES.length} leaves less than 1 % of the loss.`,
      x: { name: 'T', scale: 'log' },
      y: { name: 'distance below a', min: 0, max: DISTANCES.at(-1) },
      series: lines((a) => basins.map((T) => [T, widthOf(results, a, T)] as const)),
    },
    {
      kind: 'plot',
      title: 'Gradient of the last state with respect to a',
      caption: 'By backpropagation through time; theory says T·a^(T−1).',
      x: { name: 'T', scale: 'log' },
      y: { name: 'gradient of h_T', scale: 'log', min: 1e-12 },
      series: againstTheory('gradient'),
    },
    {
      kind: 'plot',
      title: 'What a model misses that sees only k inputs',
      caption: '|h_t − h_t^k| / |h_(t−k)|, the mean over t; theory says |a|^k.',
      x: { name: 'k' },
      y: { name: 'relative error of the state', scale: 'log', min: 1e-6 },
      series: againstTheory('truncation'),
    },
  ];
}

const lossFigure = (results: Found): Plot => ({
  kind: 'plot',
  title: `Loss, with the best of all learning rates, from ${DISTANCE} below a`,
  caption: `Each curve has the one learning rate of ${RATES.length}, from 1e-24 to 10, that ends lowest.`,
  x: { name: 'step of gradient descent', scale: 'log' },
  y: { name: 'share of the first loss that is left', scale: 'log', min: 1e-12, max: 2 },
  series: lines((a) =>
    results.get(idOf('descent', a))!.curve!.map(([step, share]) => [step, Math.max(share, 1e-12)] as const),
  ),
});

const ratesFigure = (results: Found): Plot => ({
  kind: 'plot',
  title: `Which learning rates work, from ${DISTANCE} below a`,
  caption: 'Inside the stable regime a range of them. Where a curve breaks off the loss has overflown.',
  x: { name: 'learning rate', scale: 'log', min: RATES.at(-1), max: RATES[0] },
  y: { name: 'share of the first loss that is left', scale: 'log', min: 1e-12, max: 1e3 },
  series: lines((a) => {
    const { shares } = results.get(idOf('descent', a))!;
    const points = shares!.flatMap((share, i): [number, number][] =>
      share !== null && share <= 1e3 ? [[RATES[i], Math.max(share, 1e-12)]] : [],
    );
    return points.reverse();
  }),
});

/** The table, the pictures and the words of the study. */
export function unstableFindings(setup: Setup, results: Found): Findings {
  const { T, steps, basins } = SIZES[setup.budget];
  return {
    remark: remarkOn(setup, results),
    against: againstOf(setup, results),
    rows: rowsOf(setup, results),
    figures: figures(setup, results),
    notes: [
      `Inputs are standard normal, h_0 = 0; the loss is the mean square of h_t(a) − h_t(target) over T steps, of ` +
        `which the first two pictures have ${T}, the third ${basins.join(', ')}; ${steps} steps of descent, one seed.`,
      `A descent has worked when less than ${100 * ENOUGH} % of its first loss is left.`,
      `Starts lie ${DISTANCES.join(', ')} below the target.`,
      'The gradient is that of h_T for h_0 = 1 and no further input. Published: the formula.',
    ],
  };
}

function remarkOn(setup: Setup, results: Found): string {
  const { T, steps } = SIZES[setup.budget];
  const count = (a: number) => working(results.get(idOf('descent', a))!);
  const works = COEFFICIENTS.filter((a) => count(a) > 0);
  const fails = COEFFICIENTS.filter((a) => count(a) === 0);
  const asked = `from ${T} steps of input and output, from ${DISTANCE} below it, in ${steps} steps`;
  const outcome = fails.length
    ? `it does for a = ${works.join(', ')}, and with none of ${RATES.length} fixed rates for a = ${fails.join(', ')}`
    : 'it does for all a, with some learning rate';
  const inside = COEFFICIENTS.filter((a) => a < 1).map((a) => widthOf(results, a, T));
  const outside = COEFFICIENTS.filter((a) => a > 1).map((a) => `${widthOf(results, a, T)} for a = ${a}`);
  return (
    `Gradient descent is asked to find a ${asked}: ${outcome}. How near it must start, at T = ${T}: within ` +
    `${Math.min(...inside)} below a or more inside the stable regime, within ${outside.join(', ')} outside.`
  );
}

/** Starts near the target, and short sequences, from which descent works outside the stable regime too. */
function againstOf(setup: Setup, results: Found): string[] {
  const { T, basins } = SIZES[setup.budget];
  const outside = COEFFICIENTS.filter((a) => a > 1);
  const near = outside.filter((a) => widthOf(results, a, T) > 0);
  const widths = near.map((a) => `${widthOf(results, a, T)} for a = ${a}`).join(', ');
  const short = basins[0];
  const easy = outside.filter((a) => widthOf(results, a, short) >= DISTANCE);
  return [
    ...(near.length
      ? [`From near enough a fixed rate works outside the stable regime too, at T = ${T}: ${widths}.`]
      : []),
    ...(easy.length
      ? [`At T = ${short} some rate works from ${DISTANCE} below, as inside: a = ${easy.join(', ')}.`]
      : []),
  ];
}
