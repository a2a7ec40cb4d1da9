// What `translate` is given: sentences as a run was trained on them, however they are typed or piped.

import { describe, expect, test } from 'vitest';
import { inputLines, sentencesIn, symbolsOf } from '../../src/cli/translate/sentences';
import type { PairCorpus } from '../../src/data/translation/corpus';
import { END } from '../../src/data/translation/symbols';
import { translation } from '../../src/tasks/translation/index';
import { fileOf } from '../fixtures/ownFiles';

const bytes = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string) =>
  Uint8Array.from([...`\ufeff${text}`].flatMap((one) => [one.charCodeAt(0) & 255, one.charCodeAt(0) >> 8]));

describe('lines of standard input', () => {
  test.each([
    ['ends of lines, and empty ones', bytes('one\r\n\r\ntwo\n\n'), ['one', '', 'two', '']],
    ['a byte order mark', bytes('\ufeffone\ntwo'), ['one', 'two']],
    ['UTF-16, as PowerShell pipes it', utf16('één\r\ntwo\r\n'), ['één', 'two']],
    ['nothing', bytes(''), []],
  ])('%s', (_, input, lines) => {
    expect(inputLines(input)).toEqual(lines);
  });

  test('another encoding is refused, or read as it is said', () => {
    const latin = Uint8Array.of(233, 116, 233, 10);
    expect(() => inputLines(latin)).toThrow(/standard input is not UTF-8[^]*--encoding/);
    expect(inputLines(latin, 'windows-1252')).toEqual(['été']);
  });
});

test.each(['character', 'word', 'bpe'] as const)(
  'spaces of any kind are what they were in training: %s',
  async (unit) => {
    const words = ['a', 'b', 'c'];
    const pairs = words.flatMap((one) =>
      words.flatMap((two) => words.map((three) => `${one} ${two} ${three} !\tx`)),
    );
    const corpus = await translation.data!.read([fileOf('a.txt', pairs.join('\n'))], {
      ...{ unit, validPart: 0.2, testPart: 0.2 },
    });
    const form = { coder: (corpus as PairCorpus).coder, longest: { source: 20, target: 20 } };
    const [plain, ...others] = symbolsOf(
      sentencesIn(['a b c !', '', ' a  b\tc ! ', 'a b\u00a0c\u202f!', '\ufeffa b c !\r', '\u0085']),
      form,
    );
    expect(plain.at(-1)).toBe(END);
    expect(others).toEqual([plain, plain, plain]);
  },
);
