// Sentences as symbols, one behind the other in as few bytes as the vocabulary allows: four million pairs are two
// arrays.

import { TokenWriter, type Tokens } from '../tokens';

/** Sentences of symbols, by number; END is not stored. */
export class Sentences {
  constructor(
    private readonly symbols: Tokens,
    /** Where each ends; it begins where the one before ends. */
    private readonly ends: Uint32Array,
  ) {}

  /** How many there are. */
  get count(): number {
    return this.ends.length;
  }

  /** The symbols of a sentence. */
  at(i: number): Tokens {
    return this.symbols.subarray(this.startOf(i), this.ends[i]);
  }

  /** Symbols of a sentence with its END. */
  lengthOf(i: number): number {
    return this.ends[i] - this.startOf(i) + 1;
  }

  private startOf(i: number): number {
    return i ? this.ends[i - 1] : 0;
  }
}

/** Sentences that come one by one. */
export class SentenceWriter {
  private readonly symbols: TokenWriter;
  private readonly ends: number[] = [];
  private length = 0;

  /** `size`: of the vocabulary. */
  constructor(size: number) {
    this.symbols = new TokenWriter(size, undefined);
  }

  put(sentence: ArrayLike<number>): void {
    for (let i = 0; i < sentence.length; i++) this.symbols.put(sentence[i]);
    this.length += sentence.length;
    this.ends.push(this.length);
  }

  sentences(): Sentences {
    return new Sentences(this.symbols.tokens(), Uint32Array.from(this.ends));
  }
}
