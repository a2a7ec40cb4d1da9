// What is in a step's tensors: summaries against plain loops, `print`, and `checkStep`, which finds the first op whose
// result is not finite and leaves no trace.

import { afterAll, describe, expect, test } from 'vitest';
import {
  add,
  array,
  checkStep,
  crossEntropy,
  debug,
  exp,
  Generator,
  log,
  matmul,
  mean,
  nn,
  optim,
  print,
  profileStep,
  relu,
  scale,
  scope,
  sum,
  type Tensor,
} from '../../src/index';
import { summaryFrom, summaryOf, summaryText } from '../../src/graph/summary';
import { openTestEngine, uniform } from '../harness/engine';

const lines: string[] = [];
const engine = await openTestEngine({ poison: true, log: (line) => lines.push(line) });
afterAll(() => engine.destroy());

async function summarise(x: Float32Array | Uint32Array) {
  const step = engine.record((v) => summaryOf(v));
  const rows = await step(array([x.length], x)).read();
  return summaryFrom([x.length], rows);
}

describe('a summary', () => {
  test.each([1, 5, 64, 1025, 70_001])('of %i finite values', async (size) => {
    const x = uniform(size, size);
    const { min, max, mean: middle, ...rest } = await summarise(x);
    const doubles = Array.from(x);
    expect(min).toBe(doubles.reduce((a, b) => Math.min(a, b)));
    expect(max).toBe(doubles.reduce((a, b) => Math.max(a, b)));
    expect(middle).toBeCloseTo(doubles.reduce((a, b) => a + b, 0) / size, 5);
    expect(rest).toEqual({ shape: [size], nans: 0, infinities: 0, first: -1 });
  });

  test('counts what is not finite, and leaves it out of the rest', async () => {
    const x = uniform(3, 5000);
    x.set([NaN, Infinity, -Infinity, NaN], 4321);
    const finite = Array.from(x).filter(Number.isFinite);
    const found = await summarise(x);
    expect(found).toMatchObject({ nans: 2, infinities: 2, first: 4321 });
    expect(found.max).toBe(Math.max(...finite));
    expect(found.mean).toBeCloseTo(finite.reduce((a, b) => a + b) / finite.length, 5);
  });

  test('reaches the ends of f32, and has no range where nothing is finite', async () => {
    const largest = 3.4028234663852886e38;
    expect(await summarise(Float32Array.of(largest, largest, -largest))).toMatchObject({
      min: -largest,
      max: largest,
    });
    const none = await summarise(Float32Array.of(NaN, NaN));
    expect(none).toMatchObject({ min: NaN, max: NaN, mean: NaN, nans: 2, first: 0 });
    expect(summaryText(none)).toBe('[2]  no finite value, 2 of 2 NaN (first at [0])');
  });

  test('of integers', async () => {
    expect(await summarise(Uint32Array.of(7, 0, 2 ** 31))).toMatchObject({ min: 0, max: 2 ** 31, first: -1 });
  });

  test('names the place by its indices', () => {
    const rows = new Uint32Array(8);
    rows.set([0, 0, 0, 0, 1, 0, 13, 0]);
    expect(summaryText(summaryFrom([2, 3, 4], rows))).toContain('(first at [1, 0, 1])');
  });
});

describe('print', () => {
  test('writes a line at every run, and changes no result', async () => {
    lines.length = 0;
    const plain = engine.record((x) => sum(relu(scale(x, 3))));
    const printed = engine.record((x) => sum(relu(print('scaled', scale(x, 3)))));
    const x = array([2, 2], [1, -1, 2, 0]);
    const values = [await plain(x).item(), await printed(x).item(), await printed(x).item()];
    await engine.idle();
    expect(values).toEqual([9, 9, 9]);
    expect(lines).toEqual([
      'scaled  run 1  [2, 2]  -3 to 6, mean 1.5',
      'scaled  run 2  [2, 2]  -3 to 6, mean 1.5',
    ]);
  });

  test('or at every so many', async () => {
    lines.length = 0;
    const step = engine.record((x) => {
      print('x', x, { every: 3 });
      return x;
    });
    for (let i = 1; i <= 7; i++) step(array([1], [i]));
    await engine.idle();
    expect(lines.map((line) => line.split('  ').slice(1, 2) + line.slice(-8))).toEqual([
      'run 1, mean 1',
      'run 4, mean 4',
      'run 7, mean 7',
    ]);
  });

  test('outside of a recording is refused', () => {
    expect(() => print('x', 1 as never)).toThrow(/nothing is being recorded[^]*look\.test\.ts:/);
  });
});

describe('checkStep', () => {
  const x = array([2, 3], [1, 2, 3, 4, 5, 0]);

  test('finds nothing where all is finite', async () => {
    const step = engine.record((v) => mean(log(add(v, v))));
    const found = await checkStep(step, array([2], [1, 2]));
    expect(found).toMatchObject({ finite: true, culprit: null });
    expect(String(found)).toMatch(/^All values of the step's \d+ tensors are finite\.$/);
  });

  test('names the first op, its line and what it was given', async () => {
    const step = engine.record((v) => {
      const large = scope('my layer', () => exp(scale(v, 40)));
      return sum(matmul(large, relu(large), { transposeB: true }));
    });
    const found = await checkStep(step, x);
    expect(found.finite).toBe(false);
    expect(found.culprit).toMatchObject({ op: 'my layer/exp', name: 'y', nans: 0, infinities: 3, first: 2 });
    expect(found.culprit!.inputs).toMatchObject([{ name: 'x', min: 0, max: 200 }]);
    expect(found.culprit!.at).toMatch(/look\.test\.ts:\d+$/);
    expect(String(found)).toMatch(
      /^my layer\/exp is the first to make one:\n {4}y {2}\[2, 3\] .*\n {2}given:\n {4}x {2}\[2, 3\] {2}0 to 200/,
    );
  });

  test('shows the ids that an op was given: one beyond a table, a class that there is not', async () => {
    const table = new nn.Embedding(4, 3);
    const looked = await checkStep(
      engine.record((ids) => table.forward(ids)),
      array([2], Uint32Array.of(1, 9)),
    );
    expect(String(looked)).toMatch(/embedding is the first[^]*ids {2}\[2\] {2}1 to 9,/);
    const targets = array([2], Uint32Array.of(7, 0));
    const lost = await checkStep(
      engine.record((logits: Tensor, ids: Tensor) => crossEntropy(logits, ids)),
      array([2, 3], uniform(1, 6)),
      targets,
    );
    expect(String(lost)).toMatch(/crossEntropy is the first[^]*targets {2}\[2\] {2}0 to 7,/);
  });

  test('names an argument or a state that came with one', async () => {
    const step = engine.record((v) => sum(v));
    expect((await checkStep(step, array([2], [NaN, 1]))).culprit).toMatchObject({
      name: 'argument 1',
      nans: 1,
    });
    nn.seed(1);
    const layer = new nn.Linear(3, 2);
    layer.namedParameters();
    const used = engine.record((v) => sum(layer.forward(v)));
    engine.write(layer.weight, Float32Array.of(1, 2, NaN, 4, 5, 6));
    expect((await checkStep(used, x)).culprit).toMatchObject({ name: 'weight', nans: 1 });
  });

  test('finds it in the backward pass, and leaves parameters, moments and counts as they were', async () => {
    nn.seed(2);
    const generator = new Generator(3);
    const layers = new nn.Sequential(
      new nn.Linear(3, 8),
      new nn.Dropout(0.5, { generator }),
      new nn.Linear(8, 4),
    );
    const adam = new optim.Adam(layers.parameters(), { learningRate: 0.1, clipNorm: 1 });
    const step = engine.train((v, t) => {
      const logits = layers.forward(v);
      return adam.minimize(crossEntropy(logits, t));
    });
    const targets = array([2], Uint32Array.of(1, 3));
    step(x, targets);
    const before = await engine.read(adam.flat);
    const counts = { steps: adam.steps, draws: generator.save() };
    expect(String(await checkStep(step, x, targets))).toMatch(/are finite/);
    const found = await checkStep(step, array([2, 3], [3e38, 3e38, 3e38, 1, 1, 1]), targets);
    expect(found.finite).toBe(false);
    expect(await engine.read(adam.flat)).toEqual(before);
    expect({ steps: adam.steps, draws: generator.save() }).toEqual(counts);
  });
});

test('debug tells plans and runs', async () => {
  const told: string[] = [];
  const talkative = await openTestEngine({ debug, log: (line) => told.push(line) });
  const step = talkative.record(function double(v) {
    return scale(v, 2);
  });
  step(array([2], [1, 2]));
  step(array([2], [3, 4]));
  talkative.destroy();
  expect(told[0]).toMatch(/^step \d+ double: recorded for f32 \[2\]\n#.*scale/s);
  expect(told.slice(1).map((line) => line.replace(/^step \d+ /, ''))).toEqual([
    'double: run 1, 1 launches each',
    'double: run 2, 1 launches each',
  ]);
});

test('a profile keeps scopes with spaces, and the kernel beside them', async () => {
  const step = engine.record((v) => scope('two words', () => scale(v, 2)));
  const { rows } = await profileStep(step, array([2], [1, 2]));
  expect(rows).toMatchObject([
    { op: 'two words/scale', kernel: expect.stringMatching(/^\w+$/), launches: 1 },
  ]);
});
