// The language model that a recipe asks for. A new kind is a row in KINDS.

import { fail } from '../../graph/check';
import { only } from '../../graph/options';
import { gatedLayers, waveNetLayers } from '../../nn/bodies';
import type { ConvLanguageModel } from '../../nn/convLanguageModel';
import { GATED_LM_RULES, GatedConvLM } from '../../nn/gatedConvLM';
import { LANGUAGE_RULES, LanguageModel } from '../../nn/languageModel';
import type { RecurrentName } from '../../nn/recurrent';
import { TCNLM, TCNLM_RULES, tcnChannels } from '../../nn/tcnLM';
import { TRANSFORMER_RULES, TransformerLM } from '../../nn/transformerLM';
import { WaveNetLM } from '../../nn/waveNetLM';
import { PUBLISHED_BOUNDS, type ModelName, type Recipe } from '../recipe';

export type TextModel = LanguageModel | TransformerLM | ConvLanguageModel;

/** `bptt`: the most steps that it reads at once. */
type Make = (vocabulary: number, recipe: Recipe, bptt: number) => TextModel;

const recurrent =
  (model: RecurrentName): Make =>
  (vocabulary, { embedding, ...rest }) => {
    // What an LSTM's stability asks of its inputs.
    const { stable, bounds } = rest;
    const bound =
      model === 'lstm' && stable !== undefined ? (bounds ? PUBLISHED_BOUNDS[bounds].x : 1) : undefined;
    const inputBound = rest.inputBound ?? bound;
    const settings = { ...rest, inputBound, model, embedding: embedding ?? rest.hidden };
    return new LanguageModel(vocabulary, only(LANGUAGE_RULES, settings), rest.seed);
  };

const gcnn: Make = (vocabulary, recipe) => {
  const { embedding = recipe.hidden, seed } = recipe;
  return new GatedConvLM(
    vocabulary,
    only(GATED_LM_RULES, { ...recipe, embedding, layers: gatedLayers(recipe) }),
    seed,
  );
};

const tcn: Make = (vocabulary, recipe) => {
  const { embedding = recipe.hidden, seed } = recipe;
  return new TCNLM(
    vocabulary,
    only(TCNLM_RULES, { ...recipe, embedding, channels: tcnChannels(recipe) }),
    seed,
  );
};

const transformer: Make = (vocabulary, { heads, ...recipe }, bptt) => {
  if (heads === undefined) {
    fail('language modelling: a transformer needs heads.', { fix: 'give heads, e.g. 4.' });
  }
  return new TransformerLM(
    vocabulary,
    only(TRANSFORMER_RULES, { ...recipe, heads, length: bptt }),
    recipe.seed,
  );
};

const wavenet: Make = (vocabulary, recipe) => {
  const { embedding = recipe.hidden, inputDropout, seed } = recipe;
  return new WaveNetLM(vocabulary, { ...waveNetLayers(recipe), embedding, inputDropout }, seed);
};

const KINDS: Readonly<Partial<Record<ModelName, Make>>> = {
  ...{ lstm: recurrent('lstm'), gru: recurrent('gru'), rnn: recurrent('rnn') },
  ...{ gcnn, tcn, transformer, wavenet },
};

export function makeLanguageModel(vocabulary: number, recipe: Recipe, bptt: number): TextModel {
  const make =
    KINDS[recipe.model] ??
    fail(`language modelling: a ${recipe.model} is not among its models.`, {
      fix: `use ${Object.keys(KINDS).join(', ')}.`,
    });
  return make(vocabulary, recipe, bptt);
}
