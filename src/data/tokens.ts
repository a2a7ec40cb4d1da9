// The tokens of a text as numbers, in as few bytes as the vocabulary allows: a text of 500 MB is 500 MB of characters.

/** Numbers of tokens, one behind the other. */
export type Tokens = Uint8Array | Uint16Array | Uint32Array;

/** Room for so many tokens of a vocabulary of this size, all 0. */
export function roomForTokens(count: number, vocabulary: number): Tokens {
  if (vocabulary <= 2 ** 8) return new Uint8Array(count);
  return vocabulary <= 2 ** 16 ? new Uint16Array(count) : new Uint32Array(count);
}
