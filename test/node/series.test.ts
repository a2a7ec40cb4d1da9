// Series: tables as text, columns, splits by time, windows, and the errors of the naive forecast.

import { describe, expect, test } from 'vitest';
import { bytesAsSource } from '../../src/data/byteSource';
import { CsvReader, guessDelimiter, type Delimiter } from '../../src/data/own/csv';
import { drawWindows, inputsOf, makeSeries, naiveErrors, splitWindows } from '../../src/data/own/series';
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
    expect(found.leftOut).toEqual(['date']);
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
});
