// Files that only measure: all of them, where that is asked for, and not the parts that a run of them would hold back.

import { describe, expect, test } from 'vitest';
import { encodeWav } from '../../src/data/wav';
import { bytesAsSource } from '../../src/data/byteSource';
import { splitItems } from '../../src/data/own/splitItems';
import { readOwnText } from '../../src/data/own/text';
import { readCorpus } from '../../src/data/translation/corpus';
import { midiFile } from '../../src/report/midi';
import { readOwnMusic } from '../../src/data/own/music';
import { readOwnSound } from '../../src/data/own/sound';
import { makeSeries } from '../../src/data/own/series';
import { readTable } from '../../src/data/own/table';
import { fileOf } from '../fixtures/ownFiles';
import { complaint } from '../harness/complaint';

describe('all of it measures', () => {
  test('items, one among them, and none is refused', () => {
    const whole = { what: 'pieces', whole: true };
    expect(splitItems(3, whole)).toEqual({ train: [0, 1, 2], valid: [0, 1, 2], test: [0, 1, 2] });
    expect(splitItems(1, whole).test).toEqual([0]);
    expect(() => splitItems(0, whole)).toThrow('there are no pieces');
  });

  test('a text, in the tokens of a trained model', () => {
    const { tokeniser } = readOwnText([fileOf('a.txt', 'abcabcabcabcabcabcabcabcabcabcabcabcabcabc')]);
    const text = readOwnText([fileOf('b.txt', 'cab')], { tokeniser, whole: true });
    expect(tokeniser.decode(text.test)).toBe('cab');
    expect([text.train, text.valid]).toEqual([text.test, text.test]);
    expect(text.unknown.total).toBe(3);
    expect(() => readOwnText([fileOf('b.txt', 'd')], { tokeniser, whole: true })).toThrow(
      'too few to measure',
    );
    expect(() => readOwnText([fileOf('b.txt', 'cad')], { tokeniser, whole: true })).toThrow(
      'not among the 3',
    );
  });

  test('a series, normalised as a trained model’s', () => {
    const table = readTable(fileOf('a.csv', 'x\n10\n12\n14\n'));
    const normalisation = [{ mean: 10, deviation: 2 }];
    const { splits, values } = makeSeries(table, { normalisation, whole: true });
    expect(splits.test).toEqual([0, 3]);
    expect([...values]).toEqual([0, 1, 2]);
    const short = readTable(fileOf('a.csv', 'x\n10\n'));
    expect(() => makeSeries(short, { normalisation, whole: true })).toThrow('has 1 rows');
  });

  test('one piece of music, and one recording', async () => {
    const piece = Array.from({ length: 6 }, (_, t) => [40 + t]);
    const file = bytesAsSource('a.mid', midiFile(piece, 480, 'a'));
    const { music } = await readOwnMusic([file], { name: 'a', whole: true });
    expect([music.train, music.valid, music.test].map(({ length }) => length)).toEqual([1, 1, 1]);
    const wav = bytesAsSource('rain/a.wav', encodeWav({ rate: 8000, samples: new Float32Array(80) }));
    const { test: heard } = readOwnSound([wav], { name: 'a', known: ['rain', 'sun'], whole: true });
    expect(heard.map(({ label }) => label)).toEqual([0]);
  });

  test('one pair of sentences, in the words of a trained model', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `a ${'b '.repeat(1 + (i % 7))}${i}\tc d`).join('\n');
    const known = readCorpus('known', { train: { tabs: fileOf('a.tsv', lines) } }, { unit: 'word' });
    const tabs = fileOf('b.tsv', 'a b b\tc d\n');
    const corpus = readCorpus('new', { train: { tabs } }, { known, unit: 'word', whole: true });
    expect(corpus.test.texts).toEqual([{ source: 'a b b', target: 'c d' }]);
    expect([corpus.valid, corpus.train].map(({ pairs }) => pairs.count)).toEqual([1, 1]);
  });
});

test('--whole goes with files that are named, and with no split', () => {
  expect(complaint('eval runs/a --whole --from b.txt')).toBe('no complaint');
  expect(complaint('eval runs/a --hole')).toContain('did you mean --whole?');
});
