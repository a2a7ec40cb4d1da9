// One training as a cell of a study: settings in plain JSON, and what is kept of the outcome.

import { SeqgpuError } from '../graph/check';
import { run, type Recipe, type RunOptions, type RunResult, type Scaling } from './run';
import type { TaskSettings } from '../tasks/index';
import type { Task } from '../tasks/task';
import { allEvaluations, type FitState, type Point } from '../train/fit';
import type { Context } from './study';

/** A recipe and a task. Its length is in epochs, of which there may be fractions, or in steps. */
export type Training = Omit<Recipe, 'steps' | 'evaluateEvery'> &
  TaskSettings & {
    readonly task: string;
    readonly batch: number;
    readonly epochs?: number;
    readonly steps?: number;
    /** Default: once an epoch, or once at the end where there are none. */
    readonly evaluateEvery?: number;
  };

/** What a study keeps of a training. */
export interface Trained {
  readonly metric: string;
  /** The metric of the parameters that were best on validation; null when the training diverged. */
  readonly valid: number | null;
  readonly test: number | null;
  readonly parameters: number;
  /** What became of the loss scale; absent for a training in f32. */
  readonly scaling?: Scaling;
  /** The last step that was done. */
  readonly step: number;
  /** The metric on validation, over the steps. */
  readonly curve: readonly Point[];
  /** Why it has no outcome. */
  readonly diverged?: string;
  /** Why nobody could train it to an end. */
  readonly failed?: string;
}

/** Trains; a loss that is not finite is an outcome too. */
export const train = async (training: Training, context: Context): Promise<Trained> =>
  (await trainModel(training, context)).trained;

/** The same with all that came of it; nothing more where it diverged. `onProgress`: about ten times a second. */
export async function trainModel(
  training: Training,
  context: Context,
  onProgress?: (state: FitState) => void,
): Promise<{ readonly trained: Trained; readonly outcome?: RunResult }> {
  const { checkpoint } = context;
  const task = await context.task(training);
  const recipe = recipeOf(training, task);
  let now: FitState | null = null;
  try {
    const engine = await context.engine(recipe.precision);
    const options: RunOptions = {
      engine,
      task,
      recipe,
      models: context.models,
      resume: checkpoint.load(),
      onProgress(state, loss) {
        now = state;
        onProgress?.(state);
        context.progress(state.step / recipe.steps, wordsOn(state, loss));
      },
      onSave: async (last, best) => checkpoint.save(last, best),
    };
    const outcome = await context.stoppable((signal) => run({ ...options, signal }));
    const { state, parameters, valid, test, scaling } = outcome;
    const [v, t] = [valid[task.metric], test[task.metric]].map(finite);
    const measured = { metric: task.metric, valid: v, test: t, parameters, scaling, step: state.step };
    return { trained: { ...measured, curve: allEvaluations(state) }, outcome };
  } catch (error) {
    if (!(error instanceof SeqgpuError) || error.kind !== 'diverged') throw error;
    const step = (now as FitState | null)?.step ?? 0;
    const [why] = error.message.split('\n');
    const nothing = { metric: task.metric, valid: null, test: null, parameters: 0, step, curve: [] };
    return { trained: { ...nothing, diverged: why } };
  }
}

/** JSON has no NaN. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Epochs as steps of this task. */
export function recipeOf(training: Training, { stepsPerEpoch }: Task): Recipe {
  const { epochs, steps, evaluateEvery, ...rest } = training;
  const length = steps ?? Math.max(1, Math.round((epochs ?? 1) * (stepsPerEpoch ?? 1)));
  return {
    ...rest,
    steps: length,
    evaluateEvery: Math.min(length, evaluateEvery ?? stepsPerEpoch ?? length),
  };
}

function wordsOn({ evaluations }: FitState, loss: number): string {
  const last = evaluations.at(-1);
  return `loss ${loss.toPrecision(4)}${last ? `, validation ${last.value.toPrecision(4)}` : ''}`;
}
