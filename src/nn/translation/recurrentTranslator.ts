// What the translators made of LSTMs share: embeddings, a softmax, and a decoder that goes on from given states.

import { assign } from '../../graph/assign';
import { callerLine, check, fail, hereStack } from '../../graph/check';
import { Generator } from '../../graph/generator';
import { checked, count, flag, part, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { Dropout } from '../dropout';
import { Embedding } from '../embedding';
import type { LayerState } from '../recurrent';
import { FullSoftmax, wordStart } from '../softmaxHead';
import type { Memory } from '../stepwise';
import { TranslationModel, type Encoding, type Vocabularies } from './translator';

/** The settings that all translators made of LSTMs have. */
export interface RecurrentTranslatorSettings {
  /** Units of a layer. */
  readonly hidden: number;
  /** Layers of the encoder, and as many of the decoder. */
  readonly levels: number;
  /** Size of an embedding; default: hidden. */
  readonly embedding?: number;
  /** Dropout of embeddings, between layers, and before the softmax. */
  readonly dropout?: number;
  /** Whether the softmax uses the target's embedding, which is then of `hidden` columns; default: false. */
  readonly tied?: boolean;
  /** Whether source and target share one embedding, of a vocabulary that they share; default: false. */
  readonly sharedEmbedding?: boolean;
}

/** What settings may be. */
export const RECURRENT_TRANSLATOR_RULES: Rules<RecurrentTranslatorSettings> = {
  hidden: count,
  levels: count,
  embedding: count,
  dropout: part,
  tied: flag,
  sharedEmbedding: flag,
};

/** An encoder and a decoder of LSTMs. */
export abstract class RecurrentTranslator extends TranslationModel {
  readonly source_embedding: Embedding;
  readonly target_embedding: Embedding;
  readonly softmax: FullSoftmax;
  readonly generator: Generator;
  protected readonly dropout: Dropout;

  constructor(
    vocabularies: Vocabularies,
    { hidden, embedding = hidden, dropout = 0, tied, sharedEmbedding }: RecurrentTranslatorSettings,
    seed: number,
  ) {
    super();
    this.generator = new Generator(seed);
    this.dropout = new Dropout(dropout, { generator: this.generator });
    const table = (words: number) => new Embedding(words, embedding, wordStart());
    this.source_embedding = table(vocabularies.source);
    this.target_embedding = sharedEmbedding ? this.source_embedding : table(vocabularies.target);
    const own = tied ? { tied: this.target_embedding.weight } : {};
    this.softmax = new FullSoftmax(hidden, vocabularies.target, own);
  }

  /** Source ids [B, S] as vectors. */
  protected read(source: Tensor): Tensor {
    return this.dropout.forward(this.source_embedding.forward(source));
  }

  /** Target ids [B, T] as vectors. */
  protected written(target: Tensor): Tensor {
    return this.dropout.forward(this.target_embedding.forward(target));
  }

  /** Logits [B, T, V] from hidden values [B, T, hidden]. */
  protected said(y: Tensor): Tensor {
    return this.softmax.forward(this.dropout.forward(y));
  }
}

/** Refuses settings that do not go together; `rules`: of all that the model has. */
export function checkTranslator<S extends RecurrentTranslatorSettings>(
  name: string,
  { source, target }: Vocabularies,
  settings: S,
  rules: Rules<S>,
): void {
  const { hidden, embedding, tied, sharedEmbedding } = checked(name, settings, rules, 'hidden', 'levels');
  const text = `${name}: embedding ${embedding} and hidden ${hidden} cannot be tied`;
  check(!tied || (embedding ?? hidden) === hidden, text, 'make them equal, or do not tie');
  if (!sharedEmbedding || source === target) return;
  fail(`${name}: source and target cannot share an embedding.`, {
    given: `vocabularies of ${source} and ${target}`,
    at: callerLine(hereStack()),
    fix: 'give both one vocabulary, or leave out sharedEmbedding.',
  });
}

/** States of layers as parts of an encoding, and back. */
export const encodedStates = (states: readonly LayerState[]): Encoding =>
  Object.fromEntries(
    states.flatMap(({ h, c }, l) => [
      [`h_${l}`, h],
      [`c_${l}`, c!],
    ]),
  );

/** The states that `encodedStates` named. */
export const statesOf = (encoding: Encoding, layers: number): LayerState[] =>
  Array.from({ length: layers }, (_, l) => ({ h: encoding[`h_${l}`], c: encoding[`c_${l}`] }));

/** The states that `encodedStates` named, carried from step to step from there on. */
export function carriedStates(
  memory: Memory,
  encoding: Encoding,
  layers: number,
): { readonly states: readonly LayerState[]; keep(after: readonly LayerState[]): void } {
  const begin = (x: Tensor, name: string) => memory.begin(x.shape, name, () => x);
  const carried = statesOf(encoding, layers).map(({ h, c }, l) => {
    return { h: begin(h, `h_l${l}`), c: begin(c!, `c_l${l}`) };
  });
  return {
    states: carried,
    keep: (after) =>
      carried.forEach(({ h, c }, l) => {
        assign(h, after[l].h);
        assign(c, after[l].c!);
      }),
  };
}
