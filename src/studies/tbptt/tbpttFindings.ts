// What study `tbptt` finds: which styles learn what is a few steps away, and the gradient that each keeps.

import type { Figure } from '../../report/figure';
import { DELAY, ENOUGH, SIZES, STYLES, SYMBOLS, T, idOf, titleOf } from './tbpttCells';
import type { TbpttResult, TbpttSettings } from './tbpttCells';
import type { Findings, Setup, Results, Row } from '../../runs/study';

/** A style with what it came to. */
interface Tried {
  readonly style: TbpttSettings['style'];
  readonly reach: number;
  readonly title: string;
  readonly result: TbpttResult;
}

const GUESS = Math.log(SYMBOLS);
const hasLearned = ({ result }: Tried): boolean => result.loss < ENOUGH * GUESS;

/** The table, the pictures and the words of the study. */
export function tbpttFindings(setup: Setup, results: Results<TbpttResult>): Findings {
  const { hidden, steps } = SIZES[setup.budget];
  const tried = STYLES.map(({ style, reach }): Tried => {
    return { style, reach, title: titleOf(style, reach), result: results.get(idOf(style, reach))! };
  });
  const list = (yes: boolean) =>
    tried
      .filter((one) => hasLearned(one) === yes)
      .map(({ title }) => title)
      .join('; ') || 'none';
  return {
    remark: `Asked for the symbol of ${DELAY} steps ago, these learn: ${list(true)}. These do not: ${list(false)}.`,
    against: againstOf(tried),
    rows: tried.map(({ title, result }): Row => ({
      model: 'lstm',
      task: `recall after ${DELAY} steps`,
      setting: title,
      metric: 'nats per symbol',
      ours: result.loss,
      n: 1,
      published: null,
    })),
    figures: [...courses(tried), histogram(tried)],
    notes: [
      `An LSTM of ${hidden} units, ${steps} steps of Adam on segments of ${T}; its state is carried on.`,
      `Learned: below ${ENOUGH} ln ${SYMBOLS} = ${(ENOUGH * GUESS).toFixed(3)}; guessing has ln ${SYMBOLS}.`,
      'Chunks of n: the loss at place j of a chunk goes back j + 1 steps. Windows: every loss goes back k2 steps.',
    ],
  };
}

/** Windows that reach as far as the delay and no further, and what one seed cannot say. */
function againstOf(tried: readonly Tried[]): string[] {
  const exact = tried.find(({ style, reach }) => style === 'true' && reach === DELAY)!;
  const next = tried.find(({ style, reach }) => style === 'true' && reach === DELAY + 1)!;
  const full = tried.at(-1)!;
  return [
    ...(hasLearned(exact)
      ? []
      : [`Windows of ${DELAY} steps do not learn it either: a gradient of ${DELAY + 1} is needed.`]),
    ...(next.result.loss > 1.5 * full.result.loss
      ? [
          `Windows of ${DELAY + 1} have learned little (${next.result.loss.toFixed(3)} nats) where whole segments ` +
            `have ${full.result.loss.toFixed(3)}.`,
        ]
      : []),
    'One seed and one task made for it.',
  ];
}

/** The share of positions whose loss goes back i + 1 steps or more. */
function kept({ style, reach }: Tried, i: number): number {
  if (style === 'true') return i + 1 < reach ? 1 : 0;
  return Math.max(0, reach - i - 1) / reach;
}

function histogram(tried: readonly Tried[]): Figure {
  const full = tried.at(-1)!.result.gradient;
  const shown = tried.filter(
    ({ style, reach }) => style !== 'full' && (reach === DELAY || reach === 2 * DELAY),
  );
  return {
    kind: 'plot',
    title: 'The gradient that each style keeps, by lag',
    caption:
      'That of the model trained on whole segments, times the share of positions at which the style keeps it.',
    x: { name: 'lag' },
    y: { name: 'mean gradient norm' },
    series: [
      { name: 'nothing cut', points: full.map((norm, i) => [i, norm] as const), faint: true },
      ...shown.map((one, color) => ({
        name: one.title,
        color,
        dashed: one.style === 'chunked',
        points: full.map((norm, i) => [i, norm * kept(one, i)] as const),
      })),
    ],
  };
}

const courses = (tried: readonly Tried[]): Figure[] =>
  (['chunked', 'true'] as const).map((style) => ({
    kind: 'plot',
    title: style === 'chunked' ? 'Chunks' : 'Windows behind every loss',
    x: { name: 'training step' },
    y: { name: 'nats per symbol' },
    series: tried
      .filter((one) => one.style === style || one.style === 'full')
      .map(({ title, result }, color) => ({ name: title, points: result.curve, color })),
    marks: [{ name: 'guess', value: GUESS }],
  }));
