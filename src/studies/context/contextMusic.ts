// Study `context` on chorales: the loss of a recurrent model that is shown only the last k chords, with the weights of
// its full training, and trained so from the start. Stable and unconstrained.

import { check } from '../../graph/check';
import { baselinesIn, baselinesOf } from '../baselines';
import { CUT, enoughWords, finite, seriesOf, trainedIn } from './contextParts';
import type {
  ContextResult,
  ContextSettings,
  ContextTrained,
  ContextTraining,
  Curve,
  Part,
} from './contextParts';
import type { Figure } from '../../report/figure';
import type { Budget, Cell, Context, Setup, Results } from '../../runs/study';
import { run } from '../../runs/run';
import { train, recipeOf, type Training } from '../../runs/training';
import { isSequenceTask, measureTruncated, truncatedTask } from '../truncatedTask';

interface Size {
  readonly epochs: number;
  readonly hidden: number;
  /** For which trained models are measured. */
  readonly measured: readonly number[];
  /** With which models are trained. */
  readonly trained: readonly number[];
}

const SIZES: Record<Budget, Size> = {
  small: { epochs: 3, hidden: 48, measured: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32], trained: [1, 4, 12] },
  medium: {
    epochs: 8,
    hidden: 128,
    measured: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48],
    trained: [1, 2, 3, 4, 6, 8, 12, 16],
  },
  full: {
    epochs: 20,
    hidden: 256,
    measured: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
    trained: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
  },
};

const MODELS = ['rnn', 'lstm'] as const;
const LAMBDA = 0.99;
const VARIANTS = [
  { name: 'unconstrained', stable: undefined },
  { name: `stable, λ ≤ ${LAMBDA}`, stable: LAMBDA },
];

/** The task of this part. */
export const MUSIC = 'jsb';

/** Whether a study is about chorales too. */
export const hasMusic = ({ task }: Setup): boolean => (task ?? MUSIC) === MUSIC;

const trainingOf = (setup: Setup, model: 'rnn' | 'lstm', stable: number | undefined): Training => ({
  task: MUSIC,
  batch: 8,
  model,
  stable,
  levels: 1,
  seed: setup.seed,
  hidden: SIZES[setup.budget].hidden,
  epochs: SIZES[setup.budget].epochs,
  gain: 4,
  dropout: 0.3,
  inputDropout: 0.05,
  clipNorm: 0.4,
  optimizer: 'adam',
  learningRate: model === 'lstm' ? 2e-2 : 5e-3,
  schedule: 'linear',
  ...(model === 'lstm' ? { forgetBias: 1 } : {}),
});

const idOf = (model: string, stable: number | undefined, k?: number): string =>
  `${model}/${stable ? 'stable' : 'unconstrained'}/${k === undefined ? 'whole past' : `k-${k}`}`;

const BASELINES = `${MUSIC}/baselines`;

/** The cells on chorales at a budget. */
export function musicCells(setup: Setup): Cell<ContextSettings>[] {
  const { measured, trained } = SIZES[setup.budget];
  const trainings = MODELS.flatMap((model) =>
    VARIANTS.flatMap(({ stable }): Cell<ContextSettings>[] => {
      const training = trainingOf(setup, model, stable);
      return [
        { id: idOf(model, stable), settings: { training, measured } },
        ...trained.map((k) => ({ id: idOf(model, stable, k), settings: { training, k } })),
      ];
    }),
  );
  const baselines = baselinesOf(trainingOf(setup, 'rnn', undefined));
  return [{ id: BASELINES, settings: { baselines } }, ...trainings];
}

/** Trains on chorales, and measures with fewer chords in sight. */
export async function runMusic(
  { training, k, measured = [] }: ContextTraining,
  context: Context,
): Promise<ContextTrained> {
  const task = await context.task(training);
  check(isSequenceTask(task), `study context: ${task.name} is no task of sequences`, 'give e.g. jsb');
  if (k !== undefined) {
    const cut = { ...context, task: async () => truncatedTask(task, k) };
    return { test: (await train(training, cut)).test };
  }
  const engine = await context.engine();
  const recipe = recipeOf(training, task);
  const onProgress = ({ step }: { step: number }, loss: number) =>
    context.progress((0.8 * step) / recipe.steps, `loss ${loss.toPrecision(4)}`);
  const { model, test } = await run({ engine, task, recipe, onProgress });
  const truncated: (number | null)[] = [];
  for (const [i, short] of measured.entries()) {
    context.progress(0.8 + (0.2 * i) / measured.length, `shown ${short} inputs`);
    truncated.push(finite(await measureTruncated(engine, task, model, short, 'test')));
  }
  return { test: finite(test[task.metric]), truncated };
}

const METRIC = 'nats per step, test';

function curvesOf(setup: Setup, results: Results<ContextResult>, model: 'rnn' | 'lstm'): Curve[] {
  const { measured, trained } = SIZES[setup.budget];
  return VARIANTS.flatMap(({ name, stable }, color): Curve[] => {
    const about = { task: MUSIC, model: `${model.toUpperCase()} ${name}`, metric: METRIC, color };
    const { test, truncated } = trainedIn(results, idOf(model, stable));
    const own = trained.map((k) => [k, trainedIn(results, idOf(model, stable, k)).test] as const);
    return [
      { ...about, how: CUT, points: measured.map((k, i) => [k, truncated![i]] as const), whole: test },
      { ...about, how: 'trained on k inputs', points: own },
    ];
  });
}

/** What is found on chorales. */
export function musicPart(setup: Setup, results: Results<ContextResult>): Part {
  const { hidden, epochs } = SIZES[setup.budget];
  const baselines = baselinesIn(results, BASELINES);
  const curves = MODELS.map((model) => ({ model, mine: curvesOf(setup, results, model) }));
  const all = curves.flatMap(({ mine }) => mine);
  const figures = curves.map(({ model, mine }): Figure => ({
    kind: 'plot',
    title: `${model.toUpperCase()} on chorales: loss by the number of inputs in sight`,
    caption:
      'Solid: trained on the whole past, cut at test. Dashed: trained on k inputs. Counting each key by itself: ' +
      `${baselines.map(({ name, test }) => `${name} ${test.toPrecision(4)}`).join('; ')}.`,
    x: { name: 'k', scale: 'log' },
    y: { name: METRIC },
    series: mine.map(seriesOf),
    marks: mine.flatMap(({ model: name, whole }) => (whole ? [{ name, value: whole }] : [])),
  }));
  const best = baselines.at(-1);
  return {
    remark: `On chorales, ${enoughWords(all, best, best?.test ?? Infinity)}.`,
    curves: all,
    counted: baselines.map(({ name, test }) => [MUSIC, { name, value: test, metric: METRIC }]),
    figures,
    notes: [
      `JSB Chorales, one layer of ${hidden} units, ${epochs} epochs; the same settings for all of a model; one seed.`,
      'A model that sees k inputs has a state of zeros before them: it is feed-forward.',
    ],
  };
}
