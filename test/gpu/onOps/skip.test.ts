// An update whose gradients have a norm that is not finite: parameters, moments and counts stay as they were, it is
// counted, and a run stops with its step.

import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  lastStep,
  mean,
  nn,
  optim,
  square,
  type Engine,
  type Parameter,
  type Tensor,
} from '../../../src/index';
import type { Optimizer } from '../../../src/optim/optimizer';
import { loadCheckpoint } from '../../../src/train/checkpoint';
import { saveCheckpoint } from '../../../src/train/saveCheckpoint';
import { fit } from '../../../src/train/fit';
import { openTestEngine, uniform } from '../../harness/engine';

type Make = (parameters: Iterable<Parameter>, clipNorm: number) => Optimizer;
const optimizers: Record<string, Make> = {
  SGD: (p, clipNorm) => new optim.SGD(p, { learningRate: 0.1, clipNorm }),
  'SGD with momentum': (p, clipNorm) =>
    new optim.SGD(p, { learningRate: 0.1, momentum: 0.9, weightDecay: 0.1, clipNorm }),
  'SGD by Nesterov': (p, clipNorm) =>
    new optim.SGD(p, { learningRate: 0.1, momentum: 0.9, nesterov: true, clipNorm }),
  Adam: (p, clipNorm) => new optim.Adam(p, { learningRate: 0.1, weightDecay: 0.1, clipNorm }),
  AdamW: (p, clipNorm) => new optim.AdamW(p, { learningRate: 0.1, clipNorm }),
  RMSprop: (p, clipNorm) => new optim.RMSprop(p, { learningRate: 0.1, momentum: 0.5, clipNorm }),
};

const made = (engine: Engine, make: Make, clipNorm: number) => {
  nn.seed(1);
  const model = new nn.Linear(3, 2);
  const optimizer = make(model.parameters(), clipNorm);
  const step = engine.train((...gradients: Tensor[]) => void optimizer.apply(gradients));
  const run = (seed: number, value?: number) => {
    const gradients = [6, 2].map((size, i) => uniform(seed + i, size));
    if (value !== undefined) gradients[0][4] = value;
    step(array([3, 2], gradients[0]), array([2], gradients[1]));
  };
  const states = () =>
    Promise.all([optimizer.flat, ...Object.values(optimizer.moments)].map((one) => engine.read(one)));
  return { model, optimizer, run, states };
};

describe.each(['direct', 'workgroup'] as const)('%s', (family) => {
  const opening = openTestEngine({ family });
  afterAll(async () => (await opening).destroy());

  test.each(Object.keys(optimizers))('%s leaves all as it was', async (name) => {
    const engine = await opening;
    for (const clipNorm of [0, 1]) {
      const [one, other] = [
        made(engine, optimizers[name], clipNorm),
        made(engine, optimizers[name], clipNorm),
      ];
      for (const { run } of [one, other]) run(1);
      const before = await one.states();
      for (const value of [NaN, Infinity, -Infinity]) one.run(5, value);
      expect(await one.states()).toEqual(before);
      expect([...(await engine.read(one.optimizer.skips))]).toEqual([3, 2]);
      // Also for what comes after: the skipped ones do not count in bias corrections.
      for (const { run } of [one, other]) run(7);
      const [found, wanted] = await Promise.all([one.states(), other.states()]);
      wanted.forEach((values, i) => {
        values.forEach((value, at) => expect(found[i][at]).toBeCloseTo(value, 5));
      });
      expect(found[0]).not.toEqual(before[0]);
      expect([...(await engine.read(other.optimizer.skips))]).toEqual([0, 0]);
    }
  });

  test.each(Object.keys(optimizers))(
    '%s takes a gradient whose square would be infinite, or skips it',
    async (name) => {
      const engine = await opening;
      for (const [clipNorm, value] of [
        [0, 3e19],
        [1, 3e19],
        [0, 1e19],
      ]) {
        const { optimizer, run, states } = made(engine, optimizers[name], clipNorm);
        run(1);
        const before = await states();
        run(3, value);
        const after = await states();
        expect(after.flatMap((values) => [...values]).every(Number.isFinite)).toBe(true);
        const skipped = value === 3e19 && !clipNorm && /Adam|RMS/.test(name);
        expect([...(await engine.read(optimizer.skips))]).toEqual(skipped ? [1, 2] : [0, 0]);
        const same = (i: number) => after[i].every((one, at) => one === before[i][at]);
        expect(same(0)).toBe(skipped);
      }
    },
  );

  test('a checkpoint knows of it', async () => {
    const engine = await opening;
    const [one, other] = [made(engine, optimizers.Adam, 1), made(engine, optimizers.Adam, 1)];
    one.run(1);
    one.run(3, NaN);
    const stored = await saveCheckpoint(engine, one);
    expect(JSON.parse(stored.metadata.optimizer)).toEqual({ name: 'Adam', steps: 2, skipped: 1 });
    loadCheckpoint(engine, stored, 'test', other);
    for (const { run } of [one, other]) run(5);
    expect(await other.states()).toEqual(await one.states());
    expect(JSON.parse((await saveCheckpoint(engine, other)).metadata.optimizer)).toEqual({
      name: 'Adam',
      steps: 3,
      skipped: 1,
    });
  });

  test('fit stops with the step', async () => {
    const engine = await opening;
    const optimizer = new optim.Adam(new nn.Linear(3, 1).parameters(), { learningRate: 0.1 });
    // The loss is a number whatever the gradients are.
    const step = engine.train((w: Tensor, b: Tensor) => {
      optimizer.apply([w, b]);
      return mean(square(b));
    });
    let next = 0;
    const source = {
      next: () => [array([3, 1], [1, ++next === 4 ? Infinity : 2, 3]), array([1], [1])],
      save: () => next,
      restore: () => undefined,
    };
    const running = fit({
      engine,
      optimizer,
      step,
      source,
      steps: 8,
      evaluateEvery: 2,
      evaluate: async () => 1,
    });
    await expect(running).rejects.toMatchObject({
      kind: 'diverged',
      message: expect.stringMatching(
        /at step 4\.\n[^]*argument 1 comes into the step with it:[^]*1 of 3 infinite/,
      ),
    });
  });

  const bodies: Record<string, () => nn.Module> = {
    RNN: () => new nn.RNN(3, 5),
    LSTM: () => new nn.LSTM(3, 5),
    GRU: () => new nn.GRU(3, 5),
    TCN: () => new nn.TCN(3, [4, 4], { kernelSize: 2 }),
  };
  test.each(Object.keys(bodies))(
    'one NaN in the input of a %s: the loss is NaN, no weight changes',
    async (name) => {
      const engine = await opening;
      nn.seed(2);
      const model = bodies[name]();
      const optimizer = new optim.Adam(model.parameters(), { learningRate: 0.1, clipNorm: 1 });
      const step = engine.train((x: Tensor) => optimizer.minimize(mean(square(model.forward(x)))));
      const x = uniform(1, 2 * 7 * 3);
      x[10] = NaN;
      const before = await engine.read(optimizer.flat);
      expect(await step(array([2, 7, 3], x)).item()).toBeNaN();
      expect(await engine.read(optimizer.flat)).toEqual(before);
    },
  );

  test('an id that is none: the loss is NaN, no weight changes', async () => {
    const engine = await opening;
    nn.seed(3);
    const [table, model] = [new nn.Embedding(5, 4), new nn.LSTM(4, 6)];
    const optimizer = new optim.SGD([...table.parameters(), ...model.parameters()], { learningRate: 0.1 });
    const step = engine.train((ids: Tensor) =>
      optimizer.minimize(mean(square(lastStep(model.forward(table.forward(ids)))))),
    );
    const before = await engine.read(optimizer.flat);
    expect(await step(array([2, 3], Uint32Array.of(0, 1, 2, 3, 5, 4))).item()).toBeNaN();
    expect(await engine.read(optimizer.flat)).toEqual(before);
  });
});
