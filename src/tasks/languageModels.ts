// The language model that a recipe asks for.

import { fail } from '../graph/check';
import { GatedConvLM } from '../nn/gatedConvLM';
import { LanguageModel, type LanguageSettings } from '../nn/languageModel';
import { RECURRENT, type RecurrentName } from '../nn/recurrent';
import { gatedLayers } from '../nn/sequenceModel';
import { TransformerLM } from '../nn/transformerLM';
import { PUBLISHED_BOUNDS, type Recipe } from './recipe';

export type TextModel = LanguageModel | TransformerLM | GatedConvLM;

/** `bptt`: the most steps that it reads at once. */
export function makeLanguageModel(vocabulary: number, recipe: Recipe, bptt: number): TextModel {
  const { model, heads, seed, embedding = recipe.hidden } = recipe;
  if (model === 'gcnn') {
    return new GatedConvLM(vocabulary, { ...recipe, embedding, layers: gatedLayers(recipe) }, seed);
  }
  if (model !== 'transformer') return new LanguageModel(vocabulary, recurrentSettings(recipe), seed);
  if (heads === undefined)
    fail('language modelling: a transformer needs heads.', { fix: 'give heads, e.g. 4.' });
  return new TransformerLM(vocabulary, { ...recipe, heads, length: bptt }, seed);
}

function recurrentSettings({ model, embedding, ...rest }: Recipe): LanguageSettings {
  if (!RECURRENT.includes(model as RecurrentName)) {
    fail(`language modelling: a ${model} is not among its models.`, {
      fix: `use ${[...RECURRENT, 'gcnn', 'transformer'].join(', ')}.`,
    });
  }
  // What an LSTM's stability asks of its inputs.
  const { stable, bounds } = rest;
  const bound =
    model === 'lstm' && stable !== undefined ? (bounds ? PUBLISHED_BOUNDS[bounds].x : 1) : undefined;
  const inputBound = rest.inputBound ?? bound;
  return { ...rest, inputBound, model: model as RecurrentName, embedding: embedding ?? rest.hidden };
}
