// Study `gating`: what stands behind the convolutions of a language model. The gated linear unit beside the tanh gate,
// a product without a squashing function, and units that are not gated, which are wider for as many parameters
// (Dauphin et al. 2017, sections 5.2 and 5.3).

import { gatedLayers } from '../../nn/bodies';
import { GATED_UNITS, type GatedUnit } from '../../nn/gatedConv';
import { GatedConvLM } from '../../nn/gatedConvLM';
import { widthNear } from '../equalSize';
import type { Figure } from '../../report/figure';
import type { Budget, Cell, Context, Findings, Plan, Results, Row, Study } from '../../runs/study';
import { train, type Trained, type Training } from '../../runs/training';

interface Size {
  /** Of the GLU; the others get what makes them as large. */
  readonly hidden: number;
  readonly levels: number;
  readonly batch: number;
  readonly bptt: number;
  readonly epochs: number;
  /** 0: all. */
  readonly trainTokens: number;
  readonly evaluationTokens: number;
  readonly evaluateEvery: number;
  readonly dropout?: number;
  /** Learning rates that every unit is trained with; its best on validation counts. */
  readonly rates: readonly number[];
}

const SIZES: Record<Budget, Size> = {
  small: {
    ...{ hidden: 48, levels: 4, batch: 16, bptt: 64, epochs: 1, evaluateEvery: 40 },
    ...{ trainTokens: 124_000, evaluationTokens: 16_000, rates: [0.01] },
  },
  medium: {
    ...{ hidden: 64, levels: 5, batch: 16, bptt: 64, epochs: 1, evaluateEvery: 122 },
    ...{ trainTokens: 1_000_000, evaluationTokens: 100_000, rates: [0.005, 0.01] },
  },
  full: {
    ...{ hidden: 512, levels: 8, batch: 32, bptt: 256, epochs: 5, evaluateEvery: 650, dropout: 0.1 },
    ...{ trainTokens: 0, evaluationTokens: 0, rates: [0.0005, 0.001, 0.002] },
  },
};
const EMBEDDING = 32;
const TAPS = 4;
/** Characters of WikiText-2: the softmax is a part of a model's size. */
const VOCABULARY = 283;

/** As the paper has them. */
const NAMES: Record<GatedUnit, string> = {
  ...{ glu: 'GLU', gtu: 'GTU', bilinear: 'bilinear', relu: 'ReLU', tanh: 'tanh', linear: 'linear' },
};

function sizeOf(activation: GatedUnit, hidden: number, levels: number): number {
  const layers = gatedLayers({ hidden, levels, kernelSize: TAPS });
  return new GatedConvLM(VOCABULARY, { embedding: EMBEDDING, layers, activation }).size;
}

/** The width with which a unit's model comes nearest to the GLU's in parameters. */
export function widthOf(activation: GatedUnit, { hidden, levels }: Pick<Size, 'hidden' | 'levels'>): number {
  return widthNear(sizeOf('glu', hidden, levels), (width) => sizeOf(activation, width, levels));
}

const idOf = (activation: GatedUnit, rate: number): string => `${activation}/${rate}`;

function cells({ budget, seed }: Plan): Cell<Training>[] {
  const { rates, ...size } = SIZES[budget];
  return GATED_UNITS.flatMap((activation) => {
    const hidden = widthOf(activation, size);
    return rates.map((learningRate) => ({
      id: idOf(activation, learningRate),
      settings: {
        ...{ task: 'wikitext2-chars', model: 'gcnn', ...size, hidden, activation, seed },
        ...{ embedding: EMBEDDING, kernelSize: TAPS, clipNorm: 1 },
        ...{ optimizer: 'adam', learningRate, schedule: 'linear' },
      } as const,
    }));
  });
}

const run = ({ settings }: Cell<Training>, context: Context): Promise<Trained> => train(settings, context);

interface Best {
  readonly activation: GatedUnit;
  readonly rate: number;
  readonly result: Trained;
}

/** Of every unit the rate that was best on validation. */
function bestOf(plan: Plan, results: Results<Trained>): Best[] {
  const value = ({ result }: Best) => result.valid ?? Infinity;
  return GATED_UNITS.map((activation) =>
    SIZES[plan.budget].rates
      .map((rate): Best => ({ activation, rate, result: results.get(idOf(activation, rate))! }))
      .reduce((best, next) => (value(next) < value(best) ? next : best)),
  );
}

function findings(plan: Plan, results: Results<Trained>): Findings {
  const best = bestOf(plan, results);
  const { levels, bptt, trainTokens, epochs } = SIZES[plan.budget];
  const bits = (activation: GatedUnit) =>
    best.find((one) => one.activation === activation)!.result.test ?? Infinity;
  const order = [...best]
    .sort((a, b) => bits(a.activation) - bits(b.activation))
    .map(
      ({ activation }) =>
        `${NAMES[activation]} ${Number.isFinite(bits(activation)) ? bits(activation).toFixed(3) : 'diverged'}`,
    );
  const against = (one: GatedUnit, other: GatedUnit) =>
    `${NAMES[one]} ${bits(one) < bits(other) ? 'beats' : 'does not beat'} ${NAMES[other]}`;
  const rows = best.map(({ activation, rate, result }): Row => ({
    ...{ model: NAMES[activation], task: 'wikitext2-chars' },
    setting: `${widthOf(activation, SIZES[plan.budget])} channels, ${result.parameters} parameters, rate ${rate}`,
    ...{ metric: `${result.metric}, test`, ours: result.test, published: null },
  }));
  const figure: Figure = {
    kind: 'plot',
    title: 'Units behind a convolution, models of equal size',
    x: { name: 'training step' },
    y: { name: `${best[0].result.metric}, validation` },
    series: best.map(({ activation, result }, color) => ({
      ...{ name: NAMES[activation], color, dashed: !['glu', 'gtu', 'bilinear'].includes(activation) },
      points: result.curve.map(({ step, value }) => [step, value] as const),
    })),
  };
  const text = trainTokens ? `${trainTokens} characters` : 'the whole text';
  return {
    remark: `From best to worst: ${order.join(', ')}. ${against('glu', 'relu')}; ${against('gtu', 'tanh')}.`,
    rows,
    figures: [figure],
    notes: [
      `${levels} layers of ${TAPS} taps, which see ${levels * (TAPS - 1) + 1} characters; trained on ${text}, ` +
        `${epochs === 1 ? 'once' : `${epochs} times`}, in segments of ${bptt} that begin with zeros.`,
      'Validation and test show what was before a segment again: every prediction sees as far back as the model can.',
      'Adam, the same learning rates for all, the best on validation counts; one seed.',
      'Published, on words: on WikiText-103 GLU is better than ReLU and GTU better than tanh; on Billion Word ' +
        'a linear model has a perplexity of 115, a bilinear one 61, a GLU about 41.',
    ],
  };
}

export const gating: Study<Training, Trained> = {
  name: 'gating',
  title: 'Gates behind convolutions',
  claim:
    'a gate with a linear path for the gradient (GLU) is better than other units with as many parameters',
  source:
    'Dauphin, Fan, Auli & Grangier, "Language Modeling with Gated Convolutional Networks" (arXiv 1612.08083)',
  tasks: () => ['wikitext2-chars'],
  cells,
  run,
  words: ({ metric, test }) => (test === null ? 'diverged' : `${test.toPrecision(4)} ${metric}`),
  findings,
};
