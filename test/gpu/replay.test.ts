// Recording and replaying: nothing is created after the first step, the same seed gives the same bits, reading
// is late and explicit, and what goes wrong is said.

import { afterAll, expect, test } from 'vitest';
import {
  add,
  array,
  assign,
  matmul,
  mean,
  nn,
  open,
  optim,
  profileStep,
  relu,
  square,
  State,
  sub,
  tuneStep,
  type Tensor,
} from '../../src/index';
import { kernel } from '../../src/wgsl/reflect';
import { defineOp } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

function perceptron(seed = 1) {
  nn.seed(seed);
  const first = new nn.Linear(5, 16);
  const second = new nn.Linear(16, 3);
  const model = new nn.Sequential(first, second);
  const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });
  const loss = (x: Tensor, target: Tensor) =>
    mean(square(sub(second.forward(relu(first.forward(x))), target)));
  return { model, adam, loss, step: engine.train((x, target) => adam.minimize(loss(x, target))) };
}

const batch = (seed: number) =>
  [array([8, 5], uniform(seed, 40)), array([8, 3], uniform(seed + 1, 24))] as const;

test('200 replays create nothing and submit once each', async () => {
  const { step } = perceptron();
  step(...batch(1));
  await engine.idle();
  const before = { ...engine.stats };
  const launches = step.plan(...batch(1)).dispatches.length;
  const losses = [];
  for (let i = 0; i < 200; i++) losses.push(step(...batch(i)));
  await engine.idle();
  const { submits, dispatches, ...objects } = engine.stats;
  for (const [name, count] of Object.entries(objects)) {
    expect(count, name).toBeLessThanOrEqual(before[name as keyof typeof objects]);
  }
  expect(submits - before.submits).toBe(200);
  expect(dispatches - before.dispatches).toBe(200 * launches);
  const values = await Promise.all([losses[0], losses[100], losses[199]].map((loss) => loss.item()));
  expect(values[2]).toBeLessThan(values[0]);
});

test('10,000 steps: neither buffers nor the process grow', async () => {
  const x = new State([4], 'zeros', 'x');
  const step = engine.train(() => assign(x, square(x)));
  const memory = () => {
    const { process } = globalThis as { process?: { memoryUsage?(): { rss: number } } };
    return process?.memoryUsage?.().rss ?? 0;
  };
  for (let i = 0; i < 3000; i++) step();
  await engine.idle();
  const [bytes, before] = [engine.stats.bytes, memory()];
  for (let i = 0; i < 10_000; i++) {
    step();
    // Nobody may run ahead of the device without end: that is the caller's memory, not a leak.
    if (i % 500 === 499) await engine.idle();
  }
  // What earlier tests dropped may be collected meanwhile.
  expect(engine.stats.bytes).toBeLessThanOrEqual(bytes);
  // Garbage that is not collected yet counts too; a leak of an object a step would be more.
  expect(memory() - before).toBeLessThan(96 * 2 ** 20);
});

test('the same seed gives the same bits', async () => {
  const ends = [];
  for (const seed of [7, 7, 8]) {
    const { model, step } = perceptron(seed);
    for (let i = 0; i < 20; i++) step(...batch(i));
    const values = await Promise.all(model.parameters().map((parameter) => engine.read(parameter)));
    ends.push(values.map((value) => [...new Uint32Array(value.buffer)]));
  }
  expect(ends[1]).toEqual(ends[0]);
  expect(ends[2]).not.toEqual(ends[0]);
});

test('a product, its bias and its activation are one launch', () => {
  const { step } = perceptron();
  const labels = step.plan(...batch(1)).dispatches.map(({ label }) => label);
  expect(labels.slice(0, 2)).toEqual(['matmul', 'matmul']);
  expect(labels).not.toContain('relu');
  expect(labels).not.toContain('copy');
});

test('losses can be read late, arrays until the next replay', async () => {
  const twice = engine.record((x: Tensor) => ({ all: square(x), mean: mean(x) }));
  const first = twice(array([3], [1, 2, 3]));
  const kept = first.all.read();
  const second = twice(array([3], [4, 5, 6]));
  expect(await first.mean.item()).toBe(2);
  expect([...(await kept)]).toEqual([1, 4, 9]);
  expect([...(await second.all.read())]).toEqual([16, 25, 36]);
  await expect(first.all.read()).rejects.toThrow(/read after its step had run again/);
  await expect(second.all.item()).rejects.toThrow(/item\(\) reads one number, this result is \[3\]/);
});

test('each shape is recorded once', async () => {
  let recorded = 0;
  const step = engine.record((x: Tensor) => {
    recorded++;
    return mean(x);
  });
  for (const size of [3, 5, 3, 5, 3]) await step(array([size], uniform(size, size))).item();
  expect(recorded).toBe(2);
});

test('a state is written at the end of the step and read before', async () => {
  const state = new State([2], () => Float32Array.of(1, 2), 'carried');
  const step = engine.record((x: Tensor) => {
    assign(state, x);
    return square(state);
  });
  expect([...(await step(array([2], [3, 4])).read())]).toEqual([1, 4]);
  expect([...(await step(array([2], [5, 6])).read())]).toEqual([9, 16]);
  expect([...(await engine.read(state))]).toEqual([5, 6]);
  engine.write(state, Float32Array.of(8, 9));
  expect([...(await engine.read(state))]).toEqual([8, 9]);
  expect(() => engine.write(state, Float32Array.of(1))).toThrow(/carried \[2\] holds 2 values, 1 were given/);
});

test('prepare compiles ahead; profile tells where the time goes', async () => {
  const { step } = perceptron();
  await step.prepare(...batch(1));
  const { rows, kernelMs, stepMs } = await profileStep(step, ...batch(1));
  expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 5);
  expect(rows.find(({ op }) => op === 'matmul')!.launches).toBeGreaterThan(3);
  expect(kernelMs).toBeGreaterThan(0);
  expect(stepMs).toBeGreaterThan(0);
});

test('mistakes are named, and change nothing', async () => {
  const { step, adam } = perceptron();
  expect(() => step(array([8, 4], uniform(1, 32)), batch(1)[1])).toThrow(
    /Linear: x is \[8, 4\], but \[\.\.\., 5\] is needed/,
  );
  expect(() => step({ shape: [8, 5], data: new Float32Array(39) }, batch(1)[1])).toThrow(
    /39 values do not fill the shape \[8, 5\]/,
  );
  expect(() => engine.record((x: Tensor) => adam.minimize(mean(x)))(array([1], [1]))).toThrow(
    /use engine\.train/,
  );
  expect(() => new optim.SGD(adam.flat.members as never, { learningRate: 1 })).toThrow(
    /already belongs to another optimizer/,
  );
  expect(await step(...batch(1)).item()).toBeGreaterThan(0);
});

const broken = defineOp<'x', 'y'>({
  name: 'broken',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  dispatch: ({ x }) => ({ kernel: kernel('broken', BROKEN).with(), threads: [x.size] }),
});

test('a shader that does not compile is told once, to the call that needs it', async () => {
  for (const shared of [undefined, engine.device]) {
    const own = shared ? await open({ device: shared }) : engine;
    const uncaught: string[] = [];
    const hear = ({ error }: GPUUncapturedErrorEvent) => void uncaught.push(error.message);
    own.device.addEventListener('uncapturederror', hear);
    const x = array([4], [1, 2, 3, 4]);
    const step = own.record((x: Tensor) => broken({ x }, {}).y);
    await expect(step.prepare(x)).rejects.toThrow(/broken\.wgsl:6/);
    await expect(step(x).read()).rejects.toThrow(/broken\.wgsl:6/);
    const sound = own.record((x: Tensor) => add(x, 1));
    for (let i = 0; i < 3; i++) {
      expect([...(await sound(x).read())]).toEqual([2, 3, 4, 5]);
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(uncaught).toEqual([]);
    own.device.removeEventListener('uncapturederror', hear);
    if (shared) own.destroy();
  }
});

test('a shader that does not compile is shown with its line', async () => {
  const step = engine.record((x: Tensor) => broken({ x }, {}).y);
  const result = step(array([4], [1, 2, 3, 4])).read();
  await expect(result).rejects.toThrow(/broken\.wgsl:6: .*rwo.*\n.*\n.*6 \| {3}y\[gid\.x\] = x\[rwo\];/);
});

const BROKEN = `struct Params { N : u32 }
@group(0) @binding(0) var<uniform> p : Params;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid : vec3u) {
  y[gid.x] = x[rwo];
}`;

test('matmul of one row keeps its precision over many terms', async () => {
  const size = 4099;
  const step = engine.record((a: Tensor, b: Tensor) => matmul(a, b));
  const [a, b] = [uniform(1, size), uniform(2, size)];
  const found = await step(array([1, size], a), array([size, 1], b)).item();
  expect(found).toBeCloseTo(
    a.reduce((sum, value, i) => sum + value * b[i], 0),
    3,
  );
});

test('tuning changes no state and no result', async () => {
  const { model, step } = perceptron(9);
  const [plain, tuned] = [perceptron(9).step, step];
  const states = () => Promise.all(model.parameters().map((state) => engine.read(state)));
  const before = await states();
  await tuneStep(tuned, ...batch(1));
  expect(await states()).toEqual(before);
  expect(Object.keys(engine.tuning).length).toBeGreaterThan(2);
  for (let i = 0; i < 5; i++) {
    const [wanted, found] = await Promise.all([plain(...batch(i)).item(), tuned(...batch(i)).item()]);
    expect(Math.abs(found / wanted - 1)).toBeLessThan(1e-5);
  }
  const { buffers } = engine.stats;
  await tuneStep(tuned, ...batch(1));
  tuned(...batch(1));
  expect(engine.stats.buffers).toBeLessThanOrEqual(buffers);
});

test('a parameter that is written before an optimizer takes it over keeps its value', async () => {
  const layer = new nn.Linear(3, 2);
  const [weight, bias] = layer.parameters();
  engine.write(
    weight,
    Float32Array.from({ length: 6 }, (_, i) => i),
  );
  const adam = new optim.Adam(layer.parameters(), { learningRate: 0 });
  const step = engine.train((x) => adam.minimize(mean(layer.forward(x))));
  const loss = await step(array([1, 3], [1, 1, 1])).item();
  expect(await engine.read(weight)).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
  const [b0, b1] = await engine.read(bias);
  expect(loss).toBeCloseTo((15 + b0 + b1) / 2, 5);
});

test('a parameter that a step used before an optimizer takes it over is refused', async () => {
  const layer = new nn.Linear(3, 2);
  engine.record((x) => layer.forward(x))(array([1, 3], [1, 1, 1]));
  const adam = new optim.Adam(layer.parameters(), { learningRate: 0.1 });
  const step = engine.train((x) => adam.minimize(mean(layer.forward(x))));
  expect(() => step(array([1, 3], [1, 1, 1]))).toThrow(/was used by a step before its optimizer was made/);
});

test('one model at several lengths in one step, as in a step for each', async () => {
  nn.seed(2);
  const make = () => ({
    lstm: new nn.LSTM(3, 6),
    conv: new nn.CausalConv(6, 5, { kernelSize: 3 }),
    head: new nn.Linear(5, 2),
  });
  const outputs =
    ({ lstm, conv, head }: ReturnType<typeof make>) =>
    (x: Tensor) =>
      head.forward(relu(conv.forward(lstm.forward(x))));
  const model = make();
  const forward = outputs(model);
  const x = array([2, 5, 3], uniform(4, 30));
  const y = array([2, 9, 3], uniform(5, 54));
  const alone = engine.record((v: Tensor) => forward(v));
  const wanted = [await alone(x).read(), await alone(y).read()];
  const both = engine.record((a: Tensor, b: Tensor) => [forward(a), forward(b)])(x, y);
  expect(await Promise.all(both.map((one) => one.read()))).toEqual(wanted);
});

test('gradients of several lengths in one step are the sum of those of each', async () => {
  const gradientsOf = async (pairs: readonly (readonly [number, number])[]) => {
    nn.seed(2);
    const [lstm, head] = [new nn.LSTM(3, 6), new nn.Linear(6, 2)];
    const sgd = new optim.SGD([...lstm.parameters(), ...head.parameters()], { learningRate: 0 });
    const loss = (x: Tensor) => mean(square(head.forward(lstm.forward(x))));
    const step = engine.train((...given: Tensor[]) =>
      sgd.minimize(given.map(loss).reduce((a, b) => add(a, b))),
    );
    step(...pairs.map(([seed, T]) => array([2, T, 3], uniform(seed, 6 * T))));
    return engine.read(sgd.gradients);
  };
  const [short, long] = [
    [4, 5],
    [5, 9],
  ] as const;
  const [first, second, both] = [
    await gradientsOf([short]),
    await gradientsOf([long]),
    await gradientsOf([short, long]),
  ];
  both.forEach((value, i) => expect(value).toBeCloseTo(first[i] + second[i], 5));
});
