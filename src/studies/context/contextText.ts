// Study `context` on text: the trainings, what they make of the last k characters, and what counting makes of two.

import { SeqgpuError, check } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import { run } from '../../runs/run';
import { measureBaselines } from '../baselines';
import { finite, type ContextBaselines, type ContextCounted } from './contextParts';
import type { ContextTrained, ContextTraining } from './contextParts';
import type { Context } from '../../runs/study';
import { recipeOf } from '../../runs/training';
import { isLanguageTask, measureShown, truncatedText, type Places } from '../truncatedText';
import type { Place } from '../places';
import type { LanguageTask } from '../../tasks/text/languageModelling';

/** Trains on text, and measures with fewer characters in sight. */
export async function runText(
  { training, k, measured = [], at }: ContextTraining,
  context: Context,
): Promise<ContextTrained> {
  const task = await context.task(training);
  check(isLanguageTask(task), `study context: ${task.name} is no text`, 'give a task of text');
  const engine = await context.engine();
  const recipe = recipeOf(training, task);
  const onProgress = ({ step }: { step: number }, loss: number) =>
    context.progress((0.8 * step) / recipe.steps, `loss ${loss.toPrecision(4)}`);
  try {
    const cut = k === undefined ? task : truncatedText(task, k);
    const { model, test, parameters } = await run({ engine, task: cut, recipe, onProgress });
    const truncated: (number | null)[] = [];
    for (const [i, shown] of measured.entries()) {
      context.progress(0.8 + (0.2 * i) / measured.length, `shown ${shown} characters`);
      truncated.push(finite(await measureShown(engine, task, model, shown, at!)));
    }
    return { test: finite(test[task.metric]), truncated, parameters };
  } catch (error) {
    if (!(error instanceof SeqgpuError) || error.kind !== 'diverged') throw error;
    return { test: null, truncated: measured.map(() => null) };
  }
}

/** Inputs that a trigram sees. */
const SEEN = 2;

/** Counted on the training text, asked at the places of the test text where the models are. */
export async function countText(
  { baselines, at }: ContextBaselines,
  context: Context,
): Promise<ContextCounted> {
  const task = await context.task(baselines);
  check(isLanguageTask(task), `study context: ${task.name} is no text`, 'give a task of text');
  return measureBaselines(task, placesAt(task, at!));
}

/** The places of the test text as sequences of their own, each asked at its end. */
function placesAt(task: LanguageTask, at: Places): Place[] {
  const rows = [...task.windows('test', { ...at, k: SEEN })].flatMap(([ids, targets]) =>
    Array.from({ length: ids.shape[0] }, (_, b) => {
      const x = Uint32Array.from(ids.data.subarray(b * SEEN, (b + 1) * SEEN));
      return { x: vector(x), y: vector(Uint32Array.of(...x.subarray(1), targets.data[b])), length: SEEN };
    }),
  );
  return rows.map((sequence) => ({ sequence, end: SEEN - 1 }));
}

const vector = (data: Uint32Array): HostArray => ({ shape: [data.length], data });
