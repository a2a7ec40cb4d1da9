// Text for language modelling: vocabularies, words with <eos> at the end of every line, characters, and the
// anchors of the measures.
//
//   words       split at white space, then <eos>, also for an empty line (Mikolov's and Merity's convention)
//   characters  Unicode code points, line feeds among them

import type { Tokens } from './tokens';
import { Vocabulary, words, type Unit } from './vocabulary';
import { WikiTextWriting, type Writing } from './writing';

export { EOS, Vocabulary, words, type Unit } from './vocabulary';

/** The splits of a text. */
export const SPLITS = ['train', 'valid', 'test'] as const;
/** The name of a split. */
export type Split = (typeof SPLITS)[number];

/** The text of every split. */
export type Texts = Readonly<Record<Split, string>>;

/** What a token is: of texts of one's own it may also be a learned subword. */
export type TokenUnit = Unit | 'subword';

/** A text as tokens, and how these are written; of one that a run has kept the splits are empty. */
export interface TextData extends Readonly<Record<Split, Tokens>> {
  readonly name: string;
  readonly unit: TokenUnit;
  /** How many tokens there are, and how often each is in the training split. */
  readonly vocabulary: Pick<Vocabulary, 'size' | 'counts'>;
  readonly writing: Writing;
  /** What the vocabulary of a trained model lacks of it, in words; absent: nothing. */
  readonly unknown?: string;
}

/** WikiText-2, or another text in its form. */
export interface Corpus extends TextData {
  readonly unit: Unit;
  readonly vocabulary: Vocabulary;
}

/** The three splits as numbers, in a vocabulary that the training split makes. */
export function makeCorpus(name: string, unit: Unit, texts: Texts): Corpus {
  const tokens = (split: Split): Iterable<string> => (unit === 'word' ? words(texts[split]) : texts[split]);
  const vocabulary = new Vocabulary(tokens('train'));
  const encode = (split: Split) => vocabulary.encode(tokens(split), `${name}'s ${split} split`);
  return {
    name,
    unit,
    vocabulary,
    writing: new WikiTextWriting(unit, vocabulary.tokens),
    train: encode('train'),
    valid: encode('valid'),
    test: encode('test'),
  };
}

/**
 * Nats per token of `test` for a model that knows only how often each token occurs in training; one that does not, as
 * if once.
 */
export function unigramNats({ counts }: TextData['vocabulary'], test: Tokens): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let nats = 0;
  for (const id of test) nats -= Math.log(Math.max(1, counts[id]) / total);
  return nats / test.length;
}

/**
 * Nats per token of `test` after its first for a model that knows only which token follows which in training, with
 * one more occurrence of every token spread over its successors by their frequency (MacKay & Peto 1995): a pair
 * that training has not is not impossible.
 */
export function bigramNats({ counts, size }: TextData['vocabulary'], train: Tokens, test: Tokens): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const pairs = new Map<number, number>();
  const before = new Float64Array(size);
  for (let t = 1; t < train.length; t++) {
    const pair = train[t - 1] * size + train[t];
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    before[train[t - 1]]++;
  }
  let nats = 0;
  for (let t = 1; t < test.length; t++) {
    const seen = pairs.get(test[t - 1] * size + test[t]) ?? 0;
    nats -= Math.log((seen + Math.max(1, counts[test[t]]) / total) / (before[test[t - 1]] + 1));
  }
  return nats / (test.length - 1);
}
