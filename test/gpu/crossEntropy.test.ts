// What the generic test of crossEntropy cannot say: targets that do not count, targets that are not there,
// and accuracy.

import { afterAll, expect, test } from 'vitest';
import { accuracy, array, crossEntropy, gradient, scale, type Tensor } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

const engines = [await openTestEngine({ family: 'direct' }), await openTestEngine({ family: 'workgroup' })];
afterAll(() => engines.forEach((engine) => engine.destroy()));

/** Loss and gradient of 3 × the loss for random logits [N, V]. */
async function lossAndSlopes(targets: readonly number[], V: number, ignoreIndex?: number) {
  const shape = [targets.length, V];
  return Promise.all(
    engines.map(async (engine) => {
      const step = engine.record((x: Tensor, t: Tensor) => {
        const loss = crossEntropy(x, t, { ignoreIndex });
        return { loss, dx: gradient(scale(loss, 3), [x])[0] };
      });
      const { loss, dx } = step(
        array(shape, uniform(1, targets.length * V)),
        array([targets.length], Uint32Array.from(targets)),
      );
      const slopes = dx.read();
      return { loss: await loss.item(), dx: [...(await slopes)] };
    }),
  );
}

test.each([10, 12, 65, 128])('nothing counts: loss and gradient are zero (V = %i)', async (V) => {
  for (const { loss, dx } of [
    ...(await lossAndSlopes([2, 2, 2], V, 2)),
    ...(await lossAndSlopes([0xffffffff, 0xffffffff], V)),
  ]) {
    expect(loss).toBe(0);
    expect(dx.every((value) => value === 0)).toBe(true);
  }
});

test.each([10, 12, 65, 128])('a row that does not count changes nothing (V = %i)', async (V) => {
  const all = await lossAndSlopes([3, 1], V);
  const more = await lossAndSlopes([3, 1, 0xffffffff], V);
  all.forEach(({ loss, dx }, i) => {
    expect(more[i].loss).toBe(loss);
    expect(more[i].dx.slice(0, 2 * V)).toEqual(dx);
    expect(more[i].dx.slice(2 * V).every((value) => value === 0)).toBe(true);
  });
});

test.each([10, 12, 65, 128])(
  'a target that is not there gives NaN, not a value from elsewhere (V = %i)',
  async (V) => {
    for (const { loss, dx } of await lossAndSlopes([3, V, 1], V)) {
      expect(loss).toBeNaN();
      expect(dx.slice(V, 2 * V).every(Number.isNaN)).toBe(true);
    }
  },
);

test.each([3, 8, 67])('the ends of f32: loss and gradient of rows of −FLT_MAX (V = %i)', async (V) => {
  const MOST = 3.4028234663852886e38;
  for (const engine of engines) {
    const step = engine.record((x: Tensor, t: Tensor) => {
      const loss = crossEntropy(x, t, { ignoreIndex: 9 });
      return { loss, dx: gradient(loss, [x])[0], right: accuracy(x, t, { ignoreIndex: 9 }) };
    });
    const rows = [-MOST, MOST, NaN, 1e9];
    const x = Float32Array.from({ length: 4 * V }, (_, i) => rows[Math.floor(i / V)]);
    const { loss, dx, right } = step(array([4, V], x), array([4], Uint32Array.of(0, 1, 9, 2)));
    const slopes = dx.read();
    expect(await loss.item()).toBeCloseTo(Math.log(V), 5);
    expect(await right.item()).toBeCloseTo(1 / 3, 6);
    (await slopes).forEach((slope, i) => {
      const row = Math.floor(i / V);
      const wanted = 1 / V - (i % V === [0, 1, 9, 2][row] ? 1 : 0);
      expect(slope, `${row}, ${i % V}`).toBeCloseTo(row === 2 ? 0 : wanted / 3, 6);
    });
  }
});

test('accuracy of a row with a NaN is NaN, unless it does not count', async () => {
  for (const engine of engines) {
    const step = engine.record((x: Tensor, t: Tensor) => accuracy(x, t, { ignoreIndex: 9 }));
    const x = array([2, 3], [1, NaN, 2, /**/ 0, 1, 2]);
    expect(await step(x, array([2], Uint32Array.of(2, 2))).item()).toBeNaN();
    expect(await step(x, array([2], Uint32Array.of(9, 2))).item()).toBe(1);
  }
});

test('ignoreIndex must be a u32', async () => {
  await expect(lossAndSlopes([0], 3, -100)).rejects.toThrow(/crossEntropy: ignoreIndex is -100/);
});

test('smoothing is below 1', () => {
  const make = (smoothing: number) => () =>
    engines[0].record((x: Tensor, t: Tensor) => crossEntropy(x, t, { smoothing }))(
      array([1, 3], [1, 2, 3]),
      array([1], Uint32Array.of(0)),
    );
  expect(make(1)).toThrow(/crossEntropy: smoothing is 1[^]*from 0 up to, but not, 1/);
});

test('accuracy counts first maxima among the rows that count', async () => {
  const logits = [0, 5, 1, /**/ 2, 2, 1, /**/ 0, 0, 9, /**/ 7, 0, 0, /**/ -9, -8, -7];
  for (const engine of engines) {
    const step = engine.record((x: Tensor, t: Tensor) => ({
      all: accuracy(x, t),
      some: accuracy(x, t, { ignoreIndex: 0 }),
      none: accuracy(x, t, { ignoreIndex: 1 }),
    }));
    const x = array([5, 3], logits);
    const { all, some } = step(x, array([5], Uint32Array.of(1, 0, 1, 0, 1)));
    expect(await all.item()).toBeCloseTo(3 / 5, 6);
    expect(await some.item()).toBeCloseTo(1 / 3, 6);
    expect(await step(x, array([5], Uint32Array.of(1, 1, 1, 1, 1))).none.item()).toBe(0);
  }
});
