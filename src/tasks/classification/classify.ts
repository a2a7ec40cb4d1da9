// The classes of new sequences, by what a trained model says.

import { labelledBatches } from '../../data/labelled/batches';
import {
  checkMaterial,
  lengthsOf,
  type LabelledCorpus,
  type LabelledSequence,
} from '../../data/labelled/corpus';
import { given } from '../../data/labelled/form';
import type { FoundSequences } from '../../data/labelled/sequence';
import type { Engine } from '../../gpu/engine';
import type { Classifier } from '../../models/classifier';
import { classesSaid } from './answers';

/** A class with its probability. */
export interface ClassChance {
  readonly class: string;
  readonly probability: number;
}

/** New sequences as a model is given them. */
export interface NewSequences {
  readonly sequences: readonly LabelledSequence[];
  /** How many were longer than all that the model has seen, and have been cut. */
  readonly cut: number;
}

/** Sequences that a batch has at most. */
const BATCH = 32;

/** Sequences in the form of those that were trained on; refuses one that is empty or of another kind. */
export function newSequences(found: FoundSequences, { form, lengths }: LabelledCorpus): NewSequences {
  checkMaterial(form, found, 'what is given');
  const all = found.sequences.map((one) => given(one, form, lengths.at(-1)!));
  return {
    sequences: all.map(({ values, length }) => ({ values, length, label: 0 })),
    cut: all.filter(({ cut }) => cut).length,
  };
}

/** The classes of every sequence, the likeliest first; last comes what the run of the model has kept. */
export async function classify(
  engine: Engine,
  model: Classifier,
  { sequences }: NewSequences,
  { form, classes }: LabelledCorpus,
): Promise<ClassChance[][]> {
  const found: ClassChance[][] = [];
  const batches = labelledBatches({
    sequences,
    form,
    lengths: lengthsOf(sequences),
    batch: BATCH,
  });
  for await (const { rows, probabilities } of classesSaid(engine, model, batches)) {
    rows.forEach((row, i) => {
      const chances = classes.map((name, c) => ({ class: name, probability: probabilities[i][c] }));
      found[row] = chances.sort((a, b) => b.probability - a.probability);
    });
  }
  return found;
}
