// Vocabularies that are learned from the pieces of a training text: words, or subwords by merges.

import { fail } from '../../graph/check';
import { learnMerges } from './merges';
import { textOf, type PieceTable } from './pieces';
import { BpeTokeniser, UNKNOWN, WordTokeniser, utf8Of } from './tokeniser';

/** The size of a vocabulary. */
export interface LearnOptions {
  /** How often a word must occur to be a token; one that does not is <unk>. Default: 2. */
  readonly atLeast?: number;
  /** The most tokens of words and of bpe, where 256 are bytes; default: 10,000 words, 1024 of bpe. */
  readonly vocabulary?: number;
}

const WORDS = 10_000;
const SUBWORDS = 1024;

/** The most frequent pieces, and <unk> where its frequency places it. */
export function wordsOf(pieces: PieceTable, counts: readonly number[], options: LearnOptions): WordTokeniser {
  const { atLeast = 2, vocabulary = WORDS } = options;
  const ranked = counts.map((count, number) => ({ count, number })).sort((a, b) => b.count - a.count);
  const kept = ranked.filter(({ count }) => count >= atLeast).slice(0, Math.max(1, vocabulary - 1));
  const rare = ranked.slice(kept.length).reduce((sum, { count }) => sum + count, 0);
  const words = kept.map(({ count, number }) => ({ count, word: textOf(pieces.points(number)) }));
  const place = words.findIndex(({ count }) => count < rare);
  words.splice(place < 0 ? words.length : place, 0, { count: rare, word: UNKNOWN });
  return new WordTokeniser(words.map(({ word }) => word));
}

/** Merges of the pieces' bytes of UTF-8. */
export function bpeOf(pieces: PieceTable, counts: readonly number[], options: LearnOptions): BpeTokeniser {
  const { vocabulary = SUBWORDS } = options;
  if (vocabulary < 256) {
    fail(`text: a vocabulary of ${vocabulary} has no room for the 256 bytes of bpe.`, {
      fix: 'give --vocabulary of 256 or more.',
    });
  }
  const words = counts.map((_, number) => utf8Of(textOf(pieces.points(number))));
  return new BpeTokeniser(learnMerges({ words, counts, symbols: 256, merges: vocabulary - 256 }));
}
