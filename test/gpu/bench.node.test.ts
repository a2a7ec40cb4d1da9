// Every case of the bench runs once and computes what it should. No time is asserted.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { CASES, METRICS, FIRST_RESULT, bench, caseOf, markdown, type Report } from '../../src/bench/index';
import { TOLERANCE } from '../../src/bench/measure';
import { array, square, type Engine, type Reading } from '../../src/index';
import { openTestEngine } from '../harness/engine';

const TRANSLATORS = ['Seq2Seq', 'Attention LSTM', 'GNMT', 'Transformer', 'ConvS2S'];
/** Seconds each on a software adapter; their kernels are those of other cases, of training and of translation tests. */
const SLOW = [
  ...['matmul 2048', 'matmul LM head', 'LSTM training step'],
  ...TRANSLATORS.map((name) => `${name} translation step`),
];

let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.destroy());

test('the slow ones are cases', () => {
  const names = CASES.map(({ name }) => name);
  expect(SLOW.filter((name) => !names.includes(name))).toEqual([]);
});

const quick = CASES.filter(({ name }) => !SLOW.includes(name));
test.each(quick.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
  const { step, args, error } = one.build(engine, one.inputs());
  const readings = [step(...args) ?? []].flat() as Reading[];
  const results = await Promise.all(readings.map((reading) => reading.read()));
  expect(await error(results)).toBeLessThan(TOLERANCE);
});

// Its two sides are cases, checked above, and so is that of the host's figure.
test('Adam in one launch beside its ops', async () => {
  const { prepare } = METRICS.find(({ name }) => name === 'Adam / Adam by ops')!;
  expect(await prepare(engine)()).toBeGreaterThan(0);
});

test('a report has a row for each case, measured as quickly as can be', async () => {
  const own = caseOf({
    ...{ name: 'my own', body: (x) => square(x), args: [array([3], [1, 2, 3])], wanted: [1, 4, 9] },
  });
  const cases = [...CASES.filter(({ name }) => ['matmul 256', '1000 adds'].includes(name)), own];
  const metrics = METRICS.filter(({ name }) => name === 'host per launch');
  const seen: string[] = [];
  const rounds: Report[] = [];
  const report = await bench({
    ...{ cases, metrics, firstResult: true, quick: true, runtime: 'a test', open: openTestEngine },
    onProgress: (what) => seen.push(what),
    onRound: (soFar) => rounds.push(soFar),
  });
  expect(report).toMatchObject({ adapter: engine.name, runtime: 'a test', rounds: 1 });
  expect(report.rows.map(({ name }) => name)).toEqual([
    'matmul 256',
    '1000 adds',
    'my own',
    'host per launch',
    FIRST_RESULT,
  ]);
  for (const { ms, value, min, max, error } of report.rows) {
    expect(value ?? ms).toBeGreaterThan(0);
    expect([min, max]).toEqual([value ?? ms, value ?? ms]);
    expect(error ?? 0).toBeLessThan(TOLERANCE);
  }
  expect(report.rows[0].kernels.length).toBeGreaterThan(0);
  expect(Object.values(report.ceiling!).every((value) => value > 0)).toBe(true);
  expect(seen).toContain('1000 adds: round 1 of 1');
  expect(rounds.map(({ rows }) => rows.length)).toEqual([5]);
  expect(markdown(report)).toMatch(/^\| my own +\|/m);
});

test('a wrong case of its own is off by what it is off', async () => {
  const wrong = caseOf({ name: 'wrong', body: (x) => square(x), args: [array([2], [1, 2])], wanted: [1, 5] });
  const { step, args, error } = wrong.build(engine, wrong.inputs());
  const [reading] = [step(...args) ?? []].flat() as Reading[];
  expect(await error([await reading.read()])).toBeCloseTo(0.2);
});
