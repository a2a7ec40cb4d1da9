// Study `unstable`: gradient descent on the linear system h_t = a·h_{t-1} + x_t, inside (|a| < 1) and outside of the
// stable regime. Everything is computed in doubles on the host: float32 would overflow first, and the failure
// shown here must not be that of a number format.

import { Random } from '../../random';
import type { Plot } from '../../report/figure';
import { descend, inputs, lastGradient, truncationError } from './linearSystem';
import type { Budget, Cell, Findings, Plan, Results, Row, Study } from '../../runs/study';

type Settings =
  | {
      readonly part: 'gradient' | 'truncation';
      readonly a: number;
      readonly at: readonly number[];
      readonly seed: number;
    }
  | {
      readonly part: 'descent';
      readonly a: number;
      readonly start: number;
      readonly T: number;
      readonly steps: number;
      readonly seed: number;
    };

interface Measured {
  /** One for each of `at`: gradients or errors, and what theory says. */
  readonly values?: readonly number[];
  readonly theory?: readonly number[];
  /** For each learning rate the last loss as a share of the first; null where it was not finite. */
  readonly shares?: readonly (number | null)[];
  /** With the best learning rate: [step, share of the first loss]. */
  readonly curve?: readonly (readonly [number, number])[];
}

const COEFFICIENTS = [0.5, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.5];
const SIZES: Record<Budget, { T: number; steps: number }> = {
  small: { T: 60, steps: 500 },
  medium: { T: 100, steps: 5000 },
  full: { T: 200, steps: 50_000 },
};
/** 10 to 1e-24 in half decades. */
export const RATES = Array.from({ length: 51 }, (_, i) => Number((10 ** (1 - i / 2)).toPrecision(3)));
/** A descent that leaves less than this of its first loss has worked. */
const ENOUGH = 0.01;
const DISTANCE = 0.3;

/** The first ten steps, then two hundredths more each time: evenly spaced on a logarithmic axis. */
const isKept = (step: number): boolean =>
  step > 0 && (step <= 10 || Math.floor(50 * Math.log(step)) > Math.floor(50 * Math.log(step - 1)));

function cells({ budget, seed }: Plan): Cell<Settings>[] {
  const { T, steps } = SIZES[budget];
  const lengths = [...new Set([1, 2, 3, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200].filter((t) => t <= T))];
  return COEFFICIENTS.flatMap((a): Cell<Settings>[] => {
    const start = Number((a - DISTANCE).toFixed(6));
    return [
      { id: `gradient/${a}`, settings: { part: 'gradient', a, at: lengths, seed } },
      {
        id: `truncation/${a}`,
        settings: { part: 'truncation', a, at: lengths.filter((k) => k < T / 2), seed },
      },
      { id: `descent/${a}`, settings: { part: 'descent', a, start, T, steps, seed } },
    ];
  });
}

function measure(settings: Settings): Measured {
  const { a, seed } = settings;
  const random = new Random(seed).fork('inputs');
  if (settings.part !== 'descent') {
    const { part, at } = settings;
    if (part === 'gradient') {
      const values = at.map((T) => lastGradient(a, T));
      return { values, theory: at.map((T) => T * a ** (T - 1)) };
    }
    const x = inputs(2 * Math.max(...at), random);
    return { values: at.map((k) => truncationError(a, k, x)), theory: at.map((k) => a ** k) };
  }
  const { start, steps, T } = settings;
  const x = inputs(T, random);
  const descents = RATES.map((learningRate) => descend({ target: a, start, learningRate, steps, x }).losses);
  const shares = descents.map((losses) => finite(losses.at(-1)! / losses[0]));
  const best = shares.reduce<number>(
    (b, share, i) => ((share ?? Infinity) < (shares[b] ?? Infinity) ? i : b),
    0,
  );
  const losses = descents[best];
  const curve = losses.flatMap((loss, step): [number, number][] =>
    isKept(step) || step === losses.length - 1 ? [[step, loss / losses[0]]] : [],
  );
  return { shares, curve };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const best = ({ shares }: Measured): number => Math.min(...shares!.map((share) => share ?? Infinity));
const working = ({ shares }: Measured): number => shares!.filter((share) => (share ?? 1) <= ENOUGH).length;

function rowsOf(plan: Plan, results: Results<Measured>): Row[] {
  const { T, steps } = SIZES[plan.budget];
  return COEFFICIENTS.flatMap((a): Row[] => {
    const [gradient, truncation, descent] = ['gradient', 'truncation', 'descent'].map((p) =>
      results.get(`${p}/${a}`)!,
    );
    const about = { task: 'h = a·h + x', model: 'linear', setting: `a = ${a}` };
    const last = { ours: gradient.values!.at(-1)!, published: gradient.theory!.at(-1)! };
    const k = KEPT_INPUTS;
    const cut = cells(plan).find(({ id }) => id === `truncation/${a}`)!.settings as { at: readonly number[] };
    const at = cut.at.indexOf(k);
    const wrong = { ours: truncation.values![at], published: truncation.theory![at] };
    return [
      { ...about, metric: `gradient of h_T, T = ${T}`, ...last, relation: '=' },
      { ...about, metric: `|h − h^k| / |h_(t−k)|, k = ${k}`, ...wrong, relation: '=' },
      { ...about, metric: `loss left after ${steps} steps`, ours: best(descent), published: null },
      {
        ...about,
        metric: `learning rates that work, of ${RATES.length}`,
        ours: working(descent),
        published: null,
      },
    ];
  });
}

const KEPT_INPUTS = 20;

function figures(plan: Plan, results: Results<Measured>): Plot[] {
  const all = cells(plan);
  const measured = (part: Settings['part']) =>
    all
      .filter(({ settings }) => settings.part === part)
      .map((cell) => ({ ...cell, result: results.get(cell.id)! }));
  const name = (a: number) => `a = ${a}`;
  const shade = (a: number) => COEFFICIENTS.indexOf(a) / (COEFFICIENTS.length - 1);
  const againstTheory = (part: 'gradient' | 'truncation') =>
    measured(part).flatMap(({ settings, result }) => {
      const { at, a } = settings as { at: readonly number[]; a: number };
      const points = at.map((x, i) => [x, result.values![i]] as const);
      return { name: name(a), points, shade: shade(a), dashed: a > 1 };
    });
  return [
    {
      kind: 'plot',
      title: 'Loss, with the best of all learning rates',
      caption: `Each curve has the one learning rate of ${RATES.length}, from 1e-24 to 10, that ends lowest.`,
      x: { name: 'step of gradient descent', scale: 'log' },
      y: { name: 'share of the first loss that is left', scale: 'log', min: 1e-12, max: 2 },
      series: measured('descent').map(({ settings: { a }, result }) => {
        const points = result.curve!.map(([step, share]) => [step, Math.max(share, 1e-12)] as const);
        return { name: name(a), points, shade: shade(a), dashed: a > 1 };
      }),
    },
    {
      kind: 'plot',
      title: 'Which learning rates work',
      caption:
        'Inside the stable regime a range of them; outside none. Where a curve breaks off the loss has overflown.',
      x: { name: 'learning rate', scale: 'log', min: RATES.at(-1), max: RATES[0] },
      y: { name: 'share of the first loss that is left', scale: 'log', min: 1e-12, max: 1e3 },
      series: measured('descent').map(({ settings: { a }, result }) => {
        const points = result.shares!.flatMap((share, i): [number, number][] =>
          share !== null && share <= 1e3 ? [[RATES[i], Math.max(share, 1e-12)]] : [],
        );
        return { name: name(a), points: points.reverse(), shade: shade(a), dashed: a > 1 };
      }),
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

function findings(plan: Plan, results: Results<Measured>): Findings {
  const ended = COEFFICIENTS.map((a) => ({ a, count: working(results.get(`descent/${a}`)!) }));
  const works = ended.filter(({ count }) => count > 0).map(({ a }) => a);
  const fails = ended.filter(({ count }) => count === 0).map(({ a }) => a);
  const { T, steps } = SIZES[plan.budget];
  const outcome = fails.length
    ? `it does for a = ${works.join(', ')}, and with no learning rate for a = ${fails.join(', ')}`
    : 'it does for all a, with some learning rate';
  const asked = `from ${T} steps of input and output, from ${DISTANCE} below it, in ${steps} steps`;
  return {
    remark: `Gradient descent is asked to find a ${asked}: ${outcome}.`,
    rows: rowsOf(plan, results),
    figures: figures(plan, results),
    notes: [
      `Inputs are standard normal, h_0 = 0; the loss is the mean square of h_t(a) − h_t(target) over ${T} steps.`,
      `A descent has worked when less than ${100 * ENOUGH} % of its first loss is left.`,
      'The gradient is that of h_T for h_0 = 1 and no further input. Published: the formula.',
    ],
  };
}

export const unstable: Study<Settings, Measured> = {
  name: 'unstable',
  title: 'Gradient descent outside the stable regime',
  claim: 'outside the stable regime gradient descent cannot be expected to work, even for h = a·h + x',
  source: 'Miller (2018); Miller & Hardt, "Stable Recurrent Models" (arXiv 1805.10369)',
  onHost: true,
  cells,
  run: async ({ settings }) => measure(settings),
  findings,
};
