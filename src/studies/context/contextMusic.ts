// Study `context` on chorales: the loss of a recurrent model that is shown only the last k chords, with the weights of
// its full training, and trained so from the start. Stable and unconstrained.

import { check } from '../../graph/check';
import { enoughWords, finite, known, type Measured, type Settings } from './contextParts';
import type { Figure, Series } from '../../report/figure';
import type { Budget, Cell, Context, Findings, Plan, Results, Row } from '../../runs/study';
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
    ...{ epochs: 8, hidden: 128, measured: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48] },
    trained: [1, 2, 3, 4, 6, 8, 12, 16],
  },
  full: {
    ...{ epochs: 20, hidden: 256, measured: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64] },
    trained: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32],
  },
};

const MODELS = ['rnn', 'lstm'] as const;
const LAMBDA = 0.99;
const VARIANTS = [
  { name: 'unconstrained', stable: undefined },
  { name: `stable, λ = ${LAMBDA}`, stable: LAMBDA },
];

const trainingOf = (plan: Plan, model: 'rnn' | 'lstm', stable: number | undefined): Training => ({
  ...{ task: 'jsb', batch: 8, model, stable, levels: 1, seed: plan.seed },
  ...{ hidden: SIZES[plan.budget].hidden, epochs: SIZES[plan.budget].epochs },
  ...{ gain: 4, dropout: 0.3, inputDropout: 0.05, clipNorm: 0.4, optimizer: 'adam' },
  ...{ learningRate: model === 'lstm' ? 2e-2 : 5e-3, schedule: 'linear' },
  ...(model === 'lstm' ? { forgetBias: 1 } : {}),
});

const idOf = (model: string, stable: number | undefined, k?: number): string =>
  `${model}/${stable ? 'stable' : 'unconstrained'}/${k === undefined ? 'whole past' : `k-${k}`}`;

export function musicCells(plan: Plan): Cell<Settings>[] {
  const { measured, trained } = SIZES[plan.budget];
  return MODELS.flatMap((model) =>
    VARIANTS.flatMap(({ stable }) => {
      const training = trainingOf(plan, model, stable);
      return [
        { id: idOf(model, stable), settings: { training, measured } },
        ...trained.map((k) => ({ id: idOf(model, stable, k), settings: { training, k } })),
      ];
    }),
  );
}

export async function runMusic({ settings }: Cell<Settings>, context: Context): Promise<Measured> {
  const { training, k, measured = [] } = settings;
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

export function musicFindings(plan: Plan, results: Results<Measured>): Findings {
  const { measured, trained, hidden, epochs } = SIZES[plan.budget];
  const rows: Row[] = [];
  const told: string[] = [];
  const figures = MODELS.map((model): Figure => {
    const series: Series[] = [];
    const marks: { name: string; value: number }[] = [];
    VARIANTS.forEach(({ name, stable }, color) => {
      const whole = results.get(idOf(model, stable))!;
      const row = { model, task: 'jsb', metric: 'nats per step, test', published: null };
      const add = (setting: string, ours: number | null) =>
        rows.push({ ...row, setting: `${name}, ${setting}`, ours });
      add('whole past', whole.test);
      const at = measured.map((k, i) => [k, whole.truncated![i]] as const);
      const own = trained.map((k) => [k, results.get(idOf(model, stable, k))!.test] as const);
      at.forEach(([k, nats]) => add(`shown ${k} inputs`, nats));
      own.forEach(([k, nats]) => add(`trained on ${k} inputs`, nats));
      series.push({ name: `${name}, cut at test`, points: known(at), color });
      series.push({ name: `${name}, trained so`, points: known(own), color, dashed: true });
      if (whole.test !== null) marks.push({ name, value: whole.test });
      told.push(`${model.toUpperCase()} ${name}: ${enoughWords(at, whole.test)}`);
    });
    return {
      kind: 'plot',
      title: `${model.toUpperCase()}: loss by the number of inputs in sight`,
      caption:
        'Solid: trained on the whole past, cut at test. Dashed: trained on k inputs. Marks: the whole past.',
      x: { name: 'k', scale: 'log' },
      y: { name: 'nats per step, test' },
      series,
      marks,
    };
  });
  return {
    remark: `On chorales, within 1 % of the loss with the whole past: ${told.join('; ')}.`,
    rows,
    figures,
    notes: [
      `JSB Chorales, one layer of ${hidden} units, ${epochs} epochs; the same settings for all of a model.`,
      'A model that sees k inputs has a state of zeros before them: it is feed-forward.',
    ],
  };
}
