// Texts of one's own as numbers and back, letter by letter: what was encoded comes back as it was, with its spaces,
// indentations and line feeds.
//
//   character  a Unicode code point
//   word       a piece of the text (pieces.ts), if it is frequent enough; the others are <unk>
//   bpe        learned subwords: pieces as bytes of UTF-8, joined by merges (merges.ts); any text has them

import { fail } from '../../graph/check';
import { byBytes, decodeAll, tokenByToken, type TextDecoding } from '../textDecoder';
import { Merger, type Merge } from './merges';
import { piecesOf, PieceTable, pointsOf, textOf } from './pieces';

/** What a token of one's own text may be. */
export const UNITS = ['character', 'word', 'bpe'] as const;
/** The name of such a unit. */
export type OwnUnit = (typeof UNITS)[number];

/** What a run keeps of it, as JSON. */
export type TokeniserFile =
  | { readonly unit: 'character' | 'word'; readonly tokens: readonly string[] }
  | { readonly unit: 'bpe'; readonly merges: readonly Merge[] };

/** A text as numbers and back. */
export interface Tokeniser {
  readonly unit: OwnUnit;
  /** How many tokens there are. */
  readonly size: number;
  /** The tokens of a text; `where` is for messages. */
  encode(text: string, where?: string): Uint32Array;
  /** The text of tokens. */
  decode(ids: Iterable<number>): string;
  /** The same of tokens that come piece by piece. */
  decoding(): TextDecoding;
  /** The tokens of a piece, or of one character. */
  encodePoints(points: Uint32Array, length: number): ArrayLike<number>;
  toJSON(): TokeniserFile;
}

/** The token of every word that is not in the vocabulary. */
export const UNKNOWN = '<unk>';

/** A token for every one of a list. */
abstract class ListTokeniser implements Tokeniser {
  abstract readonly unit: 'character' | 'word';
  abstract encode(text: string, where?: string): Uint32Array;
  abstract encodePoints(points: Uint32Array, length: number): ArrayLike<number>;

  constructor(readonly tokens: readonly string[]) {}

  get size(): number {
    return this.tokens.length;
  }

  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.tokens[id] ?? fail(`text: there is no token ${id}.`)).join('');
  }

  decoding(): TextDecoding {
    return tokenByToken((ids) => this.decode(ids));
  }

  toJSON(): TokeniserFile {
    return { unit: this.unit, tokens: this.tokens };
  }
}

/** A token for every known character; a text with another is refused, with its place. */
export class CharacterTokeniser extends ListTokeniser {
  readonly unit = 'character';
  /** By code point, the number of the token and 1; 0: there is none. */
  private readonly numbers = new Uint32Array(0x110000);

  constructor(tokens: readonly string[]) {
    super(tokens);
    tokens.forEach((token, id) => (this.numbers[token.codePointAt(0)!] = id + 1));
  }

  /** The number of a code point; -1: it is not among the known. */
  number(point: number): number {
    return this.numbers[point] - 1;
  }

  encode(text: string, where = 'the text'): Uint32Array {
    return pointsOf(text).map((point, at) => {
      const id = this.number(point);
      if (id >= 0) return id;
      const letter = JSON.stringify(String.fromCodePoint(point));
      return fail(`text: ${where} has ${letter}, which is not among the ${this.size} known characters.`, {
        given: `character ${at} of ${where}`,
        fix: 'leave it out: the model has never seen it.',
      });
    });
  }

  encodePoints([point]: Uint32Array): ArrayLike<number> {
    return [this.number(point)];
  }
}

/** A token for every known piece of a text (see pieces.ts); every other is <unk>. */
export class WordTokeniser extends ListTokeniser {
  readonly unit = 'word';
  private readonly table = new PieceTable();
  /** The token of every piece in the table. */
  private readonly ids: number[] = [];
  /** The number of <unk>. */
  readonly unknown: number;

  constructor(tokens: readonly string[]) {
    super(tokens);
    this.unknown = tokens.indexOf(UNKNOWN);
    if (this.unknown < 0) fail(`text: the words have no ${UNKNOWN}.`);
    tokens.forEach((token, id) => {
      const points = pointsOf(token);
      if (id !== this.unknown) this.ids[this.table.number(points, points.length, true)] = id;
    });
  }

  encode(text: string): Uint32Array {
    return Uint32Array.from(piecesOf(text), (piece) => {
      const points = pointsOf(piece);
      return this.encodePoints(points, points.length)[0];
    });
  }

  encodePoints(points: Uint32Array, length: number): ArrayLike<number> {
    return [this.ids[this.table.number(points, length, false)] ?? this.unknown];
  }
}

const BYTES = 256;
/** Pieces whose tokens are remembered. */
const REMEMBERED = 2 ** 18;

/** Tokens 0 to 255 are bytes, then follow the merges. */
export class BpeTokeniser implements Tokeniser {
  readonly unit = 'bpe';
  private readonly merger: Merger;
  /** The bytes of every token. */
  readonly bytes: readonly Uint8Array[];
  private readonly known = new PieceTable();
  private readonly remembered: number[][] = [];

  constructor(readonly merges: readonly Merge[]) {
    this.merger = new Merger(merges, BYTES);
    const bytes = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
    for (const [a, b] of merges) bytes.push(Uint8Array.of(...bytes[a], ...bytes[b]));
    this.bytes = bytes;
  }

  get size(): number {
    return BYTES + this.merges.length;
  }

  encode(text: string): Uint32Array {
    return Uint32Array.from(piecesOf(text).flatMap((piece) => this.merger.apply(utf8Of(piece))));
  }

  encodePoints(points: Uint32Array, length: number): ArrayLike<number> {
    const number = this.known.number(points, length, this.known.size < REMEMBERED);
    const tokens = () => this.merger.apply(utf8Of(textOf(points.subarray(0, length))));
    return number < 0 ? tokens() : (this.remembered[number] ??= tokens());
  }

  /** Bytes that are no UTF-8, which a model may draw, become U+FFFD. */
  decode(ids: Iterable<number>): string {
    return decodeAll(this.decoding(), ids);
  }

  decoding(): TextDecoding {
    return byBytes((id) => this.bytes[id] ?? fail(`text: there is no token ${id}.`));
  }

  toJSON(): TokeniserFile {
    return { unit: 'bpe', merges: this.merges };
  }
}

const encoder = new TextEncoder();

/** A text as bytes of UTF-8. */
export const utf8Of = (text: string): Uint8Array => encoder.encode(text);

/** The tokeniser that a run has kept; `where` names its file in messages. */
export function readTokeniser(raw: unknown, where: string): Tokeniser {
  const wrong = (what: string): never =>
    fail(`${where}: ${what}.`, { fix: 'the file was changed or is damaged; train again.' });
  if (typeof raw !== 'object' || raw === null) return wrong('it holds no vocabulary');
  const { unit, tokens, merges } = raw as Record<string, unknown>;
  if (unit === 'bpe') {
    if (!Array.isArray(merges)) return wrong('it has no merges');
    merges.forEach((merge: unknown, i) => {
      const right = (n: unknown) => Number.isInteger(n) && (n as number) >= 0 && (n as number) < BYTES + i;
      if (Array.isArray(merge) && merge.length === 2 && merge.every(right)) return;
      wrong(`merge ${i} is ${JSON.stringify(merge)}, not two tokens before it`);
    });
    return new BpeTokeniser(merges as Merge[]);
  }
  if (unit !== 'character' && unit !== 'word') return wrong(`its unit is ${JSON.stringify(unit)}`);
  const texts = Array.isArray(tokens) && tokens.every((token) => typeof token === 'string' && token);
  if (!texts || new Set(tokens).size !== tokens.length) return wrong('its tokens are no different texts');
  if (unit === 'word' && !tokens.includes(UNKNOWN)) return wrong(`its words have no ${UNKNOWN}`);
  return unit === 'word' ? new WordTokeniser(tokens) : new CharacterTokeniser(tokens);
}
