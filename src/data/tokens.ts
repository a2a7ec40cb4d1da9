// The tokens of a text as numbers, in as few bytes as the vocabulary allows: a text of 500 MB is 500 MB of characters.

/** Numbers of tokens, one behind the other. */
export type Tokens = Uint8Array | Uint16Array | Uint32Array;

/** Room for so many tokens of a vocabulary of this size, all 0. */
function roomForTokens(count: number, vocabulary: number): Tokens {
  if (vocabulary <= 2 ** 8) return new Uint8Array(count);
  return vocabulary <= 2 ** 16 ? new Uint16Array(count) : new Uint32Array(count);
}

/** Tokens that come one by one; `counts`, where it is given, says how often each came. */
export class TokenWriter {
  private array: Tokens;
  private length = 0;

  constructor(
    private readonly vocabulary: number,
    private readonly counts: Uint32Array | undefined,
  ) {
    this.array = roomForTokens(2 ** 12, vocabulary);
  }

  /** Room for exactly so many, before the first. */
  room(count: number): void {
    this.array = roomForTokens(count, this.vocabulary);
  }

  put(id: number): void {
    if (this.length === this.array.length) {
      const larger = roomForTokens(Math.ceil(this.length * 1.5) + 1, this.vocabulary);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = id;
    if (this.counts) this.counts[id]++;
  }

  tokens(): Tokens {
    return this.array.length === this.length ? this.array : this.array.slice(0, this.length);
  }
}
