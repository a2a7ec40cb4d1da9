// Text of tokens that come piece by piece is the text of all of them, however they are cut.

import { expect, test } from 'vitest';
import { readOwnText } from '../../src/data/own/text';
import { ownTextData } from '../../src/data/own/writing';
import { makeCorpus } from '../../src/data/text';
import type { Writing } from '../../src/data/writing';
import { Random } from '../../src/random';
import { fileOf } from '../fixtures/ownFiles';

const OWN = 'größer 🙂 – “naïve”\n    \tif x: 日本語\n\n'.repeat(40);
const WIKI = '= The Ferry =\n the " ferry " ( it is ) said , leaves @-@ at 1 @,@ 000 \n \n';
const own = (unit: 'character' | 'word' | 'bpe'): Writing =>
  ownTextData(
    'x',
    readOwnText([fileOf('x.txt', OWN)], { unit, vocabulary: unit === 'bpe' ? 290 : undefined }),
  ).writing;
const wiki = (unit: 'character' | 'word'): Writing =>
  makeCorpus('x', unit, { train: WIKI, valid: WIKI, test: WIKI }).writing;
/** Bytes and subwords in an order that no text has, too: a letter may be cut in two, or be none. */
const writings: Record<string, [writing: Writing, tokens: number]> = {
  characters: [own('character'), 20],
  words: [own('word'), 12],
  subwords: [own('bpe'), 290],
  'WikiText’s words': [wiki('word'), 14],
  'WikiText’s characters': [wiki('character'), 25],
};

test.each(Object.entries(writings))('%s', (_name, [writing, tokens]) => {
  const random = new Random(3);
  for (let round = 0; round < 40; round++) {
    const ids = Array.from({ length: 60 }, () => random.integer(tokens));
    const decoding = writing.decoding();
    let text = '';
    for (let at = 0; at < ids.length;) {
      const to = at + 1 + random.integer(9);
      text += decoding.add(ids.slice(at, to));
      at = to;
    }
    expect(text + decoding.end()).toBe(writing.decode(ids));
  }
});

test('nothing is kept back that is certain', () => {
  const [ü, rest] = [[0xc3, 0xbc], [104]];
  const bytes = writings.subwords[0].decoding();
  expect([bytes.add(ü.slice(0, 1)), bytes.add(ü.slice(1)), bytes.add(rest), bytes.end()]).toEqual([
    '',
    'ü',
    'h',
    '',
  ]);
  const letters = writings.characters[0];
  expect(letters.decoding().add(letters.encode('größer', 'x'))).toBe('größer');
  const words = wiki('word');
  const line = words.decoding();
  const [ferry, end] = [words.encode('the "', 'x'), words.beginning];
  expect([line.add(ferry), line.add(end), line.add(ferry), line.end()]).toEqual(['', 'the "\n', '', 'the "']);
});
