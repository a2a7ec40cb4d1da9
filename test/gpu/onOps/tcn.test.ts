// The temporal convolutional network: what an output sees, and its last output alone.

import { afterAll, describe, expect, test } from 'vitest';
import { array, gradient, mul, nn, slice, sum, type Tensor } from '../../../src/index';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

describe('the receptive field', () => {
  const nets = [[2, 3], [3, 2], [8, 2]] as const; // oxfmt-ignore
  test.each(nets)('of %i taps and %i levels is as long as the formula says', async (kernelSize, levels) => {
    nn.seed(kernelSize);
    const net = new nn.TCN(2, Array<number>(levels).fill(16), { kernelSize, gain: 2 });
    const field = 1 + 2 * (kernelSize - 1) * (2 ** levels - 1);
    expect(net.receptiveField).toBe(field);
    // Row b has another value `b` steps before t than row 0 has: its y at t is another if and only if b is inside.
    const [T, t] = [field + 8, field + 4];
    const x = uniform(1, 2 * T);
    const rows = Float32Array.from({ length: T * 2 * T }, (_, i) => x[i % (2 * T)]);
    for (let b = 0; b < T; b++) if (b > 0 && b <= t) rows[(b * T + t - b) * 2] += 30;
    // Later steps are never seen.
    for (let b = t + 1; b < T; b++) rows[(b * T + b) * 2] += 30;
    const y = await engine
      .record((v: Tensor) => slice(net.forward(v), 1, t, t + 1))(array([T, T, 2], rows))
      .read();
    const differs = Array.from({ length: T }, (_, b) =>
      y.slice(16 * b, 16 * b + 16).some((v, c) => v !== y[c]),
    );
    expect(differs).toEqual(Array.from({ length: T }, (_, b) => b > 0 && b < field));
  });
});

describe('the last output alone', () => {
  test.each([
    [1, 3, 3],
    [13, 3, 2],
    [50, 7, 5],
  ])(
    'of %i steps, with %i taps and %i levels, is that of all outputs, and so are its gradients',
    async (T, kernelSize, levels) => {
      nn.seed(3);
      const net = new nn.TCN(3, Array<number>(levels).fill(5), { kernelSize, gain: 1.5 });
      const parameters = [...net.parameters()];
      const measure = (last: boolean) =>
        engine.record((x: Tensor, w: Tensor) => {
          const y = last ? net.last(x) : slice(net.forward(x), 1, T - 1, T);
          return [y, ...gradient(sum(mul(last ? y : slice(net.forward(x), 1, -1), w)), [x, ...parameters])];
        });
      const x = array([2, T, 3], uniform(4, 6 * T));
      const weights = uniform(5, 10);
      const [alone, whole] = await Promise.all(
        [true, false].map(async (last) => {
          const readings = measure(last)(x, array(last ? [2, 5] : [2, 1, 5], weights));
          return Promise.all(readings.map((reading) => reading.read()));
        }),
      );
      whole.forEach((values, i) => {
        const size = Math.max(...[...values].map(Math.abs), 1e-3);
        const worst = Math.max(...[...values].map((value, j) => Math.abs(value - alone[i][j]) / size));
        expect(worst, `value ${i}`).toBeLessThan(2e-5);
      });
    },
  );

  test.each(['tcn', 'lstm', 'gru', 'rnn', 'gcnn'] as const)('of a %s with its head', async (model) => {
    nn.seed(6);
    const net = new nn.SequenceModel(2, 3, { model, hidden: 4, levels: 2 });
    const [last, all] = engine.record((x: Tensor) => [net.last(x), net.forward(x)])(
      array([2, 9, 2], uniform(7, 36)),
    );
    expect(last.shape).toEqual([2, 3]);
    const [a, b] = [await last.read(), await all.read()];
    for (let i = 0; i < 6; i++) expect(a[i]).toBeCloseTo(b[(i < 3 ? 8 * 3 : 17 * 3) + (i % 3)], 5);
  });
});
