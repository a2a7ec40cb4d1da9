// What `translate` is given: sentences as a run was trained on them, however they are typed or piped.

import { describe, expect, test } from 'vitest';
import { learnCoder } from '../../src/data/translation/coder';
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

test('all that cannot be read are named at once, by the lines that they stand in', () => {
  const coder = learnCoder(['a b c !'], { unit: 'word', atLeast: 1 });
  const form = { coder, longest: { source: 20, target: 20 } };
  const long = `${'a b c '.repeat(20)}!`;
  const of = (lines: string[]) => () => symbolsOf(sentencesIn(lines, true), form);
  expect(of(['a b c !', '', 'q', long, 'x y'])).toThrow(
    /line 3 has nothing that the run knows\.\n *q\n *and so has line 5\n/,
  );
  expect(of(Array<string>(13).fill(long))).toThrow(
    /line 1 has 62 symbols[^]* has 20\.\n[^]*and so have line 2, [^]*line 11 and 2 more\n/,
  );
});
