// A device that is lost in the middle: what brings an engine back, and that a training ends with the bits of one that
// lost nothing, however often and wherever it was lost.

import { expect, test } from 'vitest';
import {
  add,
  array,
  assign,
  dropout,
  Generator,
  keepStates,
  meanSquaredError,
  mul,
  nn,
  open,
  optim,
  reopen,
  State,
  sum,
  type Tensor,
} from '../../src/index';
import { Random } from '../../src/random';
import { fit, type CurvePoint, type FitOptions } from '../../src/train/index';
import { uniform } from '../harness/engine';
import { findGpu } from '../harness/gpu';
import { lossy, type Lossy } from '../harness/lossy';

/** In the long run, `npm run trust -- losses`, it is 20. */
const LOSSES = Number(import.meta.env.VITE_LOSSES ?? 4);
const LENGTH = 10 * LOSSES;

interface Run {
  readonly weights: readonly Float32Array[];
  readonly losses: readonly number[];
  readonly points: readonly CurvePoint[];
  readonly saves: readonly number[];
  readonly reopened: number;
}

/** Trains a layer with dropout, on batches in a drawn order; `at` is called at every step, evaluation and save. */
async function train(
  { engine }: Lossy,
  at: (place: 'step' | 'evaluate' | 'save') => void = () => {},
  more: Partial<FitOptions> = {},
): Promise<Run> {
  nn.seed(7);
  const layer = new nn.Linear(6, 3);
  const generator = new Generator(11);
  const parameters = layer.parameters();
  const adam = new optim.AdamW(parameters, { learningRate: 0.02, clipNorm: 0.5 });
  // What a program carries from step to step.
  const carried = new State([4, 3], 'zeros', 'carried');
  const forward = (x: Tensor) => layer.forward(dropout(x, { rate: 0.3, generator }));
  const step = engine.train((x: Tensor, y: Tensor) => {
    const z = add(forward(x), mul(carried, 0.5));
    assign(carried, z);
    return adam.minimize(meanSquaredError(z, y));
  });
  const measure = engine.record((x: Tensor, y: Tensor) => meanSquaredError(forward(x), y));
  const batch = (seed: number) =>
    [array([4, 6], uniform(seed, 24)), array([4, 3], uniform(seed + 1, 12))] as const;
  const random = new Random(5);
  const source = {
    next() {
      at('step');
      return batch(random.integer(50));
    },
    save: () => random.save(),
    restore: (saved: readonly number[]) => random.restore(saved),
  };
  const points: CurvePoint[] = [];
  const saves: number[] = [];
  let reopened = 0;
  const state = await fit({
    ...{ engine, optimizer: adam, step, source, steps: LENGTH, evaluateEvery: 10, others: [generator] },
    learningRate: (n) => 0.02 / Math.sqrt(n),
    evaluate: async () => {
      at('evaluate');
      return measure(...batch(99)).item();
    },
    onSave: async ({ step: n }) => {
      at('save');
      await engine.read(parameters[0]);
      saves.push(n);
    },
    onPoint: (point) => points.push(point),
    onReopened: () => void reopened++,
    ...more,
  });
  const weights = await Promise.all(parameters.map(async (one) => (await engine.read(one)) as Float32Array));
  return { weights, losses: state.losses.map(({ value }) => value), points, saves, reopened };
}

const bits = ({ weights, losses, points, saves }: Run) => ({
  weights,
  losses,
  saves: [...new Set(saves)],
  points: points.map((point) => ({ ...point, seconds: 0 })),
});

const calm = await lossy();
const whole = await train(calm);
calm.engine.destroy();

test('a training whose device is lost again and again ends with the bits of one that lost nothing', async () => {
  const one = await lossy();
  const random = new Random(3);
  let [lost, calls] = [0, 0];
  let next = 2 + random.integer(6);
  const run = await train(one, () => {
    if (++calls < next || lost === LOSSES) return;
    next = calls + 3 + random.integer(12);
    // By turns the page's own call, and a driver that gives no reason.
    if (lost++ % 2) one.lose('unknown', 'the driver was reset');
    else one.engine.device.destroy();
  });
  expect(run.reopened).toBe(LOSSES);
  expect(bits(run)).toEqual(bits(whole));
  expect(run.points.filter((point) => 'validation' in point).map(({ step }) => step)).toEqual(
    Array.from({ length: LENGTH / 10 }, (_, i) => 10 * (i + 1)),
  );
  one.engine.destroy();
});

test.each(['evaluate', 'save'] as const)('a loss while a run is at "%s" costs nothing', async (where) => {
  const one = await lossy();
  let seen = 0;
  const run = await train(one, (place) => {
    if (place === where && ++seen === 2) one.engine.device.destroy();
  });
  expect(run.reopened).toBe(1);
  expect(bits(run)).toEqual(bits(whole));
  one.engine.destroy();
});

test('states, steps and readings of an engine whose device was lost', async () => {
  const { engine, lose } = await lossy();
  const [x, y] = [new State([2], () => Float32Array.of(1, 2), 'x'), new State([2], 'zeros', 'y')];
  const step = engine.record((v: Tensor) => {
    assign(x, add(x, v));
    return { total: sum(x), now: add(x, y) };
  });
  const one = array([2], [1, 1]);
  step(one);
  await keepStates(engine);
  engine.write(y, [5, 5]);
  const before = step(one);
  await before.total.item();
  lose('unknown', 'a test');
  await expect(before.now.read()).rejects.toThrow('The GPU was lost (unknown): a test');
  await expect(engine.read(x)).rejects.toMatchObject({ kind: 'lost' });
  expect(engine.isLost).toBe(true);
  // Asked by several, it is opened once.
  const device = engine.device;
  await Promise.all([reopen(engine), reopen(engine)]);
  expect(engine.isLost).toBe(false);
  expect(engine.device).not.toBe(device);
  expect(await engine.read(x)).toEqual(Float32Array.of(2, 3));
  // It was not there when states were kept.
  expect(await engine.read(y)).toEqual(Float32Array.of(0, 0));
  const after = step(one);
  expect(await after.total.item()).toBe(5);
  expect(await after.now.read()).toEqual(Float32Array.of(2, 3));
  await expect(before.now.read()).rejects.toThrow('read after its recording was freed');
  await reopen(engine);
  expect(await step(one).total.item()).toBe(7);
  engine.destroy();
  await expect(reopen(engine)).rejects.toThrow('The engine was destroyed.');
});

test('parameters that were kept before an optimizer took them over come back into its buffer', async () => {
  const { engine } = await lossy();
  const layer = new nn.Linear(2, 1, { bias: false });
  engine.write(layer.weight, [3, 4]);
  await keepStates(engine);
  const sgd = new optim.SGD(layer.parameters(), { learningRate: 0 });
  const step = engine.train((x: Tensor) => sgd.minimize(sum(layer.forward(x))));
  const x = array([1, 2], [1, 1]);
  expect(await step(x).item()).toBe(7);
  engine.device.destroy();
  await expect(step(x).item()).rejects.toThrow('The GPU was lost');
  await reopen(engine);
  expect(await step(x).item()).toBe(7);
  engine.destroy();
});

test('where it is not to go on, or cannot, a run ends with the loss', async () => {
  const stopping = await lossy();
  const saves: number[] = [];
  const stopped = train(
    stopping,
    (place) => {
      if (place === 'step' && saves.length === 1) stopping.lose('unknown', 'gone');
    },
    { onDeviceLoss: 'stop', onSave: async ({ step }) => void saves.push(step) },
  );
  await expect(stopped).rejects.toMatchObject({ kind: 'lost', message: expect.stringContaining('gone') });
  expect(saves).toEqual([10]);
  // A step that the device does not survive: it is not tried for ever.
  const dying = await lossy();
  let steps = 0;
  const died = train(dying, (place) => {
    if (place === 'step' && ++steps > 14) dying.engine.device.destroy();
  });
  await expect(died).rejects.toThrow('fit: the device was lost 6 times in a row behind step 10.');
  expect(steps).toBeLessThan(80);
  [stopping, dying].forEach(({ engine }) => engine.destroy());
});

test('an adapter that takes its time is waited for', async () => {
  const one = await lossy();
  one.withhold(2);
  const [asked, start] = [one.asked(), performance.now()];
  one.engine.device.destroy();
  await one.engine.device.lost;
  await reopen(one.engine);
  expect(one.asked() - asked).toBe(3);
  expect(performance.now() - start).toBeGreaterThan(700);
  one.engine.destroy();
});

test('a device of the caller’s own is asked of the caller again, or stays lost', async () => {
  const gpu = await findGpu();
  const make = async () => (await gpu.requestAdapter())!.requestDevice();
  const [given, asking] = [await open({ device: await make() }), await open({ device: make })];
  for (const engine of [given, asking]) {
    engine.device.destroy();
    await engine.device.lost;
  }
  expect([given, asking].map(({ canReopen }) => canReopen)).toEqual([false, true]);
  await expect(reopen(given)).rejects.toThrow(/The GPU was lost.*\n.*\n {4}fix: give open\(\) a function/);
  await reopen(asking);
  const x = new State([1], () => Float32Array.of(4), 'x');
  expect(await asking.read(x)).toEqual(Float32Array.of(4));
  for (const engine of [given, asking]) engine.destroy();
  asking.device.destroy();
});
