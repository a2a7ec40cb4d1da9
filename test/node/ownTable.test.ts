// Tables as people have them: decimals with a comma, columns of one name, and another file than that of the training.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { guessDelimiter } from '../../src/data/own/csv';
import { makeSeries } from '../../src/data/own/series';
import { readTable, type TableOptions } from '../../src/data/own/table';
import { bytesAsSource } from '../../src/data/byteSource';
import { dataOfRun, sha256At } from '../../src/runs/readData.node';
import { RunFolder } from '../../src/runs/runFolder.node';
import { makeSettings } from '../../src/runs/settings';
import { TABLES, taskCalled } from '../../src/runs/tables';
import { series as seriesTask, type SeriesData } from '../../src/tasks/series/index';
import { sightFindings } from '../../src/studies/context/sightFindings';
import { fileOf } from '../fixtures/ownFiles';

const table = (text: string, options: TableOptions = {}) =>
  readTable(bytesAsSource('a.csv', new TextEncoder().encode(text)), options);
const valuesOf = ({ columns }: { columns: readonly Float64Array[] }) => columns.map((column) => [...column]);

describe('decimals with a comma', () => {
  test('are no delimiters where another one serves, with a header or without', () => {
    expect(guessDelimiter('2024-01-01;20,5;3,25\n2024-01-02;21,5;3,50\n')).toBe(';');
    expect(guessDelimiter('20,5;3,25\n21,5;3,5\n22,')).toBe(';');
    expect(guessDelimiter('20,5\t3,25\r\n21,5\t3,5\r\n')).toBe('\t');
    // Commas that stand elsewhere are delimiters.
    expect(guessDelimiter('1,2,"a; b"\n3,4,"c; d"\n')).toBe(',');
    expect(guessDelimiter('1,2\n3,4\n')).toBe(',');
    expect(guessDelimiter('20,5\n21,5\n', true)).toBe(';');
    expect(guessDelimiter('when|x\n1|20,5\n', true)).toBe('|');
  });

  test('are read when it is said, and otherwise it is told how', () => {
    const text = 'Datum;Wärme\n2024-01-01;20,5\n2024-01-02;-1,25e1\n2024-01-03;\u22123\n';
    expect(valuesOf(table(text, { decimal: 'comma' }))).toEqual([[20.5, -12.5, -3]]);
    expect(valuesOf(table('20,5\n21,5\n', { decimal: 'comma' }))).toEqual([[20.5, 21.5]]);
    expect(() => table(text)).toThrow(/no column of numbers[^]*give --decimal comma/);
    expect(() => table('a\n1\n1,5\n', { delimiter: ';' })).toThrow(/"1,5" is no number[^]*--decimal comma/);
    expect(() => table('a\n1\n1.5\n', { decimal: 'comma' })).toThrow(/"1.5" is no number[^]*--decimal point/);
    expect(() => table('a\n1\n1 %\n')).toThrow(/"1 %" is no number[^]*nothing follows a number/);
  });

  test('a first line may say what stands between fields, and a delimiter may end every line', () => {
    expect(valuesOf(table('sep=;\r\nx;y\r\n1;2\r\n3;4\r\n'))).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(valuesOf(table('sep=|\n1|2,5\n3|4,5\n', { decimal: 'comma' }))).toEqual([
      [1, 3],
      [2.5, 4.5],
    ]);
    expect(valuesOf(table('sep=\nx\n1\n2\n'))).toEqual([[1, 2]]);
    const ended = table('x,y,\n1,2,\n3,4, \n5,6\n');
    expect([ended.names, valuesOf(ended)]).toEqual([
      ['x', 'y'],
      [
        [1, 3, 5],
        [2, 4, 6],
      ],
    ]);
    expect(valuesOf(table('1;2;\n3;4;'))).toEqual([
      [1, 3],
      [2, 4],
    ]);
    // A field that is missing is no end of line.
    expect(() => table('x,y\n1,\n3,4\n')).toThrow(/line 2, column "y": a value is missing/);
    expect(() => table('x,y,\n1,2,\n3,4,5\n')).toThrow(/line 3 of a.csv has 3 fields where 2 belong/);
    expect(() => table('x,\n')).toThrow(/has no rows/);
  });

  test('a column that is left out is told with its first value', async () => {
    const { notes, read } = seriesTask.data!;
    const rows = Array.from({ length: 30 }, (_, t) => `${t};${t},5;2024-01-01 and a longer text than that`);
    const data = await read([fileOf('a.csv', `n;x;when\n${rows.join('\n')}\n`)], {});
    expect(notes!(data)).toEqual([
      'no numbers, and left out: x ("0,5"), when ("2024-01-01 and a longer  …")',
    ]);
  });
});

describe('columns that stand between blanks', () => {
  test('are found where nothing else stands there, aligned or not', () => {
    const saved = table('1.000e+00 2.5 -3\n4 5 6\n');
    expect(valuesOf(saved)).toEqual([
      [1, 4],
      [2.5, 5],
      [-3, 6],
    ]);
    const aligned = table('  when     x   "air temp"\n 2024-01-01   1.5\t20\n 2024-01-02  10.5   21  \n\n');
    expect([aligned.names, valuesOf(aligned)]).toEqual([
      ['x', 'air temp'],
      [
        [1.5, 10.5],
        [20, 21],
      ],
    ]);
    expect(valuesOf(table('20,5 3,25\n21,5 3,5\n', { decimal: 'comma' }))).toEqual([
      [20.5, 21.5],
      [3.25, 3.5],
    ]);
    expect(valuesOf(table('a b\n1 2\n', { delimiter: ' ' }))).toEqual([[1], [2]]);
    expect(() => table('1 2\n3 4\n5\n', { delimiter: ' ' })).toThrow(
      'line 3 of a.csv has 1 fields where 2 belong',
    );
  });

  test('are not what thousands are, nor words beside another delimiter', () => {
    expect(() => table('1 234\n2 345\n')).toThrow(/no column of numbers/);
    expect(guessDelimiter('a b,c d\n1 2,3 4\n')).toBe(',');
    expect(guessDelimiter('2024-01-01 10:00,5\n2024-01-01 11:00,6\n')).toBe(',');
    expect(guessDelimiter('some words\nand three more\n')).toBe(',');
  });
});

describe('lines with # above a table', () => {
  test('are remarks, or name the columns', () => {
    const remarks = table('# Station 47, "north\n# in degrees\nwhen,x\n2024-01-01,1\n2024-01-02,2\n');
    expect([remarks.names, valuesOf(remarks)]).toEqual([['x'], [[1, 2]]]);
    // As NumPy saves arrays.
    for (const text of ['# x y\n1 2\n3 4\n', '#x,y\n1,2\n3,4\n', '# made by a program\n#\n# x;y\n1;2\n3;4'])
      expect(table(text), text).toMatchObject({ names: ['x', 'y'], rows: 2 });
    expect(table('# x\n# y\n1\n2\n')).toMatchObject({ names: ['y'], rows: 2 });
    expect(table('# x y\n1 2\n3 4\n', { header: false }).names).toEqual(['column 1', 'column 2']);
    expect(table('# x,y\n1,2\n3,4\n', { header: true })).toMatchObject({ names: ['x', 'y'], rows: 2 });
    // The row below names them as well.
    expect(table('# a,b\nx,y\n1,2\n')).toMatchObject({ names: ['x', 'y'], rows: 1 });
    expect(table('# only one\n1,2\n')).toMatchObject({ names: ['column 1', 'column 2'], rows: 1 });
  });

  test('are rows or names with # where a table has such', () => {
    expect(table('#,name,x\n1,a,2\n2,b,3\n').names).toEqual(['#', 'x']);
    const { names } = table('#fun,1\n#sad,2\nother,3\n', { columns: ['2'] });
    expect(names).toEqual(['column 2']);
    expect(valuesOf(table('#fun,1\n#sad,2\nother,3\n', { classColumn: '1' }))).toEqual([[1, 2, 3]]);
    expect(table('#a,b\n#c,d\n#e,f\n', { classColumn: '1' }).classes).toEqual(['#c', '#e']);
    expect(table('tag,x\n#fun,1\n#sad,2\n', { classColumn: 'tag' }).classes).toEqual(['#fun', '#sad']);
    expect(() => table('# nothing else\n')).toThrow(/has no rows/);
    expect(() => table('x,y\n1,2\n# the end\n')).toThrow('line 3 of a.csv has 1 fields where 2 belong');
  });
});

describe('names of rows', () => {
  test('are no column: where pandas and R write them in one without a name', async () => {
    for (const text of [
      ',x,y\n0,1.5,2\n1,2.5,3\n',
      '"","x","y"\n"1",1.5,2\n"2",2.5,3\n',
      '\tx\ty\na\t1.5\t2\nb\t2.5\t3\n',
    ])
      expect(table(text), text).toMatchObject({
        ...{
          names: ['x', 'y'],
          places: [2, 3],
          leftOut: [],
          columns: [
            { 0: 1.5, 1: 2.5 },
            { 0: 2, 1: 3 },
          ],
        },
        notes: ['names of rows, and left out: the first column, which has no name'],
      });
    const { notes, read } = seriesTask.data!;
    const rows = Array.from({ length: 30 }, (_, t) => `${t},${t % 7},a`).join('\n');
    expect(notes!(await read([fileOf('a.csv', `,x,kind\n${rows}\n`)], {}))).toEqual([
      'names of rows, and left out: the first column, which has no name',
      'no numbers, and left out: kind ("a")',
    ]);
  });

  test('are asked for as any column, and are one where other columns have no name either', () => {
    const asked = table(',x\n7,1\n8,2\n', { columns: ['1', 'x'] });
    expect([asked.names, valuesOf(asked), asked.notes]).toEqual([
      ['column 1', 'x'],
      [
        [7, 8],
        [1, 2],
      ],
      [],
    ]);
    expect(table(',x,\n7,1,2\n8,2,3\n')).toMatchObject({ names: ['column 1', 'x', 'column 3'], notes: [] });
    expect(table('\n7\n8\n')).toMatchObject({ names: ['column 1'], notes: [] });
  });

  test('have no name at all, as R writes tables between blanks or tabs', () => {
    const spaced = '"x" "air temp"\n"1" 1.5 20\n"2" 2.5 21\n';
    for (const text of [spaced, 'x\tair temp\na\t1.5\t20\nb\t2.5\t21\n']) {
      expect(table(text), text).toMatchObject({
        ...{ names: ['x', 'air temp'], places: [2, 3], rows: 2, columns: [{ 0: 1.5 }, { 0: 20, 1: 21 }] },
        notes: [expect.stringContaining('names of rows')],
      });
    }
    expect(() => table(`${spaced}"3" 3.5 NA\n`)).toThrow(/line 4, column "air temp": a value is missing/);
    expect(valuesOf(table('x y\na 1,5 2\nb 2,5 3\n', { decimal: 'comma' }))).toEqual([
      [1.5, 2.5],
      [2, 3],
    ]);
    // Where commas stand between fields nobody writes so: a name is missing.
    expect(() => table('x,y\na,1,2\nb,3,4\n')).toThrow('line 2 of a.csv has 3 fields where 2 belong');
    expect(() => table('1\t2\n3\t4\t5\n', { header: false, delimiter: '\t' })).toThrow(
      'line 2 of a.csv has 3 fields where 2 belong',
    );
    expect(() => table('1\t2\n3\t4\t5\n', { delimiter: '\t' })).toThrow('line 2 of a.csv has 3 fields');
  });
});

test('a first row with a date or a class is a row, where the next is like it', () => {
  const found = table('2024-01-01,20.5,sun\n2024-01-02,21.5,rain\n');
  expect([found.names, valuesOf(found)]).toEqual([['column 2'], [[20.5, 21.5]]]);
  expect(valuesOf(table('1.5,sun\n2.5,rain', { classColumn: '2' }))).toEqual([[1.5, 2.5]]);
  for (const names of ['when,x', 'when,2020', 'x (°C),y'])
    expect(table(`${names}\n2024-01-01,20.5\n2024-01-02,21.5\n`).rows).toBe(2);
  expect(table('2020,x\n1,2\n3,4\n').names).toEqual(['2020', 'x']);
  expect(table('2024-01-01,20.5\n2024-01-02,21.5\n', { header: true }).names).toEqual(['20.5']);
  expect(() => table('a,b\n1,2,3\n')).toThrow('line 2 of a.csv has 3 fields where 2 belong');
});

test('columns of one name are told apart, and a column is named once', () => {
  const found = table('x,x,y,x\n1,2,3,4\n5,6,7,8\n');
  expect(found.names).toEqual(['x', 'x (column 2)', 'y', 'x (column 4)']);
  const rows = Array.from({ length: 40 }, (_, t) => `${t},${2 * t}`).join('\n');
  const { targets, values } = makeSeries(table(`x,x\n${rows}\n`), { normalisation: same(2) });
  expect(targets).toEqual(['x', 'x (column 2)']);
  expect([...values.subarray(0, 4)]).toEqual([0, 0, 1, 2]);
  expect(() => table('a,b\n1,2\n', { columns: ['b', '2'] })).toThrow(
    'column "b" of a.csv is asked for twice',
  );
  const own = table(`d,x,y\n${rows.replaceAll(/^/gm, 'x,')}\n`);
  expect(makeSeries(own, { targets: ['3'] }).targets).toEqual(['y']);
  expect(() => makeSeries(own, { targets: ['1'] })).toThrow(/no column "1" of numbers[^]*their places/);
  expect(() => makeSeries(own, { targets: ['x', 'x'] })).toThrow('"x" is to be predicted twice');
});

const same = (columns: number) => Array.from({ length: columns }, () => ({ mean: 0, deviation: 1 }));

describe('another table than that of the training', () => {
  const rowsOf = (row: (t: number) => string, count = 40) =>
    Array.from({ length: count }, (_, t) => row(t)).join('\n');
  const trained = `day,warm,kind\n${rowsOf((t) => `${t},${t % 7},${t % 2 ? 'sun' : 'rain'}`)}\n`;
  const other = `kind,more,warm,day\n${rowsOf((t) => `${t % 2 ? 'rain' : 'sun'},9,${100 + t},${t}`)}\n`;
  const { read, keep, kept } = seriesTask.data!;
  const keptOf = async (settings: object) =>
    kept!(JSON.parse(JSON.stringify(keep!(await read([fileOf('a.csv', trained)], settings)))), 'data.json');

  test('its columns are found by name, its numbers scaled and its classes numbered as in the training', async () => {
    for (const settings of [{}, { classColumn: 'kind' }, { columns: ['2', 'day'], targets: ['warm'] }]) {
      const known = await keptOf(settings);
      const { series } = await read([fileOf('b.csv', other)], settings, undefined, known);
      for (const name of ['names', 'targets', 'normalisation', 'classes'] as const)
        expect(series[name]).toEqual(known.series[name]);
      const [at, place] = [series.names.indexOf('warm'), series.names.length];
      const { mean, deviation } = known.series.normalisation[at];
      expect(series.values[3 * place + at]).toBeCloseTo((103 - mean) / deviation, 4);
      expect([...series.labels.subarray(0, 2)]).toEqual(series.classes.length ? [1, 0] : []);
    }
  });

  test('a run keeps its last 1,024 rows, or a window of them, for what a forecast has in sight', async () => {
    const long = `x\n${rowsOf(String, 3000)}\n`;
    for (const [length, rows] of [
      [64, 1024],
      [2000, 2000],
    ]) {
      const { last } = keep!(await read([fileOf('a.csv', long)], { length })) as { last: number[][] };
      expect(last.length).toBe(rows);
    }
  });

  test('one that lacks a column, or has another class, is refused', async () => {
    const lacking = async (text: string) =>
      read(
        [fileOf('b.csv', text)],
        { classColumn: 'kind' },
        undefined,
        await keptOf({ classColumn: 'kind' }),
      );
    await expect(lacking(other.replace('warm', 'cold'))).rejects.toThrow(/no column "warm"[^]*trained on/);
    await expect(lacking(other.replace(/^rain/m, 'snow'))).rejects.toThrow(
      /line 3, column "kind": "snow" is no class that the model knows[^]*rain, sun/,
    );
  });

  test('a forecast goes on from it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'own-table-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const [first, second] = ['a.csv', 'b.csv'].map((name) => join(folder, name));
    writeFileSync(first, trained);
    writeFileSync(second, other);
    const spec = taskCalled('series', TABLES);
    const sha256 = sha256At(spec, { from: [first] })!;
    const settings = makeSettings('series', 'gru', { hidden: 4, steps: 1 }, { rows: 32, sha256 } as never);
    const run = new RunFolder(join(folder, 'run'));
    run.save(settings, { tensors: new Map(), metadata: {} }, { tensors: new Map(), metadata: {} });
    run.keep(keep!(await read([fileOf('a.csv', trained)], {})));
    const { series } = (await dataOfRun(spec, settings, run, { from: [second] })) as SeriesData;
    expect(series.names).toEqual(['day', 'warm']);
    expect(series.normalisation[1].mean).toBeLessThan(7);
    expect(series.values.at(-1)).toBeGreaterThan(60);
  });
});

test('what a run needs is told with what fewer inputs come to, where it needs all', async () => {
  const rows = Array.from({ length: 60 }, (_, t) => `${t % 5}`).join('\n');
  const content = await seriesTask.data!.read([fileOf('a.csv', `x\n${rows}\n`)], {});
  const settings = makeSettings('series', 'gru', { hidden: 4, steps: 1 }, { rows: 48, sha256: 'x' } as never);
  const stored = { tensors: new Map(), metadata: {} };
  const remarkOf = (losses: readonly number[]) =>
    sightFindings(
      { settings, stored, where: 'a run', content, tables: TABLES },
      { sights: [1, 2, 4], losses, places: 9, baselines: [] },
    ).remark;
  const squared = 'mean squared error in deviations';
  expect(remarkOf([0.5, 0.4, 0.25])).toBe(
    `The GRU needs all 4 inputs that it was shown: 0.2500 ${squared}, and 0.4000 with the last 2.`,
  );
  expect(remarkOf([0.5, 0.25, 0.25])).toBe(
    `The GRU is as good within 1 % with the last 2 inputs as with 4: 0.2500 ${squared}.`,
  );
  expect(
    sightFindings(
      { settings, stored, where: 'a run', content, tables: TABLES },
      { sights: [1], losses: [0.5], places: 9, baselines: [] },
    ).remark,
  ).toBe(`The GRU is as good within 1 % with the last 1 inputs as with 1: 0.5000 ${squared}.`);
});
