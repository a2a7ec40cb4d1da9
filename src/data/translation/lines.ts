// The lines of a file, read piece by piece; and sentences, in which white space is one space.

import type { ByteSource } from '../byteSource';
import { CodePointDecoder, type Encoding } from '../own/codePoints';
import { textOf } from '../own/pieces';

const LINE_FEED = 10;

/** The lines of a file without their ends. What follows the last line feed is no line when it is empty. */
export function* linesOf(source: ByteSource, encoding?: Encoding): Generator<string> {
  const decoder = new CodePointDecoder({ encoding, name: source.name });
  let rest = '';
  const cut = function* (points: Uint32Array): Generator<string> {
    let from = 0;
    for (let at = points.indexOf(LINE_FEED); at >= 0; at = points.indexOf(LINE_FEED, from)) {
      yield rest + textOf(points.subarray(from, at));
      rest = '';
      from = at + 1;
    }
    rest += textOf(points.subarray(from));
  };
  for (const chunk of source.chunks()) yield* cut(decoder.push(chunk));
  yield* cut(decoder.end());
  if (rest) yield rest;
}

/** A line as a sentence: white space of any kind, thin and no-break too, is one space, and none at the ends. */
export const sentenceOf = (line: string): string => line.replace(/[\s\u0085]+/gu, ' ').trim();

/** How many words a sentence has, as white space divides it. */
export function wordsIn(sentence: string): number {
  let count = sentence ? 1 : 0;
  for (let at = sentence.indexOf(' '); at >= 0; at = sentence.indexOf(' ', at + 1)) count++;
  return count;
}
