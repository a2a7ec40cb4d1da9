// Of which class a sequence is, after its last step: the share of errors, beside what takes no network.

import { countedRows, labelledBatches, labelledEpochs, stepsOfBatch } from '../../data/labelled/batches';
import { labelCounts, type LabelledCorpus } from '../../data/labelled/corpus';
import { widthOf } from '../../data/labelled/form';
import type { Tensor } from '../../graph/tensor';
import { Classifier } from '../../models/classifier';
import { MODELS } from '../../models/index';
import { modelOn, type Models } from '../../models/modelSpec';
import { accuracy, crossEntropy } from '../../ops/loss/crossEntropy';
import type { Recipe } from '../recipe';
import type { Anchor, Measures, Program, Task } from '../task';
import { anchorsOf } from './anchors';
import { classesSaid, ofClasses } from './answers';

/** Labelled sequences, and how many a step takes. */
export interface ClassificationOptions {
  readonly corpus: LabelledCorpus;
  readonly batch: number;
  /** Numbers that a symbol of a text is embedded in; default: 32. */
  readonly embedding?: number;
}

const EMBEDDING = 32;
const EVALUATION_BATCH = 32;

/** The classification of these sequences, with any model of vectors. */
export function classificationTask({ corpus, batch, embedding = EMBEDDING }: ClassificationOptions): Task {
  const { name, form, lengths, train } = corpus;
  const batches = (split: 'valid' | 'test') =>
    labelledBatches({ sequences: corpus[split], form, lengths, batch: EVALUATION_BATCH });
  // Seconds, of many long series: asked for once.
  let anchors: Anchor[] | undefined;
  return {
    name,
    metric: 'error',
    get anchors() {
      return (anchors ??= anchorsOf(corpus));
    },
    stepsPerEpoch: stepsIn(lengthCounts(corpus), batch),
    program: (recipe, models = MODELS) => programOf(corpus, embedding, recipe, models),
    source: (random) => labelledEpochs({ sequences: train, form, lengths, batch }, random),
    weightOf: countedRows,
    tokensIn: stepsOfBatch,
    *batches(split) {
      for (const { arrays } of batches(split)) yield arrays;
    },
    report: (means) => ({ error: 1 - means.accuracy, ...means }),
    async whenTrained({ engine, model, split, signal }): Promise<Measures> {
      const right = corpus.classes.map(() => ({ right: 0, all: 0 }));
      for await (const { rows, probabilities } of classesSaid(
        engine,
        ofClasses(model),
        batches(split),
        signal,
      )) {
        rows.forEach((row, i) => {
          const { label } = corpus[split][row];
          right[label].all++;
          if (probabilities[i].indexOf(Math.max(...probabilities[i])) === label) right[label].right++;
        });
      }
      const shares = right.filter(({ all }) => all).map((one) => one.right / one.all);
      return { 'balanced accuracy': shares.reduce((sum, share) => sum + share, 0) / shares.length };
    },
  };
}

/** How many training sequences are padded to which length. */
export function lengthCounts({ train, lengths }: LabelledCorpus): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { length } of train) {
    const padded = lengths.find((one) => one >= length)!;
    counts[padded] = (counts[padded] ?? 0) + 1;
  }
  return counts;
}

/** Steps that pass once over sequences of such lengths. */
export const stepsIn = (counts: Readonly<Record<string, number>>, batch: number): number =>
  Math.max(
    1,
    Object.values(counts).reduce((sum, count) => sum + Math.ceil(count / batch), 0),
  );

function programOf(corpus: LabelledCorpus, embedding: number, recipe: Recipe, models: Models): Program {
  const { form, classes, lengths, train } = corpus;
  const { body } = modelOn(recipe.model, 'vectors', models);
  const isText = form.material === 'text';
  const sizes = {
    vocabulary: isText ? form.coder.size : undefined,
    width: isText ? embedding : widthOf(form),
    classes: classes.length,
  };
  const logOf = (count: number) => Math.log(Math.max(count, 1) / train.length);
  const prior = train.length ? labelCounts(corpus).map(logOf) : undefined;
  const model = new Classifier(body, sizes, { ...recipe, prior, length: lengths.at(-1)! });
  const answer = (x: Tensor, last: Tensor) => model.classify(x, last);
  return {
    model,
    loss: (x, last, labels) => crossEntropy(answer(x, last), labels),
    measures(x, last, labels) {
      const y = answer(x, last);
      return { 'cross-entropy': crossEntropy(y, labels), accuracy: accuracy(y, labels) };
    },
  };
}
