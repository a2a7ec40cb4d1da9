// Pairs of sentences from two files, the n-th line of one translating the n-th of the other, or from one file with a
// tab between the two.

import { fail } from '../../graph/check';
import type { ByteSource } from '../byteSource';
import type { Encoding } from '../own/codePoints';
import { linesOf, sentenceOf } from './lines';

/** A sentence and its translation. */
export interface SentencePair {
  readonly source: string;
  readonly target: string;
}

/** Pairs, and the lines of those of which a side was empty. */
export interface ReadPairs {
  readonly pairs: SentencePair[];
  /** Line numbers, from 1. */
  readonly empty: readonly number[];
}

/** How a file with tabs is read. */
export interface TabOptions {
  readonly encoding?: Encoding;
  /** The second column is the source. */
  readonly reversed?: boolean;
}

const TAB = '\t';

/** The pairs of a file with tabs: the first two columns of every line. What follows them is left out. */
export function tabPairs(file: ByteSource, { encoding, reversed }: TabOptions = {}): ReadPairs {
  const collected = new Collector();
  for (const line of linesOf(file, encoding)) {
    const [first, second] = line.split(TAB, 2);
    if (second === undefined && sentenceOf(first)) {
      fail(`translation: line ${collected.line + 1} of ${file.name} has no tab.`, {
        given: shortened(first),
        fix: 'give a sentence, a tab and its translation on every line, or two files by --source and --target.',
      });
    }
    collected.add(reversed ? (second ?? '') : first, reversed ? first : (second ?? ''));
  }
  return collected;
}

/** The pairs of two files, which must have as many lines. */
export function filePairs(source: ByteSource, target: ByteSource, encoding?: Encoding): ReadPairs {
  const collected = new Collector();
  const others = linesOf(target, encoding);
  let [more, last] = [0, ''];
  for (const line of linesOf(source, encoding)) {
    const { value, done } = more ? { value: undefined, done: true } : others.next();
    if (!done) collected.add(line, value!);
    else if (!more++) last = line;
  }
  const extra = more ? [] : [...others];
  if (!more && !extra.length) return collected;
  const { line } = collected;
  const [longer, shorter] = more ? [source, target] : [target, source];
  return fail(
    `translation: ${longer.name} has ${line + (more || extra.length)} lines, ${shorter.name} has ${line}.`,
    {
      given: `line ${line + 1} of ${longer.name} has no other side: ${shortened(more ? last : extra[0])}`,
      fix: 'give files in which each line translates the line of the same number.',
    },
  );
}

const shortened = (line: string): string => {
  const letters = Array.from(line);
  return JSON.stringify(letters.length > 60 ? `${letters.slice(0, 60).join('')} …` : line);
};

class Collector implements ReadPairs {
  readonly pairs: SentencePair[] = [];
  readonly empty: number[] = [];
  /** Lines so far. */
  line = 0;

  add(one: string, other: string): void {
    this.line++;
    const [source, target] = [sentenceOf(one), sentenceOf(other)];
    if (source && target) this.pairs.push({ source, target });
    else this.empty.push(this.line);
  }
}
