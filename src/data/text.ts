// Text for language modelling: vocabularies, words with <eos> at the end of every line, characters, and the
// anchors of the measures.
//
//   words       split at white space, then <eos>, also for an empty line (Mikolov's and Merity's convention)
//   characters  Unicode code points, line feeds among them

import { fail } from '../graph/check';

export const SPLITS = ['train', 'valid', 'test'] as const;
export type Split = (typeof SPLITS)[number];
export type Unit = 'word' | 'character';

/** The text of every split. */
export type Texts = Readonly<Record<Split, string>>;

export interface Corpus extends Readonly<Record<Split, Uint32Array>> {
  readonly name: string;
  readonly unit: Unit;
  readonly vocabulary: Vocabulary;
}

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

/** The three splits as numbers, in a vocabulary that the training split makes. */
export function makeCorpus(name: string, unit: Unit, texts: Texts): Corpus {
  const tokens = (split: Split): Iterable<string> => (unit === 'word' ? words(texts[split]) : texts[split]);
  const vocabulary = new Vocabulary(tokens('train'));
  const encode = (split: Split) => vocabulary.encode(tokens(split), `${name}'s ${split} split`);
  return {
    ...{ name, unit, vocabulary },
    ...{ train: encode('train'), valid: encode('valid'), test: encode('test') },
  };
}

/** Nats per token of `test` for a model that knows only how often each token occurs in training. */
export function unigramNats({ counts }: Vocabulary, test: Uint32Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let nats = 0;
  for (const id of test) nats -= Math.log(counts[id] / total);
  return nats / test.length;
}

/**
 * Nats per token of `test` after its first for a model that knows only which token follows which in training, with
 * one more occurrence of every token spread over its successors by their frequency (MacKay & Peto 1995): a pair
 * that training has not is not impossible.
 */
export function bigramNats({ counts, size }: Vocabulary, train: Uint32Array, test: Uint32Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const pairs = new Map<number, number>();
  const before = new Float64Array(size);
  for (let t = 1; t < train.length; t++) {
    const pair = train[t - 1] * size + train[t];
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    before[train[t - 1]]++;
  }
  let nats = 0;
  for (let t = 1; t < test.length; t++) {
    const seen = pairs.get(test[t - 1] * size + test[t]) ?? 0;
    nats -= Math.log((seen + counts[test[t]] / total) / (before[test[t - 1]] + 1));
  }
  return nats / (test.length - 1);
}
