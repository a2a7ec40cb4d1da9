// What a run keeps of its pairs to translate without them: the vocabulary, and the longest sides that it has seen.

import { fail } from '../../graph/check';
import { Pairs } from './batches';
import { readCoder } from './coder';
import type { PairCorpus } from './corpus';
import { SentenceWriter } from './sentences';

/** A corpus as plain JSON. */
export const keepCorpus = ({ name, coder, shapes }: PairCorpus): unknown => ({
  name,
  tokeniser: coder.toJSON(),
  longest: shapes.at(-1),
});

/** A corpus from that, without pairs; `where`: the file, for errors. */
export function keptCorpus(json: unknown, where: string): PairCorpus {
  const { name, tokeniser, longest } = Object(json) as Record<string, unknown>;
  const { source, target } = Object(longest) as Record<string, unknown>;
  const length = (n: unknown): n is number => Number.isInteger(n) && (n as number) > 0;
  if (typeof name !== 'string' || !length(source) || !length(target)) {
    return fail(`${where} holds no vocabulary of translation.`, {
      fix: 'the file was changed or is damaged; train again.',
    });
  }
  const coder = readCoder(tokeniser, where);
  const none = new SentenceWriter(coder.size).sentences();
  const empty = { pairs: new Pairs(none, none), texts: [] };
  return { name, coder, train: empty, valid: empty, test: empty, shapes: [{ source, target }], notes: [] };
}
