// Study `tbptt`: the two styles of truncated backpropagation through time. A stream in which every target is the symbol
// of d steps before tells how far a style really goes back: chunks of n steps need n well above d, windows of k2 steps
// behind every loss need one more than d ("Styles of Truncated Backpropagation", r2rt.com, 2016).

import { array, type HostArray } from '../../graph/host';
import type { Tensor } from '../../graph/tensor';
import { gradientByLag } from '../../lab/byLag';
import { carriedState, segmentLoss, type GradientCut } from '../../lab/tbptt';
import { seed as seedParameters } from '../../nn/init';
import { SequenceModel } from '../../nn/sequenceModel';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { Adam } from '../../optim/adam';
import { Random } from '../../random';
import type { Figure } from '../../report/figure';
import type { Budget, Cell, Context, Findings, Plan, Results, Row, Study } from '../../runs/study';

interface Settings {
  /** What the targets ask for: the symbol of so many steps ago. */
  readonly delay: number;
  readonly style: 'full' | 'chunked' | 'true';
  /** Steps that a gradient may go back: n of chunks, k2 of windows. */
  readonly reach: number;
  readonly symbols: number;
  readonly hidden: number;
  readonly batch: number;
  /** Steps of a segment. */
  readonly T: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly seed: number;
}

interface Measured {
  /** Nats per symbol: [step, mean since the point before]. */
  readonly curve: readonly (readonly [number, number])[];
  /** Mean over the last tenth of the training. */
  readonly loss: number;
  /** ‖∂loss_t/∂s_(t−1−i)‖ of the trained model, nothing cut. */
  readonly gradient: readonly number[];
}

const DELAY = 6;
const SIZES: Record<Budget, Pick<Settings, 'hidden' | 'steps' | 'batch'>> = {
  small: { hidden: 24, steps: 240, batch: 16 },
  medium: { hidden: 48, steps: 1000, batch: 32 },
  full: { hidden: 128, steps: 4000, batch: 64 },
};
const SYMBOLS = 4;
const POINTS = 24;
/** Of the loss of guessing: below it something was learned. */
const ENOUGH = 0.9;
/** Chunks and windows, in units of the delay. */
const REACHES = {
  chunked: [DELAY / 2, DELAY, 2 * DELAY, 4 * DELAY],
  true: [DELAY / 2, DELAY, DELAY + 1, 2 * DELAY],
} as const;
const T = 4 * DELAY;

const idOf = (style: string, reach: number): string => `${style}/${reach}`;
const STYLES: readonly { style: Settings['style']; reach: number }[] = [
  ...REACHES.chunked.map((reach) => ({ style: 'chunked' as const, reach })),
  ...REACHES.true.map((reach) => ({ style: 'true' as const, reach })),
  { style: 'full', reach: T },
];

const titleOf = (style: Settings['style'], reach: number): string => {
  if (style === 'full') return `whole segments of ${reach}`;
  return style === 'chunked' ? `chunks, n = ${reach}` : `windows, k1 = 1, k2 = ${reach}`;
};

function cells({ budget, seed }: Plan): Cell<Settings>[] {
  const common = { ...SIZES[budget], delay: DELAY, symbols: SYMBOLS, T, learningRate: 1e-2, seed };
  return STYLES.map(({ style, reach }) => ({
    id: idOf(style, reach),
    settings: { ...common, style, reach },
  }));
}

/** An endless stream of symbols, `batch` side by side, cut into segments of T that repeat the last `lead` steps. */
class Stream {
  private readonly random: Random;
  private past: number[][];

  constructor(
    private readonly settings: Settings,
    private readonly lead: number,
    name = 'stream',
  ) {
    this.random = new Random(settings.seed).fork(name);
    const { batch, symbols, delay } = settings;
    this.past = Array.from({ length: batch }, () =>
      Array.from({ length: delay + lead }, () => this.random.integer(symbols)),
    );
  }

  /** x [B, lead + T, symbols], one of each row a one; targets u32 [B, lead + T]. */
  next(): [HostArray, HostArray] {
    const { batch, symbols, delay, T: length } = this.settings;
    const long = this.lead + length;
    const x = new Float32Array(batch * long * symbols);
    const targets = new Uint32Array(batch * long);
    this.past = this.past.map((past, b) => {
      const all = [...past, ...Array.from({ length }, () => this.random.integer(symbols))];
      for (let t = 0; t < long; t++) {
        x[(b * long + t) * symbols + all[delay + t]] = 1;
        targets[b * long + t] = all[t];
      }
      return all.slice(length);
    });
    return [array([batch, long, symbols], x), array([batch, long], targets)];
  }
}

async function run({ settings }: Cell<Settings>, context: Context): Promise<Measured> {
  const { style, reach, hidden, symbols, batch, steps, learningRate, seed, delay } = settings;
  const engine = await context.engine();
  seedParameters(seed);
  const model = new SequenceModel(
    symbols,
    symbols,
    { model: 'lstm', hidden, levels: 1, gain: 2, forgetBias: 1 },
    seed,
  );
  const optimizer = new Adam(model.parameters(), { learningRate, clipNorm: 1 });
  const carry = carriedState(model, batch);
  const cut: GradientCut | undefined =
    style === 'full' ? undefined : style === 'true' ? { style, k1: 1, k2: reach } : { style, n: reach };
  const lead = style === 'true' ? reach - 1 : 0;
  const loss = (y: Tensor, targets: Tensor) => crossEntropy(y, targets);
  const step = engine.train((x: Tensor, targets: Tensor) =>
    optimizer.minimize(segmentLoss(model, { x, targets, loss, carry, cut, lead })),
  );
  const stream = new Stream(settings, lead);
  const every = Math.max(1, Math.round(steps / POINTS));
  const curve: [number, number][] = [];
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    losses.push(await step(...stream.next()).item());
    context.progress(i / steps, `loss ${losses[i - 1].toPrecision(4)}`);
    if (i % every === 0) curve.push([i, mean(losses.slice(-every))]);
  }
  const measure = gradientByLag(engine, model, { loss, lags: 2 * delay });
  const gradient = await measure(...new Stream(settings, 0, 'probe').next());
  return { curve, loss: mean(losses.slice(-Math.ceil(steps / 10))), gradient };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The share of positions whose loss goes back i + 1 steps or more. */
function kept(style: Settings['style'], reach: number, i: number): number {
  if (style === 'true') return i + 1 < reach ? 1 : 0;
  return Math.max(0, reach - i - 1) / reach;
}

function findings(plan: Plan, results: Results<Measured>): Findings {
  const { hidden, steps } = SIZES[plan.budget];
  const guess = Math.log(SYMBOLS);
  const found = STYLES.map(({ style, reach }) => ({
    ...{ style, reach, title: titleOf(style, reach) },
    result: results.get(idOf(style, reach))!,
  }));
  const rows = found.map(({ title, result }): Row => ({
    ...{ model: 'lstm', task: `recall after ${DELAY} steps`, setting: title },
    ...{ metric: 'nats per symbol', ours: result.loss, published: null },
  }));
  const learned = (loss: number) => loss < ENOUGH * guess;
  const list = (yes: boolean) =>
    found
      .filter(({ result }) => learned(result.loss) === yes)
      .map(({ title }) => title)
      .join('; ') || 'none';
  const full = found[found.length - 1].result.gradient;
  const histogram: Figure = {
    kind: 'plot',
    title: 'The gradient that each style keeps, by lag',
    caption:
      'That of the model trained on whole segments, times the share of positions at which the style keeps it.',
    x: { name: 'lag' },
    y: { name: 'mean gradient norm' },
    series: [
      { name: 'nothing cut', points: full.map((norm, i) => [i, norm] as const), faint: true },
      ...found
        .filter(({ style, reach }) => style !== 'full' && (reach === DELAY || reach === 2 * DELAY))
        .map(({ style, reach, title }, color) => ({
          ...{ name: title, color, dashed: style === 'chunked' },
          points: full.map((norm, i) => [i, norm * kept(style, reach, i)] as const),
        })),
    ],
  };
  const courses = (['chunked', 'true'] as const).map((style): Figure => ({
    kind: 'plot',
    title: style === 'chunked' ? 'Chunks' : 'Windows behind every loss',
    x: { name: 'training step' },
    y: { name: 'nats per symbol' },
    series: found
      .filter((one) => one.style === style || one.style === 'full')
      .map(({ title, result }, color) => ({ name: title, points: result.curve, color })),
    marks: [{ name: 'guess', value: guess }],
  }));
  return {
    remark: `Asked for the symbol of ${DELAY} steps ago, these learn: ${list(true)}. These do not: ${list(false)}.`,
    rows,
    figures: [...courses, histogram],
    notes: [
      `An LSTM of ${hidden} units, ${steps} steps of Adam on segments of ${T}; its state is carried on.`,
      `Learned: below ${ENOUGH} ln ${SYMBOLS} = ${(ENOUGH * guess).toFixed(3)}; guessing has ln ${SYMBOLS}.`,
      'Chunks of n: the loss at place j of a chunk goes back j + 1 steps. Windows: every loss goes back k2 steps.',
    ],
  };
}

export const tbptt: Study<Settings, Measured> = {
  name: 'tbptt',
  title: 'Two styles of truncated backpropagation',
  claim: 'chunks of n steps do not learn what is n steps away; windows of n steps behind every loss do',
  source: '"Styles of Truncated Backpropagation", r2rt.com (2016); Williams & Peng (1990)',
  cells,
  run,
  words: ({ loss }) => `${loss.toPrecision(3)} nats`,
  findings,
};
