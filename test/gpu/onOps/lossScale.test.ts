// Loss scaling, in f32, where nothing needs it: the same numbers as without it, bit for bit; a scale that is halved behind
// gradients that are not finite and doubled behind enough that are; a checkpoint and a run that go on with it.

import { afterAll, describe, expect, test } from 'vitest';
import { array, mean, mul, nn, optim, square, type Tensor } from '../../../src/index';
import { loadCheckpoint } from '../../../src/train/checkpoint';
import { saveCheckpoint } from '../../../src/train/saveCheckpoint';
import { fit } from '../../../src/train/fit';
import { openTestEngine, uniform } from '../../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

/** A model whose gradients are not finite where `factor` is so large that they leave f32 once they are scaled. */
function made(options?: optim.LossScaleOptions) {
  nn.seed(1);
  const model = new nn.RNN(3, 5);
  const adam = new optim.Adam(model.parameters(), { learningRate: 0.1, clipNorm: 1 });
  const lossScale = options && optim.lossScale(adam, options);
  const step = engine.train((x: Tensor, factor: Tensor) =>
    (lossScale ?? adam).minimizeWithNorm(mul(mean(square(model.forward(x))), factor)),
  );
  const run = (seed: number, factor = 1) =>
    step(array([2, 7, 3], uniform(seed, 42)), array([1], Float32Array.of(factor)));
  const scale = async () => {
    const { scale: by, inverse, good } = lossScale!;
    return (await Promise.all([by, inverse, good].map((state) => engine.read(state)))).map(
      ([value]) => value,
    );
  };
  return { model, optimizer: adam, run, scale };
}

describe('the loss scale', () => {
  test.each([1, 2 ** 15, 2 ** 40])('%d changes no bit of a training', async (initial) => {
    const [one, other] = [made(), made({ initial })];
    for (let i = 0; i < 5; i++) {
      const [wanted, found] = [one.run(i), other.run(i)];
      expect(await found.loss.item()).toBe(await wanted.loss.item());
      expect(await found.norm.item()).toBe(await wanted.norm.item());
    }
    expect(await engine.read(other.optimizer.gradients)).toEqual(await engine.read(one.optimizer.gradients));
    expect(await engine.read(other.optimizer.flat)).toEqual(await engine.read(one.optimizer.flat));
    expect(await other.scale()).toEqual([initial, 1 / initial, 5]);
  });

  test('is halved behind an update that was skipped, and doubled behind so many that were not', async () => {
    const { optimizer, run, scale } = made({ initial: 4, interval: 3 });
    const seen: number[][] = [];
    for (const factor of [1, NaN, 1, 1, NaN, NaN, NaN, 1, 1, 1, 1]) {
      run(3, factor);
      seen.push(await scale());
    }
    expect(seen.map(([by]) => by)).toEqual([4, 2, 2, 2, 1, 1, 1, 1, 1, 2, 2]);
    expect(seen.map(([by, inverse]) => by * inverse)).toEqual(seen.map(() => 1));
    expect(seen.map(([, , good]) => good)).toEqual([1, 0, 1, 2, 0, 0, 0, 1, 2, 0, 1]);
    expect([...(await engine.read(optimizer.skips))]).toEqual([4, 2]);
  });

  test('finds what the gradients bear', async () => {
    const { optimizer, run, scale } = made({ initial: 2 ** 20 });
    const before = await engine.read(optimizer.flat);
    // Times 2^20 this is beyond f32.
    for (let i = 0; i < 9; i++) run(i, 2 ** 112);
    const [by] = await scale();
    expect(by).toBeLessThan(2 ** 18);
    expect(by).toBeGreaterThan(2 ** 10);
    const [skipped] = await engine.read(optimizer.skips);
    expect(by).toBe(2 ** (20 - skipped));
    const after = await engine.read(optimizer.flat);
    expect(after).not.toEqual(before);
    expect([...after].every(Number.isFinite)).toBe(true);
  });

  test('is in a checkpoint, and goes on from it bit for bit', async () => {
    const [one, other] = [made({ initial: 2 ** 15, interval: 4 }), made({ initial: 8, interval: 4 })];
    for (const [i, factor] of [1, NaN, 1, 1].entries()) one.run(i, factor);
    const stored = await saveCheckpoint(engine, one);
    expect(JSON.parse(stored.metadata.optimizer)).toEqual({
      name: 'Adam',
      steps: 4,
      skipped: 1,
      lossScale: { scale: 2 ** 14, good: 2 },
    });
    loadCheckpoint(engine, stored, 'test', other);
    for (const { run } of [one, other]) [5, 6, 7].forEach((i) => run(i));
    expect(await other.scale()).toEqual([2 ** 15, 2 ** -15, 1]);
    expect(await other.scale()).toEqual(await one.scale());
    expect(await engine.read(other.optimizer.flat)).toEqual(await engine.read(one.optimizer.flat));
    // A run without a scale begins with the checkpoint of one that had it, and the other way round.
    const plain = made();
    loadCheckpoint(engine, stored, 'test', plain);
    const third = made({ initial: 8 });
    loadCheckpoint(engine, await saveCheckpoint(engine, plain), 'test', third);
    expect(await third.scale()).toEqual([8, 1 / 8, 0]);
  });

  test.each(['{"scale":3,"good":0}', '{"scale":0.5,"good":0}', '{"scale":4,"good":-1}', '7', 'null'])(
    'a checkpoint that says %s is refused',
    async (saved) => {
      const one = made({ initial: 4 });
      const stored = await saveCheckpoint(engine, one);
      const metadata = { ...stored.metadata, optimizer: `{"name":"Adam","steps":0,"lossScale":${saved}}` };
      expect(() => loadCheckpoint(engine, { ...stored, metadata }, 'test', one)).toThrow(
        /test: the loss scale of its optimizer is .*\n[^]*use another copy/,
      );
    },
  );

  test.each([0, 3, 2 ** 41, NaN])('%d is no loss scale', (initial) => {
    expect(() => optim.lossScale(made().optimizer, { initial })).toThrow(
      /initial is .*\n[^]*a power of two from 1 to 2\^40/,
    );
  });
});

describe('fit', () => {
  /** A run whose gradients are not finite at some steps, and whose loss is. */
  function training(initial: number, isBad: (step: number) => boolean) {
    const model = new nn.Linear(3, 2);
    const optimizer = new optim.SGD(model.parameters(), { learningRate: 0.1 });
    const lossScale = optim.lossScale(optimizer, { initial });
    const step = engine.train((x: Tensor, factor: Tensor) => {
      lossScale.minimize(mul(mean(square(model.forward(x))), factor));
      return mean(square(x));
    });
    const source = (at: number) => [
      array([2, 3], uniform(at, 6)),
      array([1], Float32Array.of(isBad(at) ? NaN : 1)),
    ];
    return { optimizer, lossScale, run: (steps: number) => fit({ engine, optimizer, step, source, steps }) };
  }

  test('goes on where an update is skipped and a smaller scale is left', async () => {
    const { optimizer, lossScale, run } = training(16, (step) => step % 5 === 2);
    expect((await run(12)).step).toBe(12);
    const [skipped] = await engine.read(optimizer.skips);
    const [scale] = await engine.read(lossScale.scale);
    expect([skipped, scale]).toEqual([3, 2]);
  });

  test('stops where none is', async () => {
    const { run } = training(4, (step) => step > 3);
    await expect(run(40)).rejects.toMatchObject({
      kind: 'diverged',
      message: expect.stringMatching(/^fit: the norm of the gradients is not finite at a loss scale of 1, /),
    });
  });
});
