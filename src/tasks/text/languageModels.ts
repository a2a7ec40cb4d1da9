// The language model that a recipe asks for.

import { MODELS } from '../../models/index';
import { modelOn, type Models, type TextModel } from '../../models/modelSpec';
import type { Recipe } from '../recipe';

/** `bptt`: the most steps that it reads at once. */
export const makeLanguageModel = (
  vocabulary: number,
  recipe: Recipe,
  bptt: number,
  models: Models = MODELS,
): TextModel => modelOn(recipe.model, 'text', models).make(vocabulary, recipe, bptt);
