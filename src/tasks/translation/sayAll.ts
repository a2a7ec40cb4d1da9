// What a model of pairs says to sources, by greedy decoding or by beam search, and how it is scored.

import type { SentenceCoder } from '../../data/translation/coder';
import { END } from '../../data/translation/symbols';
import { translate, type BeamOptions } from '../../decode/beams';
import { ofPairs } from '../pairsProgram';
import type { Said } from '../said';
import type { Asked } from '../task';

/** Sentences, each with all that is right. */
export interface Questions {
  readonly sources: readonly string[];
  /** The right answers to each source: at least one. */
  readonly references: readonly (readonly string[])[];
}

/** A score of texts beside the references of each: larger is better. */
export interface ScoreOf {
  /** The name of the score: 'BLEU', 'exact match'. */
  readonly name: string;
  of(said: readonly string[], references: Questions['references']): number;
}

/** Sentences that are translated at once. */
const BATCH = 64;

/** What a model says to sources. `beam` 1: the likeliest symbol each time. */
export async function sayAll(
  { engine, model, signal }: Omit<Asked, 'split'>,
  { sources, references }: Questions,
  coder: SentenceCoder,
  score: ScoreOf,
  { batch = BATCH, ...options }: BeamOptions,
): Promise<Said> {
  const symbols = sources.map((text) => coder.encode(text));
  const ended = symbols.map((own) => Uint32Array.from([...own, END]));
  signal?.throwIfAborted();
  const found = await translate(engine, ofPairs(model), ended, { batch, ...options });
  const texts = found.translations.map(([best]) => coder.decode(best.tokens));
  const all = [...texts.keys()];
  return {
    texts,
    lengths: symbols.map(({ length }) => length),
    sentencesPerSecond: found.sentencesPerSecond,
    measure: score.name,
    score: (some = all) =>
      score.of(
        some.map((i) => texts[i]),
        some.map((i) => references[i]),
      ),
  };
}

/** The part of texts that are a reference, character by character. */
export const EXACT: ScoreOf = {
  name: 'exact match',
  of: (said, references) => said.filter((text, i) => references[i].includes(text)).length / said.length,
};
