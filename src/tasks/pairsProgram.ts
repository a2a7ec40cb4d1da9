// Models of pairs on a task: a source is read as a whole, a target is learned token by token under teacher forcing.

import { PAD } from '../data/translation/symbols';
import type { Tensor } from '../graph/tensor';
import { MODELS } from '../models/index';
import { modelOn, type Models } from '../models/modelSpec';
import type { Longest, TranslationModel } from '../nn/translation/translator';
import { TruncatedDecoder } from '../nn/translation/truncatedDecoder';
import { crossEntropy } from '../ops/loss/crossEntropy';
import type { Recipe } from './recipe';
import type { Program, TrainedModel } from './task';
import { fail } from '../graph/check';

/** What a model of pairs is made for. */
export interface PairsOptions {
  /** Symbols, the same of both languages. */
  readonly vocabulary: number;
  /** Symbols of the longest sides, END counted. */
  readonly longest: Longest;
  /** The part of every target that training spreads over all symbols; default: 0. */
  readonly smoothing?: number;
}

/**
 * The program of batches of four arrays (see data/translation/batches.ts). Its loss is the mean over the targets that
 * are no padding, with label smoothing; its measure `nats` is without. With `truncate` the decoder sees its last tokens
 * alone, whatever the model is asked for.
 */
export function pairsProgram(recipe: Recipe, options: PairsOptions, models: Models = MODELS): Program {
  const { vocabulary, longest, smoothing = 0 } = options;
  const size = { source: vocabulary, target: vocabulary };
  const made = modelOn(recipe.model, 'pairs', models).make(size, recipe, longest);
  const { truncate } = recipe;
  const model = truncate ? new TruncatedDecoder(made, truncate, longest.target) : made;
  const nats = ([source, lengths, inputs, targets]: readonly Tensor[], part: number): Tensor =>
    crossEntropy(model.decode(model.encode(source, lengths), inputs), targets, {
      ignoreIndex: PAD,
      smoothing: part,
    });
  return {
    model,
    loss: (...batch) => nats(batch, smoothing),
    measures: (...batch) => ({ nats: nats(batch, 0) }),
  };
}

/** The model as one of pairs. */
export function ofPairs(model: TrainedModel): TranslationModel {
  const translates = (one: TrainedModel): one is TranslationModel => 'translationStepper' in one;
  return translates(model) ? model : fail(`A ${model.constructor.name} does not translate.`);
}
