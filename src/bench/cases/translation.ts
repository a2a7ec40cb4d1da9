// Training steps of models that translate: what a batch of short sentences costs.

import { AttentionLSTM } from '../../nn/translation/attentionLstm';
import { ConvS2S } from '../../nn/translation/convS2S';
import { GNMT } from '../../nn/translation/gnmt';
import { Seq2Seq } from '../../nn/translation/seq2seq';
import { TranslationTransformer } from '../../nn/translation/translationTransformer';
import type { TranslationModel } from '../../nn/translation/translator';
import { array } from '../../graph/host';
import { crossEntropy } from '../../ops/loss/crossEntropy';
import { Adam } from '../../optim/adam';
import { symbols, weightsFor, writeWeights, type Case, type Inputs } from '../case';

/** Sentences, and tokens of each. */
export const [B, T] = [64, 12];
const C = 256;
const WORDS = 8000;
const VOCABULARIES = { source: WORDS, target: WORDS };
const LONGEST = { source: T, target: T };

/** Sources, and targets that are given and asked for. */
export const sentences = (): Inputs => ({
  source: symbols([B, T], 1, WORDS),
  lengths: array([B], new Uint32Array(B).fill(T)),
  target: symbols([B, T], 2, WORDS),
  asked: symbols([B, T], 3, WORDS),
});

/** A model that translates, and what it is in words. */
interface Translator {
  readonly name: string;
  readonly about: string;
  readonly make: () => TranslationModel;
}

/** Teacher forcing, cross-entropy and one update by Adam. */
const translationStep = ({ name, about, make }: Translator): Case => ({
  name: `${name} translation step`,
  about: `${about}, one table of ${WORDS} words; B ${B}, ${T} tokens to ${T}; cross-entropy, Adam`,
  limit: 'fma',
  step: true,
  inputs: () => ({ ...sentences(), ...weightsFor(make()) }),
  build(engine, inputs) {
    const model = make();
    writeWeights(engine, model, inputs);
    const adam = new Adam(model.parameters(), { learningRate: 1e-4 });
    return {
      step: engine.train((source, lengths, target, asked) => {
        return adam.minimize(crossEntropy(model.decode(model.encode(source, lengths), target), asked));
      }),
      args: [inputs.source, inputs.lengths, inputs.target, inputs.asked],
      // Nothing has been learned at the first step, and the small weights make all words about equally likely.
      error: ([loss]) => Math.abs(loss[0] / Math.log(WORDS) - 1) / 100,
    };
  },
});

const TABLE = { tied: true, sharedEmbedding: true } as const;
const ONE_TABLE = { ...TABLE, longest: LONGEST } as const;

/** The models that are measured. */
export const TRANSLATORS = {
  seq2seq: {
    name: 'Seq2Seq',
    about: `2 + 2 LSTM layers of ${C}`,
    make: () => new Seq2Seq(VOCABULARIES, { hidden: C, levels: 2, ...TABLE }),
  },
  attentionLSTM: {
    name: 'Attention LSTM',
    about: `2 + 2 LSTM layers of ${C}, additive attention`,
    make: () => new AttentionLSTM(VOCABULARIES, { hidden: C, levels: 2, ...TABLE }),
  },
  gnmt: {
    name: 'GNMT',
    about: `2 + 2 LSTM layers of ${C}, attention of the bottom one`,
    make: () => new GNMT(VOCABULARIES, { hidden: C, levels: 2, ...TABLE }),
  },
  transformer: {
    name: 'Transformer',
    about: `3 + 3 layers of ${C}, 4 heads`,
    make() {
      const settings = { hidden: C, levels: 3, heads: 4, norm: 'pre', ...ONE_TABLE } as const;
      return new TranslationTransformer(VOCABULARIES, settings);
    },
  },
  convS2S: {
    name: 'ConvS2S',
    about: `4 + 3 layers of ${C}, 3 taps`,
    make() {
      const [encoder, decoder] = [4, 3].map((count) => Array<readonly [number, number]>(count).fill([C, 3]));
      return new ConvS2S(VOCABULARIES, { embedding: C, encoder, decoder, ...ONE_TABLE });
    },
  },
} as const satisfies Record<string, Translator>;

/** A training step of each. */
export const TRANSLATION: readonly Case[] = Object.values(TRANSLATORS).map(translationStep);
