// A text of one's own: files as tokens of three splits, and the tokeniser that was made of them. Files are read piece
// by piece, two or three times, and nothing of them is kept but the tokens: a byte each, where the vocabulary allows
// it.
//
//   train     the first part; words are counted and subwords are learned from it alone
//   valid     what follows
//   test      the end; without a part of its own it is what validates
//
// Cuts are between characters. Several files are one text, by name, with a line feed between two where there is none.

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import { CodePointDecoder, type DecodeOptions } from './codePoints';
import { checkParts } from './parts';
import { bpeOf, wordsOf, type LearnOptions } from './learn';
import { PieceSplitter, PieceTable, textOf } from './pieces';
import { CharacterTokeniser, WordTokeniser, type OwnUnit, type Tokeniser } from './tokeniser';
import { Unknown } from './unknown';
import { TokenWriter, type Tokens } from '../tokens';

/** How files become tokens, and how they are split. */
export interface OwnTextOptions extends Omit<DecodeOptions, 'name'>, LearnOptions {
  /** Default: character. */
  readonly unit?: OwnUnit;
  /** The part that validates; default: 0.05. */
  readonly validPart?: number;
  /** The part that tests; 0: what validates tests too. Default: 0.05. */
  readonly testPart?: number;
  /** Whether all of it is all splits, for what only measures; default: false. */
  readonly whole?: boolean;
  /** That of a trained model, which is then measured: no other is made. A character that it lacks is refused. */
  readonly tokeniser?: Tokeniser;
}

/** A text of one's own as tokens in splits. */
export interface OwnText {
  readonly tokeniser: Tokeniser;
  readonly train: Tokens;
  readonly valid: Tokens;
  readonly test: Tokens;
  /** How often each token is in the training text. */
  readonly counts: Uint32Array;
  /** Characters of each split. */
  readonly characters: Readonly<Record<Split, number>>;
  /** What the tokeniser lacks, of what is measured: of words, those that became <unk>. */
  readonly unknown: Unknown;
}

type Split = 'train' | 'valid' | 'test';
const SPLITS = ['train', 'valid', 'test'] as const;
const LINE_FEED = Uint32Array.of(10);

/** Reads files as one text and makes tokens of it. */
export function readOwnText(sources: readonly ByteSource[], options: OwnTextOptions = {}): OwnText {
  const { unit = 'character', validPart = 0.05, testPart = 0.05, whole = false } = options;
  checkParts('text', validPart, testPart, true);
  const text: Text = { sources, options };
  const census = new Census();
  for (const points of pointsIn(text)) census.add(points);
  // What validates tests, too, and what trains is that again.
  const ends = whole ? wholeOf(census.total) : endsOf(census.total, validPart, testPart, text);
  if (options.tokeniser) return encoded(text, ends, options.tokeniser);
  if (unit === 'character') return ranked(encoded(text, ends, new CharacterTokeniser(census.seen())));
  const pieces = new PieceTable();
  const counts: number[] = [];
  eachPiece(text, ends, (split, piece, length) => {
    if (split !== 'train') return;
    const number = pieces.number(piece, length, true);
    counts[number] = (counts[number] ?? 0) + 1;
  });
  const tokeniser = unit === 'word' ? wordsOf(pieces, counts, options) : bpeOf(pieces, counts, options);
  return encoded(text, ends, tokeniser);
}

interface Text {
  readonly sources: readonly ByteSource[];
  readonly options: OwnTextOptions;
}

/** All code points of the files, in pieces that are good until the next. */
function* pointsIn({ sources, options }: Text): Generator<Uint32Array> {
  let last = LINE_FEED[0];
  for (const source of sources) {
    if (last !== LINE_FEED[0]) yield LINE_FEED;
    const { encoding, newlines } = options;
    const decoder = new CodePointDecoder({ encoding, newlines, name: source.name });
    for (const chunk of source.chunks()) {
      const points = decoder.push(chunk);
      if (points.length) last = points[points.length - 1];
      yield points;
    }
    yield decoder.end();
  }
}

/** Which characters there are, and how many in all. */
class Census {
  private readonly known = new Uint8Array(0x110000);
  private readonly order: number[] = [];
  total = 0;

  add(points: Uint32Array): void {
    for (let i = 0; i < points.length; i++) {
      if (this.known[points[i]]) continue;
      this.known[points[i]] = 1;
      this.order.push(points[i]);
    }
    this.total += points.length;
  }

  /** In the order of their first occurrence. */
  seen(): string[] {
    return this.order.map((point) => String.fromCodePoint(point));
  }
}

/** The same with characters numbered by how often the training text has them, the most frequent first. */
function ranked(text: OwnText): OwnText {
  const { tokens } = text.tokeniser as CharacterTokeniser;
  const order = tokens.map((_, id) => id).sort((a, b) => text.counts[b] - text.counts[a]);
  const places = new Uint32Array(order.length);
  order.forEach((id, place) => (places[id] = place));
  for (const part of new Set([text.train, text.valid, text.test])) {
    for (let i = 0; i < part.length; i++) part[i] = places[part[i]];
  }
  return {
    ...text,
    tokeniser: new CharacterTokeniser(order.map((id) => tokens[id])),
    counts: text.counts.map((_, place) => text.counts[order[place]]),
  };
}

/** All characters validate. */
function wholeOf(total: number): Readonly<Record<Split, number>> {
  if (total < 2) fail(`text: ${total} characters are too few to measure.`, { fix: 'give a longer text.' });
  return { train: 0, valid: total, test: total };
}

/** Where the splits end, in characters. */
function endsOf(
  total: number,
  validPart: number,
  testPart: number,
  { sources }: Text,
): Readonly<Record<Split, number>> {
  const train = Math.floor(total * (1 - validPart - testPart) + 1e-9);
  const valid = testPart ? Math.floor(total * (1 - testPart) + 1e-9) : total;
  const least = Math.min(train, valid - train, testPart ? total - valid : Infinity);
  if (least < 2) {
    const name = sources.length === 1 ? sources[0].name : `the ${sources.length} files`;
    fail(`text: ${total} characters are too few for the splits of ${name}.`, {
      given: `training has ${train}, validation ${valid - train}, test ${total - valid}; each needs 2`,
      fix: 'give a longer text, or larger parts.',
    });
  }
  return { train, valid, test: total };
}

/** Every stretch of code points with its split. */
function eachStretch(
  text: Text,
  ends: Readonly<Record<Split, number>>,
  visit: (split: Split, points: Uint32Array) => void,
): void {
  let done = 0;
  for (const points of pointsIn(text)) {
    for (let from = 0; from < points.length;) {
      const split = SPLITS.find((one) => done < ends[one])!;
      const to = Math.min(points.length, from + ends[split] - done);
      visit(split, points.subarray(from, to));
      done += to - from;
      from = to;
    }
  }
}

/** Every piece of the text, none of which lies in two splits. */
function eachPiece(
  text: Text,
  ends: Readonly<Record<Split, number>>,
  visit: (split: Split, piece: Uint32Array, length: number) => void,
): void {
  let now: Split = 'train';
  const splitter = new PieceSplitter((piece, length) => visit(now, piece, length));
  eachStretch(text, ends, (split, points) => {
    if (split !== now) splitter.flush();
    now = split;
    splitter.push(points);
  });
  splitter.flush();
}

/** The tokens of every split. */
function encoded(text: Text, ends: Readonly<Record<Split, number>>, tokeniser: Tokeniser): OwnText {
  const counts = new Uint32Array(tokeniser.size);
  const characters = { train: ends.train, valid: ends.valid - ends.train, test: ends.test - ends.valid };
  const write = (split: Split) => new TokenWriter(tokeniser.size, split === 'train' ? counts : undefined);
  const writers = { train: write('train'), valid: write('valid'), test: write('test') };
  const unknown = new Unknown();
  if (tokeniser instanceof CharacterTokeniser) {
    for (const split of SPLITS) writers[split].room(characters[split]);
    eachStretch(text, ends, (split, points) => {
      const lacks = split === 'train' ? undefined : unknown;
      for (let i = 0; i < points.length; i++) writers[split].put(known(tokeniser, points[i], lacks));
    });
    refuse(unknown, tokeniser);
  } else {
    const { tokeniser: given } = text.options;
    const lacking = given instanceof WordTokeniser ? given.unknown : -1;
    eachPiece(text, ends, (split, piece, length) => {
      const tokens = tokeniser.encodePoints(piece, length);
      for (let i = 0; i < tokens.length; i++) writers[split].put(tokens[i]);
      if (split === 'train') return;
      unknown.total += tokens.length;
      if (tokens[0] === lacking) unknown.add(textOf(piece.subarray(0, length)));
    });
  }
  const [train, valid] = [writers.train.tokens(), writers.valid.tokens()];
  const apart = ends.test > ends.valid;
  return {
    tokeniser,
    train: ends.train ? train : valid,
    valid,
    test: apart ? writers.test.tokens() : valid,
    counts,
    unknown,
    characters: apart ? characters : { ...characters, test: characters.valid },
  };
}

/** The number of a character; 0, and noted, where there is none. */
function known(tokeniser: CharacterTokeniser, point: number, lacks?: Unknown): number {
  const id = tokeniser.number(point);
  if (lacks) lacks.total++;
  if (lacks && id < 0) lacks.add(String.fromCodePoint(point));
  return Math.max(0, id);
}

function refuse(unknown: Unknown, { size }: Tokeniser): void {
  if (!unknown.count) return;
  fail(`text: what is measured has characters that are not among the ${size} known: ${unknown}.`, {
    fix: 'leave them out, or train on a text that has them; --unit bpe knows every character.',
  });
}
