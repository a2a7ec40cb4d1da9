// The masks of dropout, bit for bit as the reference has them: the same for the same seed, others at every
// step and for every call, none outside training.

import { afterAll, expect, test } from 'vitest';
import { array, gradient, mul, square, sum, type Tensor } from '../../src/index';
import { Generator } from '../../src/graph/generator';
import { dropout } from '../../src/ops/random/dropout';
import { openTestEngine, uniform } from '../harness/engine';
import { pcg4d } from '../reference/dropout';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const SIZE = 4001;
const ones = (size = SIZE) => array([size], new Float32Array(size).fill(1));

function mask(seed: number, step: number, call: number, rate: number, size = SIZE): number[] {
  const keep = (i: number) => pcg4d([i >>> 2, call, step, seed])[i & 3] >= Math.round(rate * 2 ** 32);
  return Array.from({ length: size }, (_, i) => (keep(i) ? Math.fround(1 / (1 - rate)) : 0));
}

test('steps and calls have masks of their own, and these are the reference’s', async () => {
  const generator = new Generator(5);
  const step = engine.train((x) => [0, 1].map(() => dropout(x, { rate: 0.25, generator })));
  for (let i = 0; i < 3; i++) {
    const masks = await Promise.all(step(ones()).map((reading) => reading.read()));
    expect([...masks[0]]).toEqual(mask(5, i, 0, 0.25));
    expect([...masks[1]]).toEqual(mask(5, i, 1, 0.25));
  }
  expect(generator.step).toBe(3);
});

test('another shape is another recording with the same calls', async () => {
  const generator = new Generator(6);
  const step = engine.train((x) => [0, 1].map(() => dropout(x, { rate: 0.5, generator })));
  await step(ones())[0].read();
  const masks = await Promise.all(step(ones(100)).map((reading) => reading.read()));
  expect([...masks[1]]).toEqual(mask(6, 1, 1, 0.5, 100));
});

test('two generators of one seed do not give one mask', async () => {
  const step = engine.train((x) => [0, 1].map(() => dropout(x, { rate: 0.5, generator: new Generator(7) })));
  const [a, b] = await Promise.all(step(ones()).map((reading) => reading.read()));
  expect([...a]).toEqual(mask(7, 0, 0, 0.5));
  expect([...b]).toEqual(mask(7, 0, 1, 0.5));
});

test('a saved generator continues', async () => {
  const make = (generator: Generator) => engine.train((x) => dropout(x, { rate: 0.5, generator }));
  const first = new Generator(2 ** 40 + 3);
  const step = make(first);
  for (let i = 0; i < 3; i++) await step(ones()).read();
  const saved = JSON.parse(JSON.stringify(first.save()));
  const wanted = [...(await step(ones()).read())];
  const second = new Generator(0);
  second.restore(saved);
  expect([...(await make(second)(ones()).read())]).toEqual(wanted);
  expect(() => second.restore({ seed: 1.5, step: 0 })).toThrow(/no saved state/);
  expect(() => new Generator(0.5)).toThrow(/the seed is 0.5/);
});

test('outside training, and at rate 0, nothing is launched', async () => {
  const generator = new Generator(1);
  const body = (rate: number) => (x: Tensor) => square(dropout(x, { rate, generator }));
  for (const step of [engine.record(body(0.5)), engine.train(body(0))]) {
    expect([...(await step(ones()).read())].every((value) => value === 1)).toBe(true);
    expect(step.plan(ones()).dispatches.map(({ label }) => label)).toEqual(['square']);
  }
  expect(generator.step).toBe(0);
  expect(() => engine.train(body(1))(ones())).toThrow(/dropout: rate is 1/);
});

test('the gradient has the mask of its forward pass, channels share one over time', async () => {
  const generator = new Generator(9);
  const [B, T, C] = [3, 11, 10];
  const step = engine.train((x, w) => {
    const y = dropout(x, { rate: 0.5, generator, spatial: true });
    return { y, dx: gradient(sum(mul(y, w)), [x])[0] };
  });
  const w = uniform(1, B * T * C);
  const readings = step(array([B, T, C], new Float32Array(B * T * C).fill(1)), array([B, T, C], w));
  const [y, dx] = await Promise.all([readings.y.read(), readings.dx.read()]);
  const kept = mask(9, 0, 0, 0.5, B * C);
  const wanted = Float32Array.from(w, (_, i) => kept[Math.floor(i / (T * C)) * C + (i % C)]);
  expect(y).toEqual(wanted);
  expect([...dx]).toEqual([...wanted].map((value, i) => Math.fround(value * w[i]) + 0));
});

test('masks look random: by place, by step, by call and by seed', () => {
  const bit = (i: number, call: number, step: number, seed: number) =>
    pcg4d([i >>> 2, call, step, seed])[i & 3] / 2 ** 32 - 0.5;
  const shifts = [
    [1, 0, 0, 0],
    [2, 0, 0, 0],
    [4, 0, 0, 0],
    [64, 0, 0, 0],
    [256, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
    [0, 1, 1, 0],
    [4, 1, 0, 0],
  ];
  const count = 40000;
  for (const [seed, step, call] of [
    [0, 0, 0],
    [1, 1, 1],
    [0, 1000, 3],
    [12345, 7, 2],
  ]) {
    let total = 0;
    const products = shifts.map(() => 0);
    for (let i = 0; i < count; i++) {
      const here = bit(i, call, step, seed);
      total += here;
      shifts.forEach(([a, b, c, d], s) => (products[s] += here * bit(i + a, call + b, step + c, seed + d)));
    }
    // Four standard deviations of a mean of `count` numbers: uniform ones, and products of two such.
    expect(Math.abs(total / count)).toBeLessThan(4 / Math.sqrt(12 * count));
    for (const product of products) expect(Math.abs(product / count)).toBeLessThan(4 / 12 / Math.sqrt(count));
  }
});
