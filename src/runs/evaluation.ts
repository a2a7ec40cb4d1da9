// What parameters are worth: the measures of a task over a split, while a model is trained and of one that was.

import type { Engine } from '../gpu/engine';
import type { Tensor } from '../graph/tensor';
import type { Models } from '../models/modelSpec';
import type { Asked, Measures, Program, Split, Task } from '../tasks/task';
import type { Recipe } from '../tasks/recipe';
import { loadCheckpoint } from '../train/checkpoint';
import type { Stored } from '../train/safetensors';

/** Measures the parameters as they are; `prepare` compiles what that takes. */
export interface Evaluation {
  (split: Split): Promise<Measures>;
  prepare(): Promise<void>;
}

/**
 * Measures the parameters as they are: from the means over a split, weighed by batch. `ahead`: kernels are compiled
 * without blocking.
 */
export function evaluation(
  engine: Engine,
  task: Task,
  program: Program,
  { signal, ahead }: { readonly signal?: AbortSignal; readonly ahead?: boolean } = {},
): Evaluation {
  const names: string[] = [];
  const measure = engine.record((...batch) => {
    const measures = program.measures(...batch);
    names.splice(0, names.length, ...Object.keys(measures));
    return Object.values(measures) as Tensor[];
  });
  const measured = async (split: Split) => {
    const sums: number[] = [];
    let total = 0;
    for (const batch of task.batches(split)) {
      signal?.throwIfAborted();
      if (ahead) await measure.prepare(...batch);
      const weight = task.weightOf(batch);
      const values = await Promise.all(measure(...batch).map((reading) => reading.item()));
      values.forEach((value, i) => (sums[i] = (sums[i] ?? 0) + weight * value));
      total += weight;
    }
    const means = Object.fromEntries(names.map((name, i) => [name, sums[i] / total]));
    return task.report?.(means) ?? means;
  };
  const prepare = async () => {
    const [first] = task.batches('valid');
    await measure.prepare(...first);
  };
  return Object.assign(measured, { prepare });
}

/** All measures of a trained model: of `evaluate`, and those that the task asks at the end. */
export const allMeasures =
  (
    { engine, task, model, signal }: Omit<Asked, 'split'> & { readonly task: Task },
    evaluate: (split: Split) => Promise<Measures>,
  ) =>
  async (split: Split): Promise<Measures> => ({
    ...(await evaluate(split)),
    ...(await task.whenTrained?.({ engine, model, split, signal })),
  });

/** A trained model, and where its parameters are from. */
export interface Trained {
  readonly engine: Engine;
  readonly task: Task;
  readonly recipe: Recipe;
  readonly models?: Models;
  readonly stored: Stored;
  /** What errors call the file of the parameters. */
  readonly where: string;
  readonly signal?: AbortSignal;
}

/**
 * The measures of a trained model over splits of a task, by split. `beam`: of one that translates also the score of
 * what so many beams find.
 */
export async function measureTrained(
  trained: Trained,
  splits: readonly Split[],
  beam?: number,
): Promise<Record<string, Measures>> {
  const { engine, task, recipe, models, stored, where, signal } = trained;
  const program = task.program(recipe, models);
  loadCheckpoint(engine, stored, where, { model: program.model });
  const asked = { engine, task, model: program.model, signal };
  const measures = allMeasures(asked, evaluation(engine, task, program, { signal }));
  const found: Record<string, Measures> = {};
  for (const split of splits) {
    found[split] = { ...(await measures(split)), ...(beam && (await searched({ ...asked, split }, beam))) };
  }
  return found;
}

/** The score of what a beam search finds, of a task that has one. */
async function searched(
  { task, ...asked }: Asked & { readonly task: Task },
  beam: number,
): Promise<Measures> {
  const said = await task.said?.(asked, { beam });
  return said ? { [`${said.measure} of ${beam} beam${beam === 1 ? '' : 's'}`]: said.score() } : {};
}
