// What study `gating` finds: of every unit its best learning rate, its seeds, and what their differences are worth.

import { GATED_UNITS, type GatedUnit } from '../../nn/gatedConv/gatedConv';
import { baselinesIn, type Baseline } from '../baselines';
import { differenceText, meanOf, pairedDifference, spreadOf, verdictOf } from '../spread';
import { BASELINES, NAMES, SIZES, TAPS, idOf, seedsOf, widthOf, type GatingResult } from './gatingCells';
import type { Figure } from '../../report/figure';
import type { Findings, Setup, Results, Row } from '../../runs/study';
import type { Trained } from '../../runs/training';

/** A unit with the learning rate that was best on validation. */
interface Best {
  readonly activation: GatedUnit;
  readonly rate: number;
  /** A training for each seed. */
  readonly trained: readonly Trained[];
}

const testsOf = ({ trained }: Best): (number | null)[] => trained.map(({ test }) => test);

function bestOf(setup: Setup, results: Results<GatingResult>): Best[] {
  const { rates } = SIZES[setup.budget];
  const value = ({ trained }: Best) => meanOf(trained.map(({ valid }) => valid)) ?? Infinity;
  return GATED_UNITS.map((activation) =>
    rates
      .map((rate): Best => {
        const ids = Array.from({ length: seedsOf(setup) }, (_, i) => idOf(activation, rate, i));
        return { activation, rate, trained: ids.map((id) => results.get(id) as Trained) };
      })
      .reduce((best, next) => (value(next) < value(best) ? next : best)),
  );
}

/** The table, the pictures and the words of the study. */
export function gatingFindings(setup: Setup, results: Results<GatingResult>): Findings {
  const best = bestOf(setup, results);
  const baselines = baselinesIn(results, BASELINES);
  const of = (unit: GatedUnit) => best.find(({ activation }) => activation === unit)!;
  const value = (one: Best) => meanOf(testsOf(one)) ?? Infinity;
  const order = [...best]
    .sort((a, b) => value(a) - value(b))
    .map((one) => `${NAMES[one.activation]} ${meanOf(testsOf(one))?.toFixed(3) ?? 'diverged'}`);
  const pairs = [compared(of('glu'), of('relu')), compared(of('gtu'), of('tanh'))];
  return {
    remark: `From best to worst: ${order.join(', ')}. ${pairs.map(({ text }) => text).join('; ')}.`,
    against: [
      ...pairs
        .filter(({ shown }) => !shown)
        .map(({ names }) => `${names}: the published order is not shown here.`),
      ...betterThan(best, of('glu')),
      ...weak(best, baselines),
    ],
    rows: [...best.map((one) => rowOf(setup, one)), ...baselineRows(setup, baselines, best[0])],
    figures: [figureOf(best, baselines)],
    notes: notesOn(setup),
  };
}

/** Whether the first unit is better than the second beyond what seeds make of it. */
function compared(one: Best, other: Best): { text: string; names: string; shown: boolean } {
  const names = `${NAMES[one.activation]} against ${NAMES[other.activation]}`;
  const difference = pairedDifference(testsOf(one), testsOf(other));
  if (!difference) return { text: `${names}: no outcome`, names, shown: false };
  return { text: `${names} ${differenceText(difference)}`, names, shown: verdictOf(difference) === 'less' };
}

/** Units that are better than the GLU in the mean. */
function betterThan(best: readonly Best[], glu: Best): string[] {
  const better = best.filter(
    (one) => (meanOf(testsOf(one)) ?? Infinity) < (meanOf(testsOf(glu)) ?? -Infinity),
  );
  return better.length
    ? [`Better than the GLU in the mean: ${better.map(({ activation }) => NAMES[activation]).join(', ')}.`]
    : [];
}

function weak(best: readonly Best[], baselines: readonly Baseline[]): string[] {
  const strongest = [...baselines].sort((a, b) => a.test - b.test)[0];
  if (!strongest) return [];
  const poor = best.filter((one) => (meanOf(testsOf(one)) ?? Infinity) >= strongest.test);
  const counted = `${strongest.name} ${strongest.test.toFixed(3)}`;
  return poor.length
    ? [`No better than counting (${counted}): ${poor.map(({ activation }) => NAMES[activation]).join(', ')}.`]
    : [];
}

function rowOf(setup: Setup, one: Best): Row {
  const { activation, rate, trained } = one;
  const [{ metric, parameters, step }] = trained;
  const width = widthOf(activation, SIZES[setup.budget]);
  return {
    model: NAMES[activation],
    task: 'wikitext2-chars',
    setting: `${width} channels, ${parameters.toLocaleString('en')} parameters, ${step} steps, rate ${rate}`,
    metric: `${metric}, ${testName(SIZES[setup.budget].evaluationTokens)}`,
    ...spreadOf(testsOf(one)),
    published: null,
  };
}

const testName = (tokens: number): string =>
  tokens ? `test, first ${tokens.toLocaleString('en')} characters of 1,255,018` : 'test';

const baselineRows = ({ budget }: Setup, baselines: readonly Baseline[], { trained }: Best): Row[] =>
  baselines.map(({ name, test }) => ({
    model: name,
    task: 'wikitext2-chars',
    setting: 'counted on the same training text',
    metric: `${trained[0].metric}, ${testName(SIZES[budget].evaluationTokens)}`,
    ours: test,
    published: null,
  }));

const figureOf = (best: readonly Best[], baselines: readonly Baseline[]): Figure => ({
  kind: 'plot',
  title: 'Units behind a convolution, models of equal size',
  caption: 'Validation, first seed. Dashed: units that are not gated. Lines across: counting, on test.',
  x: { name: 'training step' },
  y: { name: `${best[0].trained[0].metric}, validation` },
  series: best.map(({ activation, trained }, color) => ({
    name: NAMES[activation],
    color,
    dashed: !['glu', 'gtu', 'bilinear'].includes(activation),
    points: trained[0].curve.map(({ step, value }) => [step, value] as const),
  })),
  marks: baselines.filter(({ name }) => name !== 'unigram').map(({ name, test }) => ({ name, value: test })),
});

function notesOn(setup: Setup): string[] {
  const { levels, bptt, trainTokens, epochs } = SIZES[setup.budget];
  const text = trainTokens ? `${trainTokens.toLocaleString('en')} characters` : 'the whole text';
  return [
    `${levels} layers of ${TAPS} taps, which see ${levels * (TAPS - 1) + 1} characters; trained on ${text}, ` +
      `${epochs === 1 ? 'once' : `${epochs} times`}, in segments of ${bptt} that begin with zeros.`,
    'Validation and test show what was before a segment again: every prediction sees as far back as the model can.',
    `Adam, the same learning rates for all, the best on validation counts; ${seedsOf(setup)} seeds, which all units ` +
      'share.',
    'Published, on words: on WikiText-103 GLU is better than ReLU and GTU better than tanh; on Billion Word ' +
      'a linear model has a perplexity of 115, a bilinear one 61, a GLU about 41.',
  ];
}
