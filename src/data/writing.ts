// How what people write becomes tokens, and tokens what people read: that of WikiText, whose tokens are set apart by
// spaces. Texts of one's own are written as they are (own/tokeniser.ts).

import { fail } from '../graph/check';
import { detokenise, tokenise } from './detokenise';
import { decodeAll, lineByLine, type TextDecoding } from './textDecoder';
import { EOS, Vocabulary, words, type Unit } from './vocabulary';

/** How tokens are written: text to tokens and back. */
export interface Writing {
  /** The tokens of a text; what is not known is refused. `where` is for messages. */
  encode(text: string, where: string): Uint32Array;
  decode(ids: Iterable<number>): string;
  /** The same of tokens that come piece by piece. */
  decoding(): TextDecoding;
  /** What a text begins behind that has no other beginning. */
  readonly beginning: Uint32Array;
  /** All of it, as plain JSON. */
  toJSON(): unknown;
}

/** Unknown words that an error names. */
const NAMED = 8;

/** WikiText's words or characters by number; a text begins as a line does, behind the end of another. */
export class WikiTextWriting implements Writing {
  private readonly vocabulary: Vocabulary;

  constructor(
    private readonly unit: Unit,
    private readonly tokens: readonly string[],
  ) {
    this.vocabulary = new Vocabulary(tokens);
  }

  get beginning(): Uint32Array {
    return this.vocabulary.encode([this.unit === 'word' ? EOS : '\n']);
  }

  encode(text: string, where: string): Uint32Array {
    const { unit, vocabulary } = this;
    const written = tokenise(text);
    const tokens = unit === 'word' ? [...words(written)].slice(0, -1) : text ? [...written] : [];
    const known = new Set(this.tokens);
    const unknown = [...new Set(tokens.filter((token) => !known.has(token)))];
    if (unknown.length) {
      const few = unknown.slice(0, NAMED).map((token) => JSON.stringify(token));
      const fix = known.has('<unk>') && unit === 'word' ? 'use other words, or write <unk>' : 'use others';
      fail(`text: ${where} has ${unit}s that WikiText-2 does not know: ${few.join(', ')}.`, {
        given: `${unknown.length} of them; ${vocabulary.size} are known`,
        fix: `${fix}; capitals count.`,
      });
    }
    return vocabulary.encode(tokens, where);
  }

  decode(ids: Iterable<number>): string {
    return decodeAll(this.decoding(), ids);
  }

  decoding(): TextDecoding {
    const { unit, vocabulary } = this;
    return lineByLine((ids) => detokenise(vocabulary.decode(ids, unit)), this.beginning[0]);
  }

  toJSON(): unknown {
    return { tokens: this.tokens };
  }
}
