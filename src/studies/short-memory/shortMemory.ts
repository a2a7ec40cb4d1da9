// Study `short-memory`: how much the best predictor that sees only the last l observations of a hidden Markov model
// loses against the one that has seen all, beside the theorem's bound I/l. I, the mutual information between past
// and future, is at most log n for n states: that is the I used here, as in the paper.

import { Random } from '../../random';
import type { Plot } from '../../report/figure';
import { FAMILIES, advance, randomHmm, sample, windowDivergences, type Family } from './hmm';
import type { Budget, Cell, Context, Findings, Setup, Results, Row, Study } from '../../runs/study';

interface ShortMemorySettings {
  readonly family: Family;
  /** States. */
  readonly n: number;
  /** Different observations. */
  readonly d: number;
  readonly observations: number;
  readonly windows: readonly number[];
  readonly seed: number;
}

interface ShortMemoryResult {
  /** The mean KL in nats, for each of the windows. */
  readonly kl: readonly number[];
}

const D = 4;
/** Observations before the first that counts: by then the past is as good as endless. */
const BEFORE = 500;
const SIZES: Record<Budget, { n: number[]; models: number; observations: number; longest: number }> = {
  small: { n: [4, 16], models: 2, observations: 3000, longest: 64 },
  medium: { n: [4, 16, 64], models: 4, observations: 20_000, longest: 256 },
  full: { n: [4, 16, 64, 256], models: 8, observations: 50_000, longest: 512 },
};

function cells({ budget, seed }: Setup): Cell<ShortMemorySettings>[] {
  const { n: sizes, models, observations, longest } = SIZES[budget];
  const windows = Array.from({ length: Math.log2(longest) + 1 }, (_, i) => 2 ** i);
  return FAMILIES.flatMap((family) =>
    sizes.flatMap((n) =>
      // Clocks of one size are all the same.
      Array.from({ length: family === 'clock' ? 1 : models }, (_, i) => ({
        id: `${family}-${n}/${i}`,
        settings: { family, n, d: D, observations, windows, seed: seed + i },
      })),
    ),
  );
}

/** Sees time pass, one batch of observations after the other. */
const BATCH = 500;

async function measure(
  { settings }: Cell<ShortMemorySettings>,
  context: Context,
): Promise<ShortMemoryResult> {
  const { family, n, d, observations, windows, seed } = settings;
  const random = new Random(seed).fork(`${family} ${n} ${d}`);
  const hmm = randomHmm(family, n, d, random.fork('model'));
  const seen = sample(hmm, BEFORE + observations, random.fork('observations'));
  const sums = windows.map(() => 0);
  const belief = Float64Array.from(hmm.stationary);
  for (let t = 0; t < seen.length; t++) {
    if (t >= BEFORE) {
      const losses = windowDivergences(hmm, seen.subarray(0, t), windows, belief);
      losses.forEach((loss, i) => (sums[i] += loss));
    }
    advance(hmm, belief, seen[t]);
    if (t % BATCH === 0) {
      context.progress(t / seen.length);
      // So that a signal is heard.
      await new Promise<void>((next) => setTimeout(next));
    }
  }
  return { kl: sums.map((sum) => sum / observations) };
}

interface Group {
  readonly family: Family;
  readonly n: number;
  readonly windows: readonly number[];
  /** Means over the models of one family and size. */
  readonly kl: readonly number[];
}

function groups(setup: Setup, results: Results<ShortMemoryResult>): Group[] {
  const all = cells(setup);
  const names = [...new Set(all.map(({ id }) => id.split('/')[0]))];
  return names.map((name) => {
    const members = all.filter(({ id }) => id.split('/')[0] === name);
    const { family, n, windows } = members[0].settings;
    const kl = windows.map((_, i) => {
      const values = members.map(({ id }) => results.get(id)!.kl[i]);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    });
    return { family, n, windows, kl };
  });
}

/** The window of the table, and the error that the theorem promises a window for. */
const SHOWN = 8;
const ERROR = 0.1;

function rowsOf({ family, n, windows, kl }: Group): Row[] {
  const about = { model: `${n}-state HMM`, task: family };
  const information = Math.log(n);
  const found = windows.findIndex((_, i) => kl[i] <= ERROR);
  const shares = windows.map((l, i) => (kl[i] * l) / information);
  return [
    {
      ...about,
      setting: `l = ${SHOWN}`,
      metric: 'KL, nats',
      ours: kl[windows.indexOf(SHOWN)],
      published: information / SHOWN,
      relation: '≤',
    },
    {
      ...about,
      setting: 'any l',
      metric: 'KL as a share of log n / l',
      ours: Math.max(...shares),
      published: 1,
      relation: '≤',
    },
    {
      ...about,
      setting: `KL ≤ ${ERROR}`,
      metric: 'window that suffices',
      ours: found < 0 ? null : windows[found],
      published: Math.ceil(information / ERROR),
      relation: '≤',
    },
  ];
}

const LOWEST = 1e-6;

function figureOf(n: number, all: readonly Group[]): Plot {
  const mine = all.filter((group) => group.n === n);
  const [{ windows }] = mine;
  return {
    kind: 'plot',
    title: `${n} states`,
    x: { name: 'window l', scale: 'log', min: 1, max: windows.at(-1) },
    y: { name: 'KL to the prediction that knows all, nats', scale: 'log', min: LOWEST },
    series: [
      { name: 'bound: log n / l', points: windows.map((l) => [l, Math.log(n) / l]), dashed: true, color: 7 },
      ...mine.map(({ family, kl }) => ({
        name: family,
        points: windows.flatMap((l, i) => (kl[i] >= LOWEST ? [[l, kl[i]] as const] : [])),
        color: FAMILIES.indexOf(family),
      })),
    ],
  };
}

function findings(setup: Setup, results: Results<ShortMemoryResult>): Findings {
  const all = groups(setup, results);
  const shares = all.flatMap(({ n, windows, kl }) => windows.map((l, i) => (kl[i] * l) / Math.log(n)));
  const worst = Math.max(...shares);
  const { observations, models, n } = SIZES[setup.budget];
  const verdict = worst <= 1 ? 'stays below the bound log n / l everywhere' : 'exceeds the bound log n / l';
  const most = `at most ${(100 * worst).toFixed(0)} % of it`;
  return {
    remark: `What a window of l observations misses ${verdict}: ${most} is used.`,
    rows: all.flatMap(rowsOf),
    figures: n.map((size) => figureOf(size, all)),
    notes: [
      `${models} random and ${models} slow models and one clock of each size, ${D} different observations.`,
      `KL is exact at each of ${observations} steps of a sample of each model, and averaged over them.`,
      'I, the mutual information between past and future, is bounded by log n, as in the theorem.',
      'random: rows from Dirichlet(½). slow: the same, but a state is kept with probability 0.95. ' +
        'clock: a circle of states that waits now and then, of which one strikes.',
    ],
  };
}

/** The study of short windows on hidden Markov models. */
export const shortMemory: Study<ShortMemorySettings, ShortMemoryResult> = {
  name: 'short-memory',
  title: 'Prediction with a short memory',
  claim: 'the last I/ε observations predict an HMM to within ε nats of knowing the whole past',
  source: 'Sharan, Kakade, Liang & Valiant, "Prediction with a Short Memory" (arXiv 1612.02526), theorem 1',
  onHost: true,
  cells,
  run: measure,
  findings,
};
