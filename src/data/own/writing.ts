// A text of one's own as tasks take it, and what a run keeps of it.

import { fail } from '../../graph/check';
import type { TextData, TokenUnit } from '../text';
import { decodeAll, type TextDecoding } from '../textDecoder';
import type { Writing } from '../writing';
import type { OwnText } from './text';
import { UNKNOWN, readTokeniser, type OwnUnit, type Tokeniser } from './tokeniser';

const UNITS: Readonly<Record<OwnUnit, TokenUnit>> = { character: 'character', word: 'word', bpe: 'subword' };

/** Text that is written as it is: nothing is put between tokens, and nothing taken away. */
class OwnWriting implements Writing {
  constructor(
    readonly tokeniser: Tokeniser,
    readonly beginning: Uint32Array,
  ) {}

  encode(text: string, where: string): Uint32Array {
    return this.tokeniser.encode(text, where);
  }

  decode(ids: Iterable<number>): string {
    return decodeAll(this.decoding(), ids);
  }

  decoding(): TextDecoding {
    return this.tokeniser.decoding();
  }

  toJSON(): unknown {
    return { ...this.tokeniser.toJSON(), beginning: [...this.beginning] };
  }
}

/**
 * The text under a name. It begins behind a line feed, where its vocabulary has one, otherwise as it does; or as what a
 * run has kept, in whose vocabulary it was read.
 */
export function ownTextData(name: string, text: OwnText, kept?: TextData): TextData {
  const { tokeniser, train, valid, test, counts, unknown } = text;
  const line = () => lineFeedIn(tokeniser) ?? Uint32Array.from(train.subarray(0, 1));
  const writing = kept?.writing ?? new OwnWriting(tokeniser, line());
  const vocabulary = { size: tokeniser.size, counts };
  const lacks = kept && unknown.count ? { unknown: `${UNKNOWN} in what is measured: ${unknown}` } : {};
  return { name, unit: UNITS[tokeniser.unit], vocabulary, writing, train, valid, test, ...lacks };
}

/** The tokeniser of what a run has kept. */
export const tokeniserOf = (kept: TextData | undefined): Tokeniser | undefined =>
  kept?.writing instanceof OwnWriting ? kept.writing.tokeniser : undefined;

function lineFeedIn(tokeniser: Tokeniser): Uint32Array | undefined {
  if (tokeniser.unit === 'bpe') return tokeniser.encode('\n');
  const { tokens } = tokeniser.toJSON() as { readonly tokens: readonly string[] };
  return tokens.includes('\n') ? Uint32Array.of(tokens.indexOf('\n')) : undefined;
}

/** What a run keeps to be used without the files, as JSON. */
export const keepText = ({ name, writing }: TextData): unknown => ({ name, writing: writing.toJSON() });

/** Text from that, without splits; `where`: the file, for errors. */
export function keptText(json: unknown, where: string): TextData {
  const { name, writing } = Object(json) as Record<string, unknown>;
  const tokeniser = readTokeniser(writing, where);
  const { beginning } = Object(writing) as Record<string, unknown>;
  const ids = Array.isArray(beginning) ? beginning : [];
  const right = ids.length > 0 && ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokeniser.size);
  if (typeof name !== 'string' || !right) {
    fail(`${where} holds no text.`, { fix: 'the file was changed or is damaged; train again.' });
  }
  const none = new Uint8Array(0);
  return {
    name,
    unit: UNITS[tokeniser.unit],
    vocabulary: { size: tokeniser.size, counts: new Uint32Array(tokeniser.size).fill(1) },
    writing: new OwnWriting(tokeniser, Uint32Array.from(ids as number[])),
    train: none,
    valid: none,
    test: none,
  };
}
