// Sentences as symbols and back. One vocabulary is learned for both languages, on the training pairs: characters, words
// (pieces of the text, see own/pieces.ts), or subwords by byte pair encoding, joint as Sennrich et al. (2016) have it.
// A sentence is coded with a space before it, so that its first word is the word that it is elsewhere.

import { fail } from '../../graph/check';
import { learnMerges } from '../own/merges';
import { PieceSplitter, PieceTable, pointsOf, textOf } from '../own/pieces';
import {
  BpeTokeniser,
  CharacterTokeniser,
  readTokeniser,
  UNKNOWN as UNKNOWN_WORD,
  utf8Of,
  WordTokeniser,
  type OwnUnit,
  type Tokeniser,
} from '../own/tokeniser';
import { FIRST, UNKNOWN } from './symbols';

/** What is learned. */
export interface CoderOptions {
  readonly unit: OwnUnit;
  /** The most merges, with bpe; default: 4000. */
  readonly merges?: number;
  /** How often a word must occur to be known; default: 2. */
  readonly atLeast?: number;
  /** The most words that are known; default: 30,000, as Bahdanau et al. (2015) have of each language. */
  readonly vocabulary?: number;
}

const MERGES = 4000;
const AT_LEAST = 2;
const WORDS = 30_000;
const BYTES = 256;

/** A vocabulary of sentences. */
export class SentenceCoder {
  constructor(private readonly tokeniser: Tokeniser) {}

  get unit(): OwnUnit {
    return this.tokeniser.unit;
  }

  /** Symbols that there are, PAD, END and UNKNOWN among them. */
  get size(): number {
    return FIRST + this.tokeniser.size - (this.unit === 'word' ? 1 : 0);
  }

  /** The symbols of a sentence, without END. */
  encode(sentence: string): number[] {
    const { tokeniser } = this;
    const symbols: number[] = [];
    if (tokeniser instanceof CharacterTokeniser) {
      for (const point of pointsOf(sentence)) {
        const id = tokeniser.number(point);
        symbols.push(id < 0 ? UNKNOWN : FIRST + id);
      }
      return symbols;
    }
    const { first } = this;
    eachPiece(sentence, (piece, length) => {
      const ids = tokeniser.encodePoints(piece, length);
      for (let i = 0; i < ids.length; i++) symbols.push(first + ids[i]);
    });
    return symbols;
  }

  /** What each symbol of a sentence stands for there: its words, also those that are unknown, or its characters. */
  pieces(sentence: string): string[] {
    if (this.unit === 'character') return [...sentence];
    if (this.unit === 'bpe') return this.encode(sentence).map((symbol) => this.written(symbol));
    const words: string[] = [];
    eachPiece(sentence, (piece, length) => words.push(textOf(piece.subarray(0, length)).trim()));
    return words;
  }

  /** The sentence of symbols; those of PAD and END say nothing, UNKNOWN says `<unk>`. */
  decode(symbols: Iterable<number>): string {
    let [text, known]: [string, number[]] = ['', []];
    const flush = () => {
      if (known.length) text += this.tokeniser.decode(known);
      known = [];
    };
    for (const symbol of symbols) {
      if (symbol >= FIRST) known.push(symbol - this.first);
      if (symbol !== UNKNOWN) continue;
      flush();
      text += this.unit === 'character' ? UNKNOWN_WORD : ` ${UNKNOWN_WORD}`;
    }
    flush();
    return text.trim();
  }

  /** What a symbol is in a picture: ␣ stands for a space, ↵ for the end. */
  written(symbol: number): string {
    if (symbol < FIRST) return ['', '↵', UNKNOWN_WORD][symbol];
    return this.tokeniser.decode([symbol - this.first]).replaceAll(' ', '␣');
  }

  /** The bytes of every token, from FIRST on; UNKNOWN, of which words begin, is not among them. */
  bytes(): Uint8Array[] {
    return this.tokeniser instanceof BpeTokeniser
      ? [...this.tokeniser.bytes]
      : Array.from({ length: this.size - FIRST }, (_, i) =>
          utf8Of(this.tokeniser.decode([FIRST + i - this.first])),
        );
  }

  toJSON(): unknown {
    return this.tokeniser.toJSON();
  }

  /** The symbol of token 0: the words have UNKNOWN there. */
  private get first(): number {
    return this.unit === 'word' ? UNKNOWN : FIRST;
  }
}

/** The coder that a run has kept; `where` names its file in messages. */
export function readCoder(json: unknown, where: string): SentenceCoder {
  const tokeniser = readTokeniser(json, where);
  if (tokeniser instanceof WordTokeniser && tokeniser.tokens[0] !== UNKNOWN_WORD) {
    fail(`${where}: its first word is not ${UNKNOWN_WORD}.`, {
      fix: 'the file was changed or is damaged; train again.',
    });
  }
  return new SentenceCoder(tokeniser);
}

/** The coder of training sentences, of both languages. */
export function learnCoder(sentences: Iterable<string>, options: CoderOptions): SentenceCoder {
  const { unit, merges = MERGES } = options;
  if (unit === 'character') return new SentenceCoder(new CharacterTokeniser(charactersIn(sentences)));
  const pieces = new PieceTable();
  const counts: number[] = [];
  for (const sentence of sentences) {
    eachPiece(sentence, (piece, length) => {
      const number = pieces.number(piece, length, true);
      counts[number] = (counts[number] ?? 0) + 1;
    });
  }
  const texts = counts.map((_, number) => textOf(pieces.points(number)));
  if (unit === 'word') return new SentenceCoder(wordsOf(texts, counts, options));
  return new SentenceCoder(
    new BpeTokeniser(learnMerges({ words: texts.map(utf8Of), counts, symbols: BYTES, merges })),
  );
}

function eachPiece(sentence: string, visit: (piece: Uint32Array, length: number) => void): void {
  const splitter = new PieceSplitter(visit);
  splitter.push(pointsOf(` ${sentence}`));
  splitter.flush();
}

/** The most frequent first; of equally frequent ones the one that came first. */
const ranked = (counts: readonly number[]): number[] =>
  counts.map((_, i) => i).sort((a, b) => counts[b] - counts[a]);

function charactersIn(sentences: Iterable<string>): string[] {
  const counts = new Map<string, number>();
  for (const sentence of sentences) {
    for (const letter of sentence) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  const letters = [...counts.keys()];
  return ranked([...counts.values()]).map((i) => letters[i]);
}

function wordsOf(texts: readonly string[], counts: readonly number[], options: CoderOptions): WordTokeniser {
  const { atLeast = AT_LEAST, vocabulary = WORDS } = options;
  const kept = ranked(counts).filter((i) => counts[i] >= atLeast && texts[i] !== UNKNOWN_WORD);
  return new WordTokeniser([UNKNOWN_WORD, ...kept.slice(0, vocabulary).map((i) => texts[i])]);
}
