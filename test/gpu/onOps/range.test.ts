// What plain f32 loses: betas next to 1, sums of millions, rows far from zero, values at the ends of the range. Right
// values from doubles. ops.test.ts asks every op at the ends of the range; here is what needs more than one op or size.

import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  constant,
  gate,
  gelu,
  gradient,
  gru,
  layerNorm,
  lstm,
  mean,
  mul,
  nn,
  optim,
  reshape,
  scale,
  sum,
  type Parameter,
  type Tensor,
} from '../../../src/index';
import { openTestEngine, uniform } from '../../harness/engine';

const engines = [await openTestEngine({ family: 'direct' }), await openTestEngine({ family: 'workgroup' })];
afterAll(() => engines.forEach((engine) => engine.destroy()));

describe('optimizers take 1 − β in doubles', () => {
  const gradients = [1, -3, 0.01, 50];
  /** A weight of zeros after `steps` with the same gradient. */
  async function after(make: (weight: Iterable<Parameter>) => optim.Optimizer, steps: number) {
    const layer = new nn.Linear(4, 1, { bias: false });
    const optimizer = make(layer.parameters());
    const [engine] = engines;
    engine.write(layer.weight, new Float32Array(4));
    const step = engine.train((g: Tensor) => optimizer.minimize(sum(mul(layer.weight, g))));
    for (let i = 0; i < steps; i++) await step(array([4, 1], gradients)).item();
    return (await engine.read(layer.weight)) as Float32Array;
  }

  test.each([1, 5])('Adam, β₂ = 0.9999999, %i steps', async (steps) => {
    // The gradient does not change: both corrected moments are the gradient, and its square, after every step.
    const found = await after(
      (weight) => new optim.Adam(weight, { learningRate: 0.01, betas: [0.9, 0.9999999], epsilon: 0 }),
      steps,
    );
    found.forEach((value, i) => expect(value / (-0.01 * steps * Math.sign(gradients[i]))).toBeCloseTo(1, 6));
  });

  test('RMSprop, α = 0.9999999', async () => {
    const found = await after(
      (weight) => new optim.RMSprop(weight, { learningRate: 1e-5, alpha: 0.9999999, epsilon: 0 }),
      1,
    );
    found.forEach((value, i) =>
      expect(value / ((-1e-5 / Math.sqrt(1e-7)) * Math.sign(gradients[i]))).toBeCloseTo(1, 6),
    );
  });
});

describe('layerNorm of rows that a sum of squares would lose', () => {
  /** About N(0, 1), the same everywhere. */
  const normal = (seed: number, size: number) => {
    const parts = Array.from({ length: 12 }, (_, i) => uniform(seed + i, size));
    return Float32Array.from({ length: size }, (_, i) =>
      parts.reduce((total, part) => total + part[i] / 2, 0),
    );
  };
  const noise = normal(1, 65536);
  const rows: [string, Float32Array, number][] = [
    ['a first value of 1e4', noise.map((value, i) => (i ? value : 1e4)), 1e-5],
    ['a last value of 1e4', noise.map((value, i) => (i < 65535 ? value : 1e4)), 1e-5],
    ['a mean of 1e4, a spread of 1e-3', noise.map((value) => 1e4 + value * 1e-3), 1e-8],
    ['a mean of −1e4, 768 wide', noise.slice(0, 768).map((value) => value * 1e-2 - 1e4), 1e-8],
    ['half of it 1e4', noise.map((value, i) => (i % 2 ? value : 1e4)), 1e-5],
  ];

  test.each(rows)('%s', async (_name, x, epsilon) => {
    const C = x.length;
    const mean = x.reduce((total, value) => total + value, 0) / C;
    const variance = x.reduce((total, value) => total + (value - mean) ** 2, 0) / C;
    const inverse = 1 / Math.sqrt(variance + epsilon);
    const h = Float64Array.from(x, (value) => (value - mean) * inverse);
    const dy = uniform(3, C);
    const [flat, along] = [(i: number) => dy[i], (i: number) => dy[i] * h[i]].map(
      (f) => h.reduce((total, _, i) => total + f(i), 0) / C,
    );
    const dx = h.map((value, i) => inverse * (dy[i] - flat - value * along));
    for (const engine of engines) {
      const step = engine.record((t: Tensor, slope: Tensor) => {
        const y = layerNorm(t, { epsilon });
        return { y, dx: gradient(sum(mul(y, slope)), [t])[0] };
      });
      const found = step(array([1, C], x), array([1, C], dy));
      const slopes = found.dx.read();
      expect(typical(await found.y.read(), h), 'result').toBeLessThan(4e-6);
      expect(typical(await slopes, dx), 'gradient').toBeLessThan(4e-6);
    }
  });
});

describe('long sums', () => {
  const N = 2 ** 22;

  test.each([0.1, 0.7, 1.1])('of 4 million times %d, and their mean', async (value) => {
    const exact = Math.fround(value);
    for (const engine of engines) {
      const step = engine.record((x: Tensor) => [sum(x), mean(x), sum(reshape(x, [N / 4, 4]), 0)]);
      const x = new Float32Array(N).fill(value);
      const readings = step(array([N], x));
      const found = await Promise.all(readings.map((reading) => reading.read()));
      const wanted = [N * exact, exact, (N / 4) * exact];
      wanted.forEach((right, i) => expect(Math.abs(found[i][0] / right - 1), `${i}`).toBeLessThan(1e-6));
    }
  });
});

describe('a slope of 0 beside numbers whose product is beyond the range', () => {
  const zero = (...shape: number[]) => constant(shape, new Array(shape.reduce((a, b) => a * b)).fill(0));
  /** Gates of a row of one unit, from their biases alone. */
  const gates = (biases: number[]) => ({
    x: zero(1, 1, 1),
    wx: zero(1, biases.length),
    wh: zero(1, biases.length),
    bx: zero(biases.length),
    h0: zero(1, 1),
  });

  const sizes = [1, 10, 1e3, 1e13, 1e19, 2e19, 1e30, 3e38].flatMap((v) => [v, -v]);
  const slopeAt1 = [1.0829641, -0.0829641];
  test.each(['alone', 'in a chain'])('gelu, %s', async (way) => {
    const f = (x: Tensor) => (way === 'alone' ? gelu(x) : scale(gelu(scale(x, 1, 0)), 1, 0.5));
    for (const engine of engines) {
      const step = engine.record((x: Tensor) => gradient(sum(f(x)), [x])[0]);
      const found = await step(array([sizes.length], sizes)).read();
      const wanted = sizes.map((v, i) => slopeAt1[i] ?? Number(v > 0));
      wanted.forEach((right, i) => expect(found[i], `${sizes[i]}`).toBeCloseTo(right, 5));
    }
  });

  test.each([1, 4])('glu, %i channels', async (C) => {
    for (const engine of engines) {
      const step = engine.record((x: Tensor) => gradient(sum(scale(gate(x), 10)), [x])[0]);
      const x = Float32Array.from({ length: 2 * C }, (_, i) => (i < C ? 1e38 : -200));
      expect([...(await step(array([1, 2 * C], x)).read())]).toEqual(new Array(2 * C).fill(0));
    }
  });

  test('gru and lstm, with closed gates', async () => {
    for (const engine of engines) {
      const step = engine.record((b3: Tensor, b4: Tensor, c0: Tensor) => {
        const one = gru({ ...gates([0, 0, 0]), bh: b3 }).y;
        const other = lstm({ ...gates([0, 0, 0, 0]), bh: b4, c0 }).cN;
        const [d3, d4] = gradient(sum(scale(one, 100)), [b3]).concat(gradient(sum(scale(other, 10)), [b4]));
        return { d3, d4 };
      });
      const { d3, d4 } = step(
        array([3], [-200, 0, 1e38]),
        array([4], [0, -200, 0, 0]),
        array([1, 1], [1e38]),
      );
      const [slopes3, slopes4] = [await d3.read(), await d4.read()];
      expect([...slopes3, ...slopes4].every(Number.isFinite), `${slopes3} ${slopes4}`).toBe(true);
      expect([slopes3[0], slopes4[1]]).toEqual([0, 0]);
    }
  });
});

/** The largest error beside the median of the right values. */
function typical(found: ArrayLike<number>, wanted: Float64Array): number {
  const median = Float64Array.from(wanted, Math.abs).sort()[wanted.length >> 1];
  return wanted.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(found[i] - value) / Math.max(median, Math.abs(value))),
    0,
  );
}
