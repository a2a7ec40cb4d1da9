// Texts of one's own: encodings, newlines, pieces, learned subwords, vocabularies and splits.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { allBytes, bytesAsSource, type ByteSource } from '../../src/data/byteSource';
import { CodePointDecoder, type DecodeOptions } from '../../src/data/own/codePoints';
import { filesFrom } from '../../src/data/files.node';
import { learnMerges, Merger, type Merge } from '../../src/data/own/merges';
import { readOwnText, type OwnTextOptions } from '../../src/data/own/text';
import { LONGEST_PIECE, piecesOf, PieceTable, pointsOf, textOf } from '../../src/data/own/pieces';
import { readTokeniser, UNKNOWN, WordTokeniser, type Tokeniser } from '../../src/data/own/tokeniser';
import { Random } from '../../src/random';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, little: boolean) =>
  Uint8Array.from({ length: text.length * 2 }, (_, i) => {
    const unit = text.charCodeAt(i >> 1);
    return (i % 2 === 0) === little ? unit & 255 : unit >> 8;
  });

/** The text of bytes, read in pieces of `step` of them. */
function decode(bytes: Uint8Array, options: DecodeOptions = {}, step = bytes.length || 1): string {
  const decoder = new CodePointDecoder(options);
  let text = '';
  for (let i = 0; i < bytes.length; i += step) text += textOf(decoder.push(bytes.subarray(i, i + step)));
  return text + textOf(decoder.end());
}

const ANY = 'déjà vu\n\t日本語 🎼 “x”\u0000'.slice(0, -1);

describe('encodings', () => {
  test.each([1, 2, 3, 5, 1000])('UTF-8 and UTF-16 come as they are, in pieces of %i bytes', (step) => {
    // The first bytes say what it is, so they come together.
    const from = (bytes: Uint8Array) => decode(bytes, {}, Math.max(4, step));
    expect(decode(bytesOf(ANY), { encoding: 'utf-8' }, step)).toBe(ANY);
    expect(from(bytesOf(ANY))).toBe(ANY);
    expect(from(bytesOf(`\ufeff${ANY}`))).toBe(ANY);
    for (const little of [true, false]) {
      expect(from(utf16(`\ufeff${ANY}`, little))).toBe(ANY);
      expect(decode(utf16(ANY, little), { encoding: little ? 'utf-16le' : 'utf-16be' }, step)).toBe(ANY);
    }
  });

  test('what Node’s decoder takes is taken, and what it refuses is refused, at its byte', () => {
    const random = new Random(1);
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const kinds = [0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x9f, 0xa0, 0x90, 0x8f];
    for (let trial = 0; trial < 3000; trial++) {
      const bytes = Uint8Array.from(
        { length: 1 + random.integer(6) },
        () => kinds[random.integer(kinds.length)],
      );
      const attempt = (make: () => string) => {
        try {
          return make();
        } catch {
          return null;
        }
      };
      expect(
        attempt(() => decode(bytes)),
        String(bytes),
      ).toBe(attempt(() => strict.decode(bytes)));
    }
  });

  test('windows-1252 and iso-8859-1', () => {
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);
    const known = every.slice(0x80, 0xa0).filter((byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte));
    expect(decode(known, { encoding: 'windows-1252' })).toBe('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ');
    expect(decode(bytesOf('aé').subarray(0, 2), { encoding: 'windows-1252' })).toBe('aÃ');
    const latin = decode(every, { encoding: 'iso-8859-1', newlines: 'keep' });
    expect(Array.from(pointsOf(latin))).toEqual(Array.from(every));
    expect(() => decode(Uint8Array.of(65, 0x81), { encoding: 'windows-1252' })).toThrow('0x81 at byte 1');
  });

  test('what is not of the encoding is refused, with its byte and what to do', () => {
    const name = 'book.txt';
    expect(() => decode(Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x0a), { name })).toThrow(
      /book\.txt is not UTF-8: 0xe9 at byte 3[^]*no --encoding is given[^]*--encoding utf-16le, utf-16be, windows-1252/,
    );
    expect(() => decode(bytesOf('né').subarray(0, 2), { name })).toThrow(
      'ends in the middle of a character at byte 2',
    );
    expect(() => decode(utf16('abc', true), { name })).toThrow(/zero byte at byte 1[^]*--encoding utf-16le/);
    expect(decode(bytesOf('a\0b'), { encoding: 'utf-8' })).toBe('a\0b');
    expect(() => decode(utf16('a\ud800b', true), { encoding: 'utf-16le' })).toThrow(
      'half a pair, 0x62 at byte 4',
    );
    expect(() => decode(Uint8Array.of(0xff, 0xfe, 0, 0, 65, 0, 0, 0))).toThrow('UTF-32');
  });

  test('CR LF becomes LF, a CR alone stays; or both stay', () => {
    const text = '\r\na\r\nb\rc\r\r\nd\r';
    for (const step of [1, 2, 100]) {
      expect(decode(bytesOf(text), {}, step)).toBe('\na\nb\rc\r\nd\r');
      expect(decode(bytesOf(text), { newlines: 'keep' }, step)).toBe(text);
    }
  });
});

const PYTHON = 'def f(x):\n    if x > 10:\n\treturn  x\n\n\nclass A:  # don’t\n    pass\n';

describe('pieces', () => {
  test('put one behind the other they are the text', () => {
    const random = new Random(3);
    const signs = [' ', ' ', '\n', '\t', 'a', 'b', 'é', "'", '’', '1', '.', '(', '\u00a0', '日', '🎼'];
    for (let trial = 0; trial < 500; trial++) {
      const text = Array.from({ length: random.integer(90) }, () => signs[random.integer(signs.length)]).join(
        '',
      );
      expect(piecesOf(text).join('')).toBe(text);
    }
    expect(piecesOf(PYTHON).join('')).toBe(PYTHON);
  });

  test('letters, digits and signs with the space before; white space; apostrophes inside words', () => {
    expect(piecesOf("It  isn't 42% of  'it'.\n  x")).toEqual([
      'It',
      ' ',
      " isn't",
      ' 42',
      '%',
      ' of',
      ' ',
      " '",
      'it',
      "'.",
      '\n ',
      ' x',
    ]);
  });

  test('a run is cut where it is longer than 64', () => {
    const long = 'x'.repeat(LONGEST_PIECE * 2 + 5);
    expect(piecesOf(long).map(({ length }) => length)).toEqual([64, 64, 5]);
    expect(piecesOf(` ${long}`)[0]).toHaveLength(64);
    expect(piecesOf(`${'x'.repeat(63)}'y`)).toEqual(['x'.repeat(63), "'", 'y']);
  });

  test('the table numbers what it sees, also when it grows', () => {
    const table = new PieceTable();
    const words = Array.from({ length: 9000 }, (_, i) => `w${(i * 7919) % 9000}`);
    const numbers = words.map((word) => table.number(pointsOf(word), word.length, true));
    expect(numbers).toEqual(words.map((_, i) => i));
    words.forEach((word, i) => {
      expect(table.number(pointsOf(word), word.length, true)).toBe(i);
      expect(textOf(table.points(i))).toBe(word);
    });
    expect(table.number(pointsOf('other'), 5, false)).toBe(-1);
  });
});

/** For every merge, how often its pair is in the words, and how often the most frequent one, counted anew. */
function replayed(
  words: readonly number[][],
  counts: readonly number[],
  symbols: number,
  merges: readonly Merge[],
) {
  let now = words.map((word) => [...word]);
  return merges.map(([a, b], m) => {
    const pairs = new Map<string, number>();
    now.forEach((word, w) => {
      for (let i = 0; i + 1 < word.length; i++) {
        const key = `${word[i]},${word[i + 1]}`;
        pairs.set(key, (pairs.get(key) ?? 0) + counts[w]);
      }
    });
    now = now.map((word) => {
      const joined: number[] = [];
      for (let i = 0; i < word.length; i++) {
        const is = word[i] === a && word[i + 1] === b;
        joined.push(is ? symbols + m : word[i]);
        if (is) i++;
      }
      return joined;
    });
    return { count: pairs.get(`${a},${b}`), most: Math.max(...pairs.values()) };
  });
}

describe('learned subwords', () => {
  // Sennrich, Haddow & Birch 2016, algorithm 1.
  const words = ['l o w </w>', 'l o w e r </w>', 'n e w e s t </w>', 'w i d e s t </w>'];
  const alphabet = [...new Set(words.flatMap((word) => word.split(' ')))];
  const symbols = words.map((word) => word.split(' ').map((one) => alphabet.indexOf(one)));
  const counts = [5, 2, 6, 3];

  test('the published example: e s, es t, est </w>, l o, lo w', () => {
    const merges = learnMerges({ words: symbols, counts, symbols: alphabet.length, merges: 10 });
    const names = [...alphabet];
    const spelled = merges.map(([a, b]) => {
      names.push(names[a] + names[b]);
      return `${names[a]} ${names[b]}`;
    });
    expect(spelled.slice(0, 5)).toEqual(['e s', 'es t', 'est </w>', 'l o', 'lo w']);
    const merger = new Merger(merges.slice(0, 5), alphabet.length);
    const lowest = ['l', 'o', 'w', 'e', 's', 't', '</w>'].map((one) => alphabet.indexOf(one));
    expect(merger.apply(lowest).map((symbol) => names[symbol])).toEqual(['low', 'est</w>']);
  });

  test('on random words every merge is of a pair that counting anew finds to be the most frequent', () => {
    const random = new Random(5);
    for (let trial = 0; trial < 40; trial++) {
      const list = Array.from({ length: 12 }, () =>
        Array.from({ length: 1 + random.integer(9) }, () => random.integer(3)),
      );
      const times = list.map(() => 1 + random.integer(1000));
      const merges = learnMerges({ words: list, counts: times, symbols: 3, merges: 12 });
      expect(merges).toHaveLength(12);
      for (const { count, most } of replayed(list, times, 3, merges)) expect(count).toBe(most);
    }
  });

  test('a pair that occurs once is not merged', () => {
    expect(learnMerges({ words: [[0, 1, 0, 1]], counts: [1], symbols: 2, merges: 9 })).toEqual([[0, 1]]);
    expect(learnMerges({ words: [], counts: [], symbols: 2, merges: 9 })).toEqual([]);
  });
});

const BOOK = `${PYTHON}${ANY}`.repeat(40);
const read = (text: string | readonly string[], options: OwnTextOptions = {}) =>
  readOwnText(
    [text].flat().map((one, i): ByteSource => bytesAsSource(`${i}.txt`, bytesOf(one))),
    options,
  );
const back = (tokeniser: Tokeniser) =>
  readTokeniser(JSON.parse(JSON.stringify(tokeniser)), 'vocabulary.json');

describe('tokens of a text', () => {
  const units = ['character', 'bpe'] as const;
  test.each(units)('%s: every split comes back as it was, from the file of the run too', (unit) => {
    const { tokeniser, ...splits } = read(BOOK, { unit, vocabulary: unit === 'bpe' ? 300 : undefined });
    for (const kept of [tokeniser, back(tokeniser)]) {
      const texts = [splits.train, splits.valid, splits.test].map((tokens) => kept.decode(tokens));
      expect(texts.join('')).toBe(BOOK);
      expect(texts.map((text) => pointsOf(text).length)).toEqual(Object.values(splits.characters));
      expect(kept.decode(kept.encode(PYTHON))).toBe(PYTHON);
    }
    const total = splits.counts.reduce((sum, count) => sum + count, 0);
    expect(total).toBe(splits.train.length);
  });

  test('bpe has every text, of characters that it never saw too', () => {
    const { tokeniser } = read(BOOK, { unit: 'bpe', vocabulary: 400 });
    expect(tokeniser.size).toBeLessThanOrEqual(400);
    const random = new Random(9);
    for (let trial = 0; trial < 50; trial++) {
      const points = Array.from({ length: 30 }, () => [
        random.integer(0xd800),
        0x10000 + random.integer(0x100000),
      ]);
      const text = String.fromCodePoint(...points.flat());
      expect(tokeniser.decode(tokeniser.encode(text))).toBe(text);
    }
    expect(tokeniser.encode('def f').length).toBeLessThan(5);
  });

  test('words: frequent ones, the others are <unk>; what is known comes back with its indentation', () => {
    const text = 'one two two\n    three three three\n'.repeat(2) + 'rare '.repeat(1) + 'two\n'.repeat(20);
    const { tokeniser, counts } = read(text, { unit: 'word', atLeast: 2 });
    const { tokens } = tokeniser as WordTokeniser;
    expect(tokens).toContain(UNKNOWN);
    expect(tokens).not.toContain('rare');
    expect(tokeniser.decode(tokeniser.encode('one two\n    three strange'))).toBe(
      `one two\n    three${UNKNOWN}`,
    );
    expect(Array.from(counts)).toEqual([...counts].sort((a, b) => b - a));
    expect(read(text, { unit: 'word', vocabulary: 4 }).tokeniser.size).toBe(4);
    expect(back(tokeniser).encode('two rare')).toEqual(tokeniser.encode('two rare'));
  });

  test('as few bytes a token as the vocabulary allows', () => {
    expect(read(BOOK).train).toBeInstanceOf(Uint8Array);
    const wide = Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    expect(read(wide).train).toBeInstanceOf(Uint16Array);
  });

  test('splits: the last tenth in halves; nanoGPT’s; several files with a line feed between', () => {
    const text = Array.from({ length: 1000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
    expect(read(text).characters).toEqual({ train: 900, valid: 50, test: 50 });
    const nano = read(text, { validPart: 0.1, testPart: 0 });
    expect(nano.characters).toEqual({ train: 900, valid: 100, test: 100 });
    expect(nano.tokeniser.decode(nano.test)).toBe(text.slice(900));
    const skewed = read('baa'.repeat(100), { validPart: 0.1, testPart: 0 });
    expect(skewed.tokeniser.decode(skewed.test)).toBe('baa'.repeat(10));
    const two = read(['first', 'second\n', 'third'], { validPart: 0.2, testPart: 0.2 });
    const all = [two.train, two.valid, two.test].map((tokens) => two.tokeniser.decode(tokens)).join('');
    expect(all).toBe('first\nsecond\nthird');
    expect(() => read('short')).toThrow(/too few for the splits of \S+\.\n/);
    expect(() => read(['a', 'b'])).toThrow('3 characters are too few for the splits of the 2 files.');
    expect(() => read('short')).toThrow(/5 characters are too few[^]*training has 4, validation 0, test 1/);
    expect(() => read(text, { validPart: 0.6, testPart: 0.5 })).toThrow('leave nothing to train on');
  });

  test('an unknown character and a damaged file are refused', () => {
    const { tokeniser } = read('abab'.repeat(50));
    expect(() => tokeniser.encode('abz', '--prompt')).toThrow(/--prompt has "z"[^]*character 2 of --prompt/);
    expect(() => readTokeniser({ unit: 'bpe', merges: [[300, 1]] }, 'v.json')).toThrow('merge 0 is [300,1]');
    expect(() => readTokeniser({ unit: 'word', tokens: ['a', 'a'] }, 'v.json')).toThrow('no different texts');
    expect(() => readTokeniser({ unit: 'rune' }, 'v.json')).toThrow('its unit is "rune"');
    expect(() => tokeniser.decode([99])).toThrow('no token 99');
  });

  test('one very long line takes no longer than many', () => {
    const line = 'ab1'.repeat(300_000);
    const { tokeniser, train } = read(line, { unit: 'bpe', vocabulary: 260 });
    expect(tokeniser.decode(train)).toBe(line.slice(0, 810_000));
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-own-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'sub'));
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'b.txt'), 'bee');
  writeFileSync(join(folder, 'a.PY'), 'a = 1');
  writeFileSync(join(folder, 'sub', 'c.txt'), 'sea');
  writeFileSync(join(folder, '.hidden'), 'no');

  const what = 'text files';
  const names = (paths: string[], endings?: string[]) =>
    filesFrom(paths, { endings, what }).map(({ name }) => name);

  test('a folder is read by name, with its folders, without hidden files', () => {
    expect(names([folder])).toEqual(['a.PY', 'b.txt', join('sub', 'c.txt')]);
    expect(names([folder], ['py'])).toEqual(['a.PY']);
    const [, source] = filesFrom([folder], { what });
    expect(textOf(Uint32Array.from(allBytes(source)))).toBe('bee');
    expect(textOf(Uint32Array.from(allBytes(source)))).toBe('bee');
  });

  test('what is missing is said', () => {
    expect(() => names([join(folder, 'none')])).toThrow(/none is not there/);
    expect(() => names([join(folder, 'empty')])).toThrow('the folder is empty');
    expect(() => names([folder], ['mid', 'midi'])).toThrow(
      /has no text files[^]*2 \.txt, 1 \.py[^]*\.mid, \.midi/,
    );
    expect(() => names([])).toThrow('give --from FILE');
  });
});
