// Vocabularies: tokens by number; words with <eos> at the end of every line, as WikiText has them.

import { fail } from '../graph/check';

/** What a token of WikiText is. */
export type Unit = 'word' | 'character';

/** The token at the end of every line. */
export const EOS = '<eos>';
const UNKNOWN = '<unk>';

/**
 * Tokens by number, the most frequent first (an adaptive softmax relies on it), equally frequent ones in the
 * order of their first occurrence.
 */
export class Vocabulary {
  readonly tokens: readonly string[];
  /** How often each occurs in the text that the vocabulary was made from. */
  readonly counts: Uint32Array;
  private readonly ids = new Map<string, number>();

  constructor(text: Iterable<string>) {
    const counts = new Map<string, number>();
    for (const token of text) counts.set(token, (counts.get(token) ?? 0) + 1);
    // The sort is stable, and a map keeps the order of insertion.
    const ranked = [...counts].sort(([, a], [, b]) => b - a);
    this.tokens = ranked.map(([token]) => token);
    this.counts = Uint32Array.from(ranked, ([, count]) => count);
    this.tokens.forEach((token, id) => this.ids.set(token, id));
  }

  get size(): number {
    return this.tokens.length;
  }

  /** The numbers of tokens. One that is not in the vocabulary is <unk>, where the vocabulary has that. */
  encode(text: Iterable<string>, where = 'the text'): Uint32Array {
    const unknown = this.ids.get(UNKNOWN);
    const found: number[] = [];
    for (const token of text) {
      const id = this.ids.get(token) ?? unknown;
      if (id === undefined) {
        fail(`text: ${where} has ${JSON.stringify(token)}, which is not among the ${this.size} known.`, {
          given: `token ${found.length} of ${where}`,
          fix: `replace it by ${UNKNOWN}, also somewhere in the training text.`,
        });
      }
      found.push(id);
    }
    return Uint32Array.from(found);
  }

  /** Numbers as text again: words with spaces between them, characters one behind the other. */
  decode(ids: Iterable<number>, unit: Unit): string {
    const tokens = Array.from(ids, (id) => this.tokens[id] ?? fail(`text: there is no token ${id}.`));
    if (unit === 'character') return tokens.join('');
    return tokens.join(' ').replace(/ ?<eos>(?: |$)/g, '\n');
  }
}

/** Not \s: to JavaScript, though not to others, a byte order mark is white too, and WikiText-2 has some. */
const WHITE = /[ \t\r\v\f]+/;

/** The words of every line, then <eos>. What follows the last line feed is no line when it is empty. */
export function* words(text: string): Generator<string> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    for (const word of line.split(WHITE)) if (word) yield word;
    yield EOS;
  }
}
