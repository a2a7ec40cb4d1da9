// What is made on the device is given back: models, optimizers, steps, recordings, generation. Buffers and bytes are
// counted.

import { afterAll, expect, test } from 'vitest';
import {
  add,
  array,
  assign,
  generateTokens,
  matmul,
  mean,
  nn,
  optim,
  profileStep,
  square,
  State,
  sum,
  repeatStep,
  tanh,
  timeStep,
  tuneStep,
  type Engine,
  type OpenOptions,
  type Tensor,
} from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';
import { findGpu } from '../harness/gpu';

const engines: Engine[] = [];
afterAll(() => engines.forEach((engine) => engine.destroy()));

async function fresh(options: OpenOptions = {}): Promise<Engine> {
  const engine = await openTestEngine(options);
  engines.push(engine);
  return engine;
}

const inUse = ({ stats: { buffers, bytes } }: Engine) => ({ buffers, bytes });

function trained(engine: Engine, size = 16) {
  const model = new nn.Linear(size, 3);
  const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2 });
  const step = engine.train((x: Tensor) => adam.minimize(mean(square(tanh(model.forward(x))))));
  const loss = step(array([8, size], uniform(1, 8 * size)));
  return { model, adam, step, loss, all: [step, adam, model] };
}

test('1,000 models, made, trained and destroyed, end with the memory of the first', async () => {
  const engine = await fresh();
  const first = trained(engine);
  await first.loss.item();
  const { bytes, buffers } = inUse(engine);
  first.all.forEach((one) => one.destroy());
  for (let i = 0; i < 1000; i++) {
    const { loss, all } = trained(engine);
    if (i % 100 === 0) await loss.item();
    if (i < 999) all.forEach((one) => one.destroy());
  }
  expect(engine.stats.bytes / bytes).toBeLessThan(1.05);
  expect(engine.stats.buffers).toBeLessThanOrEqual(buffers);
});

test('after the last model nothing is left, but a little for the next reading', async () => {
  const engine = await fresh();
  const before = inUse(engine);
  const many = Array.from({ length: 4 }, (_, i) => trained(engine, 16 << i));
  await Promise.all(many.map(({ loss }) => loss.item()));
  many.flatMap(({ all }) => all).forEach((one) => one.destroy());
  const { buffers, bytes } = inUse(engine);
  expect(buffers - before.buffers).toBeLessThanOrEqual(8);
  expect(bytes - before.bytes).toBeLessThanOrEqual(8 * 256);
});

test('`using` frees at the end of a block, and twice does no harm', async () => {
  const engine = await fresh();
  const [weight] = new nn.Linear(3, 2).parameters();
  const step = engine.record((x: Tensor) => matmul(x, x));
  {
    using state = new State([4], 'zeros', 'x');
    using model = new nn.Linear(3, 2);
    using use = engine.record((x: Tensor) => add(model.forward(x), sum(state)));
    use(array([1, 3], [1, 2, 3]));
    expect(engine.stats.buffers).toBeGreaterThan(3);
    use.destroy();
  }
  expect(engine.stats.buffers).toBe(0);
  [weight, step].forEach((one) => one[Symbol.dispose]());
});

test('another optimizer takes the parameters of one that was destroyed, as they are', async () => {
  const engine = await fresh();
  const { model, adam, step } = trained(engine);
  const x = array([8, 16], uniform(1, 128));
  const use = engine.record((v: Tensor) => model.forward(v));
  step(x);
  const after = [...(await use(x).read())];
  const parameters = model.parameters();
  expect(() => new optim.SGD(parameters, { learningRate: 0 })).toThrow(/or destroy the other one first/);
  adam.destroy();
  expect(() => new optim.SGD(parameters.slice(1), { learningRate: 0 })).toThrow(
    new RegExp(
      `these ${parameters.length - 1} parameters .* with the ${parameters.length} of .*\\n.*\\n    fix: give all,`,
    ),
  );
  const sgd = new optim.SGD(parameters, { learningRate: 0.1 });
  expect(() => new optim.SGD(parameters, { learningRate: 0 })).toThrow(
    'already belongs to another optimizer',
  );
  expect([...(await use(x).read())]).toEqual(after);
  const next = engine.train((v: Tensor) => sgd.minimize(mean(square(model.forward(v)))));
  const loss = await next(x).item();
  expect(loss).toBeCloseTo(after.reduce((total, y) => total + y * y, 0) / after.length, 5);
  expect(await next(x).item()).toBeLessThan(loss);
  expect([...(await use(x).read())]).not.toEqual(after);
  expect(() => step(x)).toThrow('was destroyed');
});

test('what was destroyed is refused by name', async () => {
  const engine = await fresh();
  const { model, adam, step } = trained(engine);
  const x = array([8, 16], uniform(1, 128));
  const use = engine.record((v: Tensor) => model.forward(v));
  use(x);
  adam.destroy();
  for (let i = 0; i < 2; i++) expect(() => step(x)).toThrow(/gradients \[\d+\] was destroyed/);
  expect(await use(x).read()).toHaveLength(24);
  model.destroy();
  expect(() => use(x)).toThrow(/parameters \[\d+\] was destroyed\.\n.*\n {4}fix: build the model anew/);
  await expect(engine.read(model.parameters()[0])).rejects.toThrow('was destroyed');
  step.destroy();
  expect(() => step(x)).toThrow('The step was destroyed');
  await expect(profileStep(step, x)).rejects.toThrow('The step was destroyed');
});

test('rising lengths keep the memory of the longest, and all of them stay right', async () => {
  const lengths = Array.from({ length: 24 }, (_, i) => 200 * (i + 1));
  const longest = await fresh();
  const last = lengths.at(-1)!;
  const input = (length: number) => array([length], uniform(length, length));
  const norm = (engine: Engine) => engine.record((x: Tensor) => sum(square(tanh(add(square(x), mean(x))))));
  await norm(longest)(input(last)).item();
  const engine = await fresh();
  const step = norm(engine);
  const rising = [];
  for (const length of lengths) rising.push(await step(input(length)).item());
  const again = [];
  for (const length of lengths) again.push(await step(input(length)).item());
  expect(again).toEqual(rising);
  expect(engine.stats.bytes - longest.stats.bytes).toBeLessThan(lengths.length * 8192);
});

test('recordings beyond the bound are freed, the longest unused first', async () => {
  const engine = await fresh({ recordings: 2 });
  const recorded: number[] = [];
  const step = engine.record((x: Tensor) => {
    recorded.push(x.size);
    return { all: square(x), sum: sum(x) };
  });
  const at = (size: number) => step(array([size], new Float32Array(size).fill(1)));
  const [two] = [at(2), at(3)];
  at(2);
  const { buffers } = engine.stats;
  const four = at(4);
  expect(engine.stats.buffers).toBe(buffers);
  at(2);
  const three = at(3);
  expect(recorded).toEqual([2, 3, 4, 3]);
  // Numbers can still be read, arrays not.
  expect(await four.sum.item()).toBe(4);
  expect(await two.sum.item()).toBe(2);
  await expect(four.all.read()).rejects.toThrow('was read after its recording was freed');
  expect(await three.all.read()).toEqual(Float32Array.of(1, 1, 1));
});

test('generation frees what it remembers', async () => {
  const engine = await fresh();
  const model = new nn.LanguageModel(7, { model: 'lstm', embedding: 6, hidden: 5, levels: 1 });
  const draw = () => generateTokens(engine, model, { prompt: [1, 2], length: 5 });
  const { sequences } = await draw();
  const before = inUse(engine);
  for (let i = 0; i < 3; i++) expect((await draw()).sequences).toEqual(sequences);
  expect(inUse(engine)).toEqual(before);
});

test('a state that is returned has the value of its own step, however late it is read', async () => {
  const engine = await fresh();
  const n = new State([1], 'zeros', 'n');
  const pair = new State([2], 'zeros', 'pair');
  const count = engine.record((x: Tensor) => {
    assign(n, add(n, x));
    assign(pair, add(pair, x));
  });
  const look = engine.record(() => ({ n, pair }));
  count(1);
  const early = look();
  count(1);
  count(1);
  expect(await early.n.item()).toBe(1);
  expect(await early.pair.read()).toEqual(Float32Array.of(1, 1));
  const late = look();
  expect(await late.n.item()).toBe(3);
  await expect(early.pair.read()).rejects.toThrow('read after its step had run again');
});

test('one engine for a model: another is refused, and told what to do', async () => {
  const [here, there] = [await fresh(), await fresh()];
  const model = new nn.Linear(3, 2);
  const x = array([1, 3], [1, 2, 3]);
  here.record((v: Tensor) => model.forward(v))(x);
  const step = there.record((v: Tensor) => model.forward(v));
  expect(() => step(x)).toThrow(/weight|parameter/);
  expect(() => step(x)).toThrow(/lives in another engine\.\n.*\n {4}fix: use one engine .* checkpoint, or/);
  await expect(there.read(model.parameters()[0])).rejects.toThrow('lives in another engine');
  expect(() => there.write(model.parameters()[0], new Float32Array(6))).toThrow('lives in another engine');
  here.destroy();
  await expect(there.read(model.parameters()[0])).rejects.toThrow(
    /lives in a destroyed engine\.[^]*load a checkpoint/,
  );
});

test('what was lost or destroyed says so at every call', async () => {
  // Each with a device that is its own, to lose.
  const lost = await openTestEngine({ gpu: await findGpu() });
  const closed = await openTestEngine({ gpu: await findGpu() });
  for (const [engine, end, text] of [
    [lost, () => lost.device.destroy(), 'The GPU was lost'],
    [closed, () => closed.destroy(), 'The engine was destroyed'],
  ] as const) {
    const state = new State([2], 'zeros', 'x');
    const step = engine.record((x: Tensor) => ({ sum: sum(x), all: add(x, state) }));
    const x = array([2], [1, 2]);
    const readings = step(x);
    await readings.sum.item();
    const pending = [readings.all.read(), repeatStep(step, 100_000, x)].map((one) => one.catch(String));
    end();
    for (const reason of await Promise.all(pending)) expect(reason).toContain(`SeqgpuError: ${text}`);
    for (let i = 0; i < 2; i++) {
      expect(() => step(x)).toThrow(text);
      expect(() => engine.write(state, new Float32Array(2))).toThrow(text);
      for (const late of [
        () => readings.sum.item(),
        () => engine.read(state),
        () => engine.idle(),
        () => step.prepare(x),
        () => profileStep(step, x),
        () => tuneStep(step, x),
        () => timeStep(step, 2, x),
        () => repeatStep(step, 2, x),
      ]) {
        await expect(late()).rejects.toThrow(text);
      }
    }
    [step, state, engine].forEach((one) => one.destroy());
  }
});

test('a throw while recording closes its error scope', async () => {
  const engine = await fresh();
  const layer = new nn.Linear(3, 2);
  const use = engine.record((x: Tensor) => layer.forward(x));
  use(array([1, 3], [1, 1, 1]));
  const adam = new optim.Adam(layer.parameters(), { learningRate: 0.1 });
  const step = engine.train((x) => adam.minimize(mean(layer.forward(x))));
  const before = inUse(engine);
  for (let i = 0; i < 3; i++) expect(() => step(array([1, 3], [1, 1, 1]))).toThrow('before its optimizer');
  expect(inUse(engine)).toEqual(before);
  // There is no scope left to close.
  await expect(engine.device.popErrorScope()).rejects.toThrow(/scope/i);
  use.destroy();
});
