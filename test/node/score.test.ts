// BLEU and chrF on sacreBLEU's own test vectors (test_bleu.py and test_chrf.py), and where JavaScript and Python differ.

import { describe, expect, test } from 'vitest';
import { bleuOf } from '../../src/score/bleu';
import { tokens13a } from '../../src/score/tokenise13a';
import { bleu, chrF } from '../../src/train/index';

const HYPOTHESES = ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.'];
const A = ['The dog bit the man.', 'It was not unexpected.', 'The man bit him first.'];
const B = ['The dog had bit the man.', 'No one was surprised.', 'The man had bitten the dog.'];
const BOTH = A.map((a, i) => [a, B[i]]);

/** sacreBLEU's tests ask for as much. */
const near = (value: number, wanted: number): void =>
  expect(Math.abs(value - wanted), `${value}, wanted ${wanted}`).toBeLessThan(1e-8);

describe('BLEU', () => {
  test('of the README of sacreBLEU', () => {
    near(bleu(HYPOTHESES, BOTH).score, 48.530827);
    near(bleu(HYPOTHESES, BOTH, { tokeniser: 'none' }).score, 49.1919566);
  });

  test('from counts', () => {
    const counts = { matches: [9, 7, 5, 3], totals: [10, 8, 6, 4], length: 11, referenceLength: 11 };
    near(bleuOf(counts).score / 100, 0.8375922397);
  });

  test('says how it was counted', () => {
    expect(bleu(HYPOTHESES, A).signature).toBe('nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp');
    expect(bleu(HYPOTHESES, BOTH, { tokeniser: 'none' }).signature).toBe(
      'nrefs:2|case:mixed|eff:no|tok:none|smooth:exp',
    );
    expect(bleu(HYPOTHESES, [['a', 'b'], 'c', 'd']).signature).toMatch(/^nrefs:var/);
  });

  test('orders without a match have a half, a fourth, … of a match', () => {
    // Unigrams 3 of 4, bigrams 1 of 3, trigrams ½ of 2, fourgrams ¼ of 1.
    near(bleu(['a b x c'], ['a b y c']).score, 100 * ((3 / 4) * (1 / 3) * (1 / 4) * (1 / 4)) ** (1 / 4));
  });

  test('is 0 without any match, and where no translation is long enough for four words', () => {
    expect(bleu(['', '', ''], BOTH)).toMatchObject({ score: 0, brevity: 0 });
    expect(bleu(['x y z w'], ['a b c d']).score).toBe(0);
    expect(bleu(['a b c'], ['a b c']).score).toBe(0);
    expect(bleu([], []).score).toBe(0);
  });

  test('takes the closest length, of two the shorter', () => {
    const counted = (references: string[]) => bleu(['a b c d e'], [references]).referenceLength;
    expect(counted(['a b c d e f', 'a b c d'])).toBe(4);
    expect(counted(['a b c d', 'a b c d e f'])).toBe(4);
    expect(counted(['a b c d e f', 'a b'])).toBe(6);
    near(bleu(['a b c d'], ['a b c d e f g h']).brevity, Math.exp(-1));
  });

  test('counts an n-gram as often as the reference has it that has it most often', () => {
    const { precisions } = bleu(['a a a b'], [['a a c c', 'a b c c']]);
    near(precisions[0], 75);
  });

  test('refuses other numbers of references, and none', () => {
    expect(() => bleu(['a', 'b'], ['a'])).toThrow('bleu: 2 translations have 1 references.');
    expect(() => chrF(['a'], [[]])).toThrow('chrF: translation 1 has no reference.');
  });
});

describe('the tokenizer 13a', () => {
  test.each([
    ['Hello, world!', 'Hello , world !'],
    ['1,000.50 and 3.', '1,000.50 and 3 .'],
    ['a 3-day trip, well-known', 'a 3 - day trip , well-known'],
    ['&quot;A&amp;lt;&quot; &lt;b&gt;', '" A < " < b >'],
    ['<skipped>ei-\nnes\nzwei', 'eines zwei'],
    ["It wasn't", "It wasn't"],
    ['«5 %», dit-il…', '«5 % » , dit-il…'],
    ['a/b@c #1 [x] {y}', 'a / b @ c # 1 [ x ] { y }'],
    ['.5 .a 5.a a.5', '. 5 . a 5 . a a . 5'],
    ['𝔘.𝔙', '𝔘 . 𝔙'],
  ])('%s', (sentence, tokens) => expect(tokens13a(sentence).join(' ')).toBe(tokens));

  test('splits at what Python calls white space', () => {
    const spaces = [0x09, 0x0b, 0x1c, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2009, 0x2028, 0x202f, 0x205f, 0x3000];
    for (const space of spaces) {
      expect(tokens13a(`a${String.fromCharCode(space)}b`), space.toString(16)).toEqual(['a', 'b']);
    }
    for (const sign of [0xfeff, 0x200b, 0x2060, 0x180e]) {
      expect(tokens13a(`a${String.fromCharCode(sign)}b`), sign.toString(16)).toHaveLength(1);
    }
  });
});

describe('chrF', () => {
  const risk = [
    ' risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists .',
    'risk assessment has to be undertaken by those who are qualified and expert in that area - that is the scientists .',
  ];
  const die = [
    ' Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ',
    'Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.',
  ];

  // Its tests have β = 3.
  test.each([
    [['a'], ['a'], 100],
    [[''], ['reference'], 0],
    [['a b c'], ['a b c'], 100],
    [['a b c'], ['abc'], 100],
    [[''], ['c'], 0],
    [['a', 'b'], ['a', 'c'], 50],
    [['aa'], ['ab'], 25],
    [[risk[0]], [risk[1]], 63.36173],
    [[die[0]], [die[1]], 64.1302698],
    [['Niemand hat die Absicht'], ['Niemand hat die Absicht'], 100],
  ])('of %j beside %j', (translations, references, wanted) => {
    expect(Math.abs(chrF(translations, references, { beta: 3 }).score - wanted)).toBeLessThan(1e-6);
  });

  test('is chrF2 by itself, and takes the best of several references', () => {
    // Unigrams 2 of 3 and 2 of 2, bigrams 1 of 2 and 1 of 1; the reference has no trigrams.
    const [p, r] = [(2 / 3 + 1 / 2) / 2, 1];
    near(chrF(['abc'], ['ab']).score, (100 * 5 * p * r) / (4 * p + r));
    // In a corpus, n-grams of an order that a reference does not have at all count against no translation.
    const mean = (6 / 7 + 4 / 5 + 1 + 1) / 4;
    near(chrF(['abcd', 'abc'], ['abcd', 'ab']).score, (100 * 5 * mean) / (4 * mean + 1));
    expect(chrF(['abc'], [['xyz', 'abc', 'ab']])).toEqual({
      score: 100,
      signature: 'nrefs:3|case:mixed|eff:yes|nc:6|nw:0|space:no',
    });
  });
});
