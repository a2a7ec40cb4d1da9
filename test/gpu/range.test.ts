// What plain f32 loses: betas next to 1, sums of millions, rows far from zero, values at the ends of the range. Right
// values from doubles. ops.test.ts asks every op at the ends of the range; here is what needs more than one op or size.

import { afterAll, describe, expect, test } from 'vitest';
import { array, mul, nn, optim, sum, type Parameter, type Tensor } from '../../src/index';
import { openTestEngine } from '../harness/engine';

const engines = [await openTestEngine({ family: 'direct' }), await openTestEngine({ family: 'workgroup' })];
afterAll(() => engines.forEach((engine) => engine.destroy()));

describe('optimizers take 1 − β in doubles', () => {
  const gradients = [1, -3, 0.01, 50];
  /** A weight of zeros after `steps` with the same gradient. */
  async function after(make: (weight: Iterable<Parameter>) => optim.Optimizer, steps: number) {
    const layer = new nn.Linear(4, 1, { bias: false });
    const optimizer = make(layer.parameters());
    const [engine] = engines;
    await engine.write(layer.weight, new Float32Array(4));
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
