// What a report of the bench says: its rows as JSON, table and Markdown, ratios, and comparisons. All numbers are made
// up.

import { format } from 'oxfmt';
import { describe, expect, test } from 'vitest';
import { beyondCeiling, compare, compareTable, remarksOn } from '../../src/bench/compare';
import { readReport, metricRow, timeRow, withRivals } from '../../src/bench/report';
import { rangeOf } from '../../src/bench/spread';
import {
  amount,
  ceilingLine,
  kibibytes,
  markdown,
  percent,
  rivalTable,
  short,
  tableOf,
} from '../../src/bench/table';
import { METRIC, first, host, report, row, size } from '../fixtures/benchReport';
import { messageOf } from '../harness/message';

describe('report', () => {
  test('a row has every field, null where there is no number', () => {
    expect(Object.keys(size)).toEqual(Object.keys(row));
    expect(row.kernels).toEqual([{ kernel: 'matmul', file: 'matmul.wgsl', launches: 1, ms: 1.9 }]);
    expect(first).toMatchObject({ ms: 200, min: 100, max: 300, gflops: null, bestRival: null });
    expect(size).toMatchObject({ ms: null, bytes: 51200 });
  });

  test('survives JSON', () => {
    const all = report(row, first, host, size);
    expect(readReport(JSON.stringify(all), 'a.json')).toEqual(all);
  });

  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'it has no rows'],
    ['null', 'it has no rows'],
    ['{"rows":[]}', 'its adapter is undefined'],
    ['{"rows":[{"ms":1}],"adapter":"a","date":"d","runtime":"r"}', 'the name of row 1 is null'],
    ['{"rows":[{"name":"x","ms":"1"}],"adapter":"a","date":"d","runtime":"r"}', 'the ms of row 1 is "1"'],
  ])('%s is no report', (text, why) => {
    const message = messageOf(() => readReport(text, 'old.json'));
    expect(message).toContain('bench: old.json is no result of the bench.');
    expect(message).toContain(why);
  });

  test('the best rival', () => {
    const rivals = [
      { name: 'slow', version: '1.0', ms: 9, ratio: 3.6 },
      { name: 'fast', version: '2.0', ms: 5, ratio: 2 },
      { name: 'none', version: '3.0', note: 'has no LSTM' },
    ];
    const found = withRivals(row, rivals);
    expect(found).toMatchObject({ bestRival: 'fast 2.0', bestRivalMs: 5, ratio: 2 });
    expect(withRivals(row, rivals.slice(2))).toMatchObject({ bestRival: null, ratio: null });
    expect(tableOf(report(found, first)).head.slice(-3)).toEqual(['best rival', 'its ms', 'its ms / ours']);
    const peer = { name: 'matmul 256', about: '', oursMs: 2.5, oursMedian: 3, rivals };
    expect(rivalTable([peer]).rows.at(-1)).toEqual([
      'matmul 256',
      '2.50',
      'none 3.0',
      '–',
      '–',
      'has no LSTM',
    ]);
  });
});

describe('table', () => {
  test.each([
    [null, '–'],
    [undefined, '–'],
    [NaN, '–'],
    [0, '0.00'],
    [0.00012, '1.2e-4'],
    [0.001, '0.00100'],
    [999, '999'],
    [1000, '1,000'],
    [12345.6, '12,346'],
  ])('%d is %s', (value, words) => expect(short(value)).toBe(words));

  test('shares, sizes and what was not measured', () => {
    expect([percent(null), percent(0), percent(0.276)]).toEqual(['–', '0 %', '28 %']);
    expect([kibibytes(1024), kibibytes(1536)]).toEqual(['1.0 KiB', '1.5 KiB']);
    expect(ceilingLine({ ceiling: null })).toBe('not measured');
    expect([amount({ ...host, unit: '×' }), amount(host), amount(row)]).toEqual(['2.75×', '2.75 µs', '2.50']);
  });

  test('what a case is, and its kernels, where they are asked for', () => {
    const twice = { ...row, kernels: [{ ...row.kernels[0], launches: 2 }] };
    const { head, rows } = tableOf(report(twice), { kernels: true, about: true });
    expect(head.slice(0, 4)).toEqual(['case', 'what', 'fastest ms', 'GFLOP/s']);
    expect(head.slice(-2)).toEqual(['median', 'slowest']);
    expect(rows).toEqual([
      ['matmul 256', '[256, 256]·[256, 256]', '2.00', '16.8', '0.390', '27 %', 'FMA', '2.50', '4.00'],
      ['  matmul.wgsl × 2', '–', '1.90', '–', '–', '–', '–', '–', '–'],
    ]);
    expect(tableOf(report(twice)).rows).toHaveLength(1);
  });

  test('Markdown, which a formatter leaves as it is', async () => {
    const text = markdown(report(row, host, first, size), { kernels: true });
    expect(text).toMatchInlineSnapshot(`
      "acme one — a card; Node 20.1.0 (Dawn), linux x64; kernels: direct; 2026-11-24, 5 rounds.
      Measured ceilings: FMA 62.2 GFLOP/s, copy 3.93 GB/s, dispatch 53.3 µs.

      | case                  | fastest ms | GFLOP/s |  GB/s | of ceiling | which |  median | slowest |
      | --------------------- | ---------: | ------: | ----: | ---------: | ----- | ------: | ------: |
      | matmul 256            |       2.00 |    16.8 | 0.390 |       27 % | FMA   |    2.50 |    4.00 |
      | matmul.wgsl           |       1.90 |       – |     – |          – | –     |       – |       – |
      | host per launch       |    2.50 µs |       – |     – |          – | –     | 2.75 µs | 3.00 µs |
      | time to first result  |        100 |       – |     – |          – | –     |     200 |     300 |
      | bundle size: 50.0 KiB |          – |       – |     – |          – | –     |       – |       – |"
    `);
    expect((await format('report.md', text)).code).toBe(`${text}\n`);
  });
});

describe('compare', () => {
  const at = (name: string, min: number, ms: number, max: number) => timeRow(name, '', [min, ms, max]);

  test('what lies outside the noise', () => {
    const before = report(
      ...[at('a', 9, 10, 11), at('b', 9, 10, 11), at('c', 9, 10, 11), at('e', 5, 5, 5), size],
      ...[at('f', 9, 10, 11), at('g', 9, 10, 11), at('h', 9, 10, 11)],
    );
    const after = report(
      ...[at('a', 4, 5, 6), at('b', 12, 13, 14), at('c', 10, 11, 12), at('d', 1, 2, 3), at('e', 6, 6, 6)],
      // Faster in the middle, but not always; and at the very edge.
      ...[at('f', 5, 7, 10), at('g', 7, 8, 9), at('h', 11, 12, 13)],
    );
    const changes = compare(before, after);
    expect(changes.map(({ name, verdict, ratio }) => [name, verdict, ratio])).toEqual([
      ['a', 'better', 0.5],
      ['b', 'worse', 1.3],
      ['c', 'within noise', 1.1],
      ['d', 'new', null],
      ['e', 'noise unknown', 1.2],
      ['f', 'within noise', 0.7],
      ['g', 'within noise', 0.8],
      ['h', 'within noise', 1.2],
      ['bundle size', 'gone', null],
    ]);
    expect(compareTable(changes).rows[0]).toEqual(['a', '10.0', '5.00', '0.500', '▲ better', '–', '–']);
  });

  test.each([
    [51201, 'worse'],
    [51200, 'within noise'],
    [51199, 'better'],
  ])('a size has no noise: %i bytes after 51200 are %s', (bytes, verdict) => {
    const [change] = compare(report(size), report({ ...size, bytes }));
    expect(change).toMatchObject({ verdict, ratio: bytes / 51200 });
  });

  test('one round on either side says nothing of noise', () => {
    const [one, many] = [at('a', 5, 5, 5), at('a', 9, 10, 11)];
    for (const [before, after] of [
      [one, many],
      [many, one],
      [many, { ...many, min: null }],
      [{ ...many, max: null }, many],
    ]) {
      expect(compare(report(before), report(after))[0].verdict).toBe('noise unknown');
    }
  });

  test('a metric is compared in its unit', () => {
    const lower = metricRow(METRIC, [1, 1.25, 1.5]);
    const changes = compare(report(host), report(lower));
    expect(compareTable(changes).rows).toEqual([
      ['host per launch', '2.75 µs', '1.25 µs', '0.455', '▲ better', '–', '–'],
    ]);
  });

  test('a row that is faster than the adapter can be is named', () => {
    const rows = [0.5, 1.05, 3.1].map((ofCeiling, i) => ({ ...row, name: `row ${i}`, ofCeiling }));
    expect(beyondCeiling(report(...rows))[0]).toMatch(/^Above their ceiling: row 2\. What fits a cache/);
    expect(beyondCeiling(report(rows[0], rows[1]))).toEqual([]);
  });

  test('another adapter is said', () => {
    const other = {
      ...report(),
      adapter: 'acme two',
      ceiling: { fma: 124.42, copy: 3.934, dispatch: 26.66 },
    };
    expect(remarksOn(report(), report())).toEqual([
      'Ceilings, new / old: FMA 1.00, copy 1.00, dispatch 1.00.',
    ]);
    expect(remarksOn(report(), { ...report(), ceiling: null })).toEqual([]);
    // A tenth is as far as a machine may move, faster or slower.
    const moved = (by: number) => {
      const { fma, copy, dispatch } = report().ceiling!;
      return remarksOn(report(), { ...report(), ceiling: { fma: fma * by, copy, dispatch } }).length;
    };
    expect([0.9, 0.92, 1.09, 1.11].map(moved)).toEqual([2, 1, 1, 2]);
    expect(remarksOn(report(), other)).toEqual([
      'The adapter is another one: before acme one — a card, now acme two.',
      'Ceilings, new / old: FMA 2.00, copy 1.00, dispatch 0.500.',
      'The adapter itself ran at another speed: trust the shares of the ceiling, not the times.',
    ]);
  });
});

test.each([
  [[3], 3, 3, 3],
  [[4, 1], 2.5, 1, 4],
  [[9, 1, 2], 2, 1, 9],
  [[10, 4, 2, 1], 3, 1, 10],
])('of the samples %j the median is %d, from %d to %d', (samples, median, min, max) => {
  expect(rangeOf(samples)).toEqual({ median, min, max });
});
