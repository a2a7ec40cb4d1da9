// What a trained classifier says of sequences.

import type { LabelledBatch } from '../../data/labelled/batches';
import type { Engine } from '../../gpu/engine';
import { fail } from '../../graph/check';
import { Classifier } from '../../models/classifier';
import { softmax } from '../../ops/norm/softmax';
import type { TrainedModel } from '../task';

/** The model as one that classifies. */
export const ofClasses = (model: TrainedModel): Classifier =>
  model instanceof Classifier ? model : fail(`A ${model.constructor.name} does not classify.`);

/** What is said of the sequences of a batch. */
export interface ClassesSaid {
  /** The numbers of the sequences. */
  readonly rows: readonly number[];
  /** The probability of every class, of each. */
  readonly probabilities: readonly (readonly number[])[];
}

/** The probabilities of all classes, batch by batch. */
export async function* classesSaid(
  engine: Engine,
  model: Classifier,
  batches: Iterable<LabelledBatch>,
  signal?: AbortSignal,
): AsyncGenerator<ClassesSaid, void> {
  const answer = engine.record((x, last) => softmax(model.classify(x, last)));
  for (const { arrays, rows } of batches) {
    signal?.throwIfAborted();
    const all = await answer(arrays[0], arrays[1]).read();
    const classes = all.length / arrays[1].shape[0];
    const probabilities = rows.map((_, i) => Array.from(all.subarray(i * classes, (i + 1) * classes)));
    yield { rows, probabilities };
  }
  answer.destroy();
}
