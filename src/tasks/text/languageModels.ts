// The language model that a recipe asks for.

import { MODELS } from '../../models/index';
import { modelCalled, type Models, type TextModel } from '../../models/modelSpec';
import type { Recipe } from '../recipe';

/** `bptt`: the most steps that it reads at once. */
export const makeLanguageModel = (
  vocabulary: number,
  recipe: Recipe,
  bptt: number,
  models: Models = MODELS,
): TextModel => modelCalled(recipe.model, models).on.text.make(vocabulary, recipe, bptt);
