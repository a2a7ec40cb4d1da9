// Series: tables as text, columns, splits by time, windows, and the errors of the naive forecast.

import { describe, expect, test } from 'vitest';
import { bytesAsSource } from '../../src/data/byteSource';
import { CsvReader, guessDelimiter, type Delimiter } from '../../src/data/own/csv';
import { drawWindows, inputsOf, makeSeries, naiveErrors, splitWindows } from '../../src/data/own/series';
import { checkParts } from '../../src/data/own/parts';
import { splitItems } from '../../src/data/own/splitItems';
import { readTable, type TableOptions } from '../../src/data/own/table';
import { Random } from '../../src/random';

const points = (text: string) => Uint32Array.from(text, (letter) => letter.codePointAt(0)!);

function records(text: string, delimiter: Delimiter = ',', step = text.length || 1) {
  const found: [readonly string[], number][] = [];
  const reader = new CsvReader(delimiter, (fields, line) => found.push([fields, line]), 'a.csv');
  const all = points(text);
  for (let i = 0; i < all.length; i += step) reader.push(all.subarray(i, i + step));
  reader.end();
  return found;
}

const table = (text: string, options: TableOptions = {}) =>
  readTable(bytesAsSource('a.csv', new TextEncoder().encode(text)), options);
const valuesOf = ({ columns }: { columns: readonly Float64Array[] }) => columns.map((column) => [...column]);

describe('CSV', () => {
  test.each([1, 3, 1000])('quotes, line feeds in them, CR LF, CR, empty lines; in pieces of %i', (step) => {
    const text = 'a,"b ""q"", c"\r\n\r\n"1\n2",\r3, 4 \n"",""\n,\nlast,5" 6';
    expect(records(text, ',', step)).toEqual([
      [['a', 'b "q", c'], 1],
      [['1\n2', ''], 3],
      [['3', ' 4 '], 5],
      [['', ''], 6],
      [['', ''], 7],
      [['last', '5" 6'], 8],
    ]);
  });

  test('what is no table is refused, with its line', () => {
    expect(() => records('a\n"b\nc')).toThrow('a quote on line 2 of a.csv is never closed');
    expect(() => records('a\n"b"c,1')).toThrow('line 2 of a.csv has text behind a closing quote');
  });

  test('the delimiter is what cuts all lines alike', () => {
    expect(guessDelimiter('a;b;c\n1,5;2,5;3\n')).toBe(';');
    expect(guessDelimiter('a\tb\n1\t2\n')).toBe('\t');
    expect(guessDelimiter('"x;y",b\n1,2\n')).toBe(',');
    expect(guessDelimiter('a|b|c\n1|2|3\n')).toBe('|');
    expect(guessDelimiter('value\n1\n2\n')).toBe(',');
  });
});

describe('columns', () => {
  test('a header or none, numbers of every form, what is no number is left out and named', () => {
    const found = table('date;temp;x\n2020-01-01;1.5;+2e3\n2020-01-02;-.5;3.\n');
    expect(found.names).toEqual(['temp', 'x']);
    expect(valuesOf(found)).toEqual([
      [1.5, -0.5],
      [2000, 3],
    ]);
    expect(found.leftOut).toEqual([{ name: 'date', first: '2020-01-01' }]);
    expect(table('1,2\n3,4\n').names).toEqual(['column 1', 'column 2']);
    expect(table('1,2\n3,4\n', { header: true }).names).toEqual(['1', '2']);
    expect(valuesOf(table('\ufeffa\r\n1\r\n2'))).toEqual([[1, 2]]);
  });

  test('columns by name or place, and classes', () => {
    const text = 'a,b,kind\n1,2,up\n3,4,down\n5,6,up\n';
    expect(table(text, { columns: ['b'] }).names).toEqual(['b']);
    expect(table(text, { columns: ['2', 'a'] }).names).toEqual(['b', 'a']);
    const { classes, labels, names } = table(text, { classColumn: 'kind' });
    expect([classes, [...labels], names]).toEqual([
      ['up', 'down'],
      [0, 1, 0],
      ['a', 'b'],
    ]);
  });

  test('nothing is made up: what is missing or no number is refused, with line and column', () => {
    expect(() => table('a,b\n1,2\n3,\n')).toThrow(
      /a\.csv, line 3, column "b": a value is missing[^]*--columns/,
    );
    expect(() => table('a,b\n1,\n3,4\n')).toThrow('line 2, column "b": a value is missing');
    expect(() => table('a\n1\n1,5\n', { delimiter: ';' })).toThrow(
      /line 3, column "a": "1,5" is no number[^]*point/,
    );
    expect(() => table('a\n1\n1e999\n')).toThrow('"1e999" is no number');
    expect(() => table('a,b\n1,2\n3\n')).toThrow('line 3 of a.csv has 1 fields where 2 belong');
    expect(() => table('a,b\nx,y\n')).toThrow('has no column of numbers');
    expect(() => table('a,b\n')).toThrow('a.csv has no rows');
    expect(() => table('')).toThrow('a.csv has no rows');
    expect(() => table('a,b\n1,2\n', { columns: ['c'] })).toThrow(/no column "c"[^]*a, b/);
    expect(() => table('a,k\n1,x\n2,\n', { classColumn: 'k' })).toThrow(
      'line 3, column "k": the class is missing',
    );
  });
});

const ramp = (rows: number) =>
  table(`t,s\n${Array.from({ length: rows }, (_, t) => `${t},${7}`).join('\n')}\n`);

describe('series', () => {
  test('splits by time, normalised by the training part alone', () => {
    const series = makeSeries(ramp(100));
    expect(series.splits).toEqual({ train: [0, 80], valid: [80, 90], test: [90, 100] });
    const [{ mean, deviation }, still] = series.normalisation;
    expect(mean).toBe(39.5);
    expect(deviation).toBeCloseTo(Math.sqrt((80 * 80 - 1) / 12), 10);
    expect(still).toEqual({ mean: 7, deviation: 1 });
    expect(series.values[2 * 99]).toBeCloseTo((99 - mean) / deviation, 5);
    const kept = makeSeries(ramp(50), { normalisation: series.normalisation });
    expect(kept.normalisation).toBe(series.normalisation);
    expect(() => makeSeries(ramp(100), { targets: ['u'] })).toThrow(/no column "u"[^]*t, s/);
    expect(() => makeSeries(ramp(3))).toThrow(/3 rows are too few/);
    expect(() => makeSeries(ramp(3), { name: 'a.csv' })).toThrow('too few for three splits of a.csv.');
  });

  test.each([4, 7, 8, 200])(
    'windows of %i ask for every row of a split once, with what was before in sight',
    (length) => {
      const series = makeSeries(ramp(100), { targets: ['t'] });
      const { mean, deviation } = series.normalisation[0];
      for (const split of ['train', 'valid', 'test'] as const) {
        const askedFor: number[] = [];
        let leastSeen = length;
        for (const { x, targets, weights } of splitWindows(series, split, { batch: 3, length })) {
          const [B, T, C] = x.shape;
          expect([T, C, targets.shape]).toEqual([length, 2, [B, length, 1]]);
          for (let at = 0; at < B * T; at++) {
            if (!weights.data[at]) continue;
            const next = Number(targets.data[at]) * deviation + mean;
            expect(Number(x.data[at * 2]) * deviation + mean).toBeCloseTo(next - 1, 3);
            leastSeen = Math.min(leastSeen, 1 + (at % T));
            askedFor.push(Math.round(next));
          }
        }
        const [from, to] = series.splits[split];
        const first = Math.max(1, from);
        expect(askedFor).toEqual(Array.from({ length: to - first }, (_, i) => first + i));
      }
    },
  );

  test('training windows lie in the training part', () => {
    const series = makeSeries(ramp(100));
    const { mean, deviation } = series.normalisation[0];
    const seen = new Set<number>();
    const random = new Random(1);
    for (let i = 0; i < 100; i++) {
      const { targets, weights } = drawWindows(series, { batch: 4, length: 10, random });
      expect(weights.data.every((weight) => weight === 1)).toBe(true);
      for (let at = 0; at < 40; at++) seen.add(Math.round(Number(targets.data[2 * at]) * deviation + mean));
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 79 }, (_, i) => i + 1));
    expect(() => drawWindows(series, { batch: 1, length: 80, random })).toThrow('--length of at most 79');
  });

  test('the naive forecast, in the units of the data', () => {
    const values = [0, 0, 0, 0, 0, 0, 0, 0, 10, 13, 13, 9, 9, 9, 9, 9, 9, 9, 9, 1];
    const series = makeSeries(table(`v\n${values.join('\n')}\n`));
    const [valid] = naiveErrors(series, 'valid');
    expect(valid).toEqual({ rmse: 0, mae: 0 });
    const [held] = naiveErrors(series, 'test');
    expect(held.mae).toBeCloseTo(4, 5);
    expect(held.rmse).toBeCloseTo(Math.sqrt(32), 5);
  });

  test('classes go in beside the numbers, and are asked for', () => {
    const rows = Array.from({ length: 40 }, (_, t) => `${t},${t % 3 ? 'low' : 'high'}`);
    const series = makeSeries(table(`v,k\n${rows.join('\n')}\n`, { classColumn: 'k' }));
    expect(inputsOf(series)).toBe(3);
    const [{ x, targets }] = splitWindows(series, 'test', { batch: 1, length: 8 });
    expect(targets.data).toBeInstanceOf(Uint32Array);
    for (let t = 4; t < 7; t++) {
      const [high, low] = [x.data[t * 3 + 1], x.data[t * 3 + 2]];
      expect(Number(high) + Number(low)).toBe(1);
      expect(x.data[(t + 1) * 3 + 1 + Number(targets.data[t])]).toBe(1);
    }
  });

  test.each([
    [100, 0.2, 0.3, [50, 70]],
    [10, 0.1, 0.1, [8, 9]],
    [4, 0.25, 0.25, [2, 3]],
    [30, 0.1, 0.2, [21, 24]],
  ])('%i rows, of which %d validate and %d test', (rows, validPart, testPart, [train, valid]) => {
    const { splits } = makeSeries(ramp(rows), { validPart, testPart });
    expect(splits).toEqual({ train: [0, train], valid: [train, valid], test: [valid, rows] });
  });

  test.each([
    [0, 0.1, 'a part of 0 for validation leaves nothing to validate on'],
    [0.1, 0, 'a part of 0 for test leaves nothing to test on'],
    [0.5, 0.5, 'parts of 0.5 for validation and 0.5 for test leave nothing to train on'],
    [NaN, 0.1, 'a part of NaN for validation is no part'],
    [0.1, -0.1, 'a part of -0.1 for test is no part'],
    [1, 0.1, 'a part of 1 for validation is no part'],
    [0.1, 1, 'a part of 1 for test is no part'],
  ])('parts of %d and %d are refused', (validPart, testPart, what) => {
    expect(() => makeSeries(ramp(100), { validPart, testPart })).toThrow(`series: ${what}.`);
    expect(() => splitItems(100, { what: 'x', validPart, testPart })).toThrow(`data: ${what}.`);
  });

  test('a part of 0 for test is one where what validates may test, and no other is', () => {
    expect(() => checkParts('text', 0.1, 0, true)).not.toThrow();
    expect(() => checkParts('text', 0.1, -0.1, true)).toThrow(
      /-0\.1 for test is no part\.\n.*from 0, below 1/,
    );
    expect(() => checkParts('text', 0, 0, true)).toThrow('leaves nothing to validate on');
    expect(() => checkParts('text', 0.5, 0.5, true)).toThrow('leave nothing to train on');
  });

  test('a number whose square f32 does not hold is refused, with its line and column', () => {
    for (const text of ['1e300', '-1e300', '1.8447e19']) {
      expect(() => table(`a,b\n1,2\n3,${text}\n`)).toThrow(
        `line 3, column "b": ${text} is too large.\n    numbers are f32, and their squares must be finite too: up to ±1.845e+19`,
      );
    }
    expect(table('a,b\n1,2\n3,1.8446e19\n').columns[1][1]).toBe(1.8446e19);
  });

  test('a value that is too far from those of the training part is refused', () => {
    const column = Float64Array.from({ length: 20 }, (_, t) => (t === 18 ? 1e15 : t % 2 ? 1e-6 : 0));
    const { names, ...rest } = table(`v\n${'1\n'.repeat(20)}`);
    expect(() => makeSeries({ ...rest, names, columns: [column] }, {})).toThrow(
      /column "v" has 1000000000000000 in row 19, too far off\.\n.*deviation 5e-7/,
    );
  });

  test.each([
    [3, 0.1, 0.1, 'training has 2, validation 0, test 1'],
    [3, 0.3, 0.3, 'training has 1, validation 1, test 1'],
    [9, 0.1, 0.01, 'training has 8, validation 0, test 1'],
  ])('%i rows by parts of %d and %d are too few: %s', (rows, validPart, testPart, given) => {
    expect(() => makeSeries(ramp(rows), { validPart, testPart })).toThrow(given);
  });

  test('windows that measure, number by number', () => {
    const same = { mean: 0, deviation: 1 };
    const plain = { normalisation: [same, { mean: 7, deviation: 1 }], targets: ['s', 't'] };
    const series = makeSeries(ramp(10), { ...plain, validPart: 0.3, testPart: 0.2 });
    expect(series.splits).toEqual({ train: [0, 5], valid: [5, 8], test: [8, 10] });
    const of = (split: 'train' | 'valid' | 'test') =>
      [...splitWindows(series, split, { batch: 2, length: 4 })].map(({ x, targets, weights }) => [
        ...[x.shape, [...x.data].filter((_, i) => i % 2 === 0), targets.shape],
        ...[[...targets.data].filter((_, i) => i % 2), [...weights.data]],
      ]);
    expect(of('valid')).toEqual([
      [
        [2, 4, 2],
        [2, 3, 4, 5, 4, 5, 6, 7],
        [2, 4, 2],
        [3, 4, 5, 6, 5, 6, 7, 8],
        [0, 0, 1, 1, 0, 0, 1, 0],
      ],
    ]);
    // Behind the last row there is nothing: zeros, which nobody asks for.
    expect(of('test')).toEqual([
      [
        [1, 4, 2],
        [5, 6, 7, 8],
        [1, 4, 2],
        [6, 7, 8, 9],
        [0, 0, 1, 1],
      ],
    ]);
    expect(of('train')).toEqual([
      [
        [1, 4, 2],
        [0, 1, 2, 3],
        [1, 4, 2],
        [1, 2, 3, 4],
        [1, 1, 1, 1],
      ],
    ]);
  });

  test('the naive forecast of several targets, each in its own units', () => {
    const rows = Array.from({ length: 20 }, (_, t) => `${3 * t},${t % 2 ? 10 : -10}`);
    const series = makeSeries(table(`a,b\n${rows.join('\n')}\n`), { targets: ['b', 'a'] });
    const close = (value: number) => expect.closeTo(value, 4) as number;
    for (const split of ['train', 'valid', 'test'] as const) {
      expect(naiveErrors(series, split)).toEqual([
        { rmse: close(20), mae: close(20) },
        { rmse: close(3), mae: close(3) },
      ]);
    }
  });

  test('a column that hardly changes is divided by 1, beside its own size', () => {
    const of = (...values: number[]) =>
      makeSeries(table(`v\n${values.join('\n')}\n`), { validPart: 0.25, testPart: 0.25 }).normalisation[0];
    expect(of(1, 1 + 1e-11, 1, 1).deviation).toBeCloseTo(5e-12, 14);
    expect(of(1, 1 + 1e-13, 1, 1).deviation).toBe(1);
    expect(of(1e9, 1e9 + 1e-5, 1, 1).deviation).toBe(1);
    expect(of(2, 4, 1, 1)).toEqual({ mean: 3, deviation: 1 });
    expect(of(2, 8, 1, 1)).toEqual({ mean: 5, deviation: 3 });
  });
});

describe('whole items in splits', () => {
  test('every item once, a group of its own each, in their order', () => {
    const { train, valid, test: held } = splitItems(50, { what: 'x', groupOf: (i) => i % 2, validPart: 0.2 });
    expect([...train, ...valid, ...held].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    expect(valid.filter((i) => i % 2)).toHaveLength(5);
    expect(held.filter((i) => i % 2)).toHaveLength(3);
    for (const list of [train, valid, held]) expect(list).toEqual([...list].sort((a, b) => a - b));
  });

  test('drawn by their own seed, which is 1', () => {
    const of = (splitSeed?: number) => splitItems(40, { what: 'x', splitSeed });
    expect(of(1)).toEqual(of());
    expect(of(2)).not.toEqual(of());
    expect([of().valid.length, of().test.length, of().train.length]).toEqual([4, 4, 32]);
    // They are drawn, not the first.
    expect(of().test).not.toEqual([0, 1, 2, 3]);
  });

  test('one of each at least, one left to train on', () => {
    const sizes = (count: number, validPart = 0.1, testPart = 0.1) => {
      const { train, valid, test: held } = splitItems(count, { what: 'x', validPart, testPart });
      return [train.length, valid.length, held.length];
    };
    expect(sizes(3)).toEqual([1, 1, 1]);
    expect(sizes(10, 0.25, 0.34)).toEqual([4, 3, 3]);
    expect(() => sizes(2)).toThrow('data: too few x for three splits: 2');
    expect(() => sizes(4, 0.45, 0.5)).toThrow('2 would validate and 2 test');
    const named = {
      what: 'recordings',
      groupOf: (i: number) => Number(i > 8),
      nameOf: (g: number) => `class ${g}`,
    };
    expect(() => splitItems(11, named)).toThrow('too few recordings in class 1 for three splits: 2');
    for (const [valid, held, what] of [
      [0, 0.1, 'nothing to validate on'],
      [0.1, 0, 'nothing to test on'],
      [0.5, 0.5, 'nothing to train on'],
      [NaN, 0.1, 'NaN for validation is no part'],
    ] as const) {
      expect(() => sizes(9, valid, held)).toThrow(what);
    }
  });
});
