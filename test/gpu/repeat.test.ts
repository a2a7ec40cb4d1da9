// A step many times without the host in between: counters and states on the device, arguments written once.

import { afterAll, expect, test } from 'vitest';
import {
  add,
  advance,
  array,
  assign,
  constant,
  dropout,
  Generator,
  matmul,
  meanSquaredError,
  nn,
  optim,
  profileStep,
  readAt,
  repeatStep,
  reshape,
  State,
  tanh,
  timeStep,
  tuneStep,
  writeAt,
  type Tensor,
} from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const counterOf = () => new State([1], 'zeros', 'counter', 'u32');

function recurrence() {
  const [h, n] = [new State([3, 8], (size) => uniform(1, size), 'h'), counterOf()];
  const step = engine.record((x: Tensor, w: Tensor) => {
    const after = tanh(add(matmul(h, w), x));
    assign(h, after);
    advance(n);
    return { after, n };
  });
  return { h, step };
}

const args = [array([3, 8], uniform(2, 24)), array([8, 8], uniform(3, 64))] as const;

test('is the step called so often, bit for bit, and its readings are of the last time', async () => {
  const [one, many] = [recurrence(), recurrence()];
  let called = one.step(...args);
  for (let i = 1; i < 300; i++) called = one.step(...args);
  const repeated = await repeatStep(many.step, 300, ...args);
  expect(await repeated.after.read()).toEqual(await called.after.read());
  expect(await repeated.n.item()).toBe(299);
  expect(await engine.read(many.h)).toEqual(await engine.read(one.h));
  expect(await (await repeatStep(many.step, 1, ...args)).n.item()).toBe(300);
});

test('takes fewer submits than times, and other steps may run in between', async () => {
  const [one, other] = [recurrence(), recurrence()];
  const wanted = await (await repeatStep(one.step, 400, ...args)).after.read();
  const { submits } = engine.stats;
  const busy = repeatStep(other.step, 400, ...args);
  // It shares slots with what is being repeated.
  const square = engine.record((x: Tensor) => tanh(matmul(x, x)));
  for (let i = 0; i < 10; i++) {
    square(array([8, 8], uniform(i, 64)));
    await new Promise((resume) => setTimeout(resume, 1));
  }
  const readings = await busy;
  expect(engine.stats.submits - submits).toBeLessThan(200);
  expect(await readings.after.read()).toEqual(wanted);
});

/** A layer behind dropout, trained by Adam at a rate that falls. */
function trained() {
  nn.seed(3);
  const generator = new Generator(5);
  const layer = new nn.Linear(8, 3);
  const adam = new optim.Adam(layer.parameters(), { learningRate: 0.1, clipNorm: 1 });
  const step = engine.train((x: Tensor, y: Tensor) => {
    const found = layer.forward(dropout(x, { rate: 0.5, generator }));
    return { loss: adam.minimize(meanSquaredError(found, y)), found };
  });
  const { exp_avg, exp_avg_sq } = adam.moments;
  const states = [adam.flat, adam.gradients, exp_avg, exp_avg_sq];
  const trace = async () => ({
    states: await Promise.all(states.map((state) => engine.read(state))),
    counts: { steps: adam.steps, draws: generator.step },
  });
  return { adam, step, trace };
}

const example = [array([3, 8], uniform(2, 24)), array([3, 3], uniform(3, 9))] as const;

test('what the host decides is asked for at every step: repeated and called, a training ends the same', async () => {
  const [called, repeated] = [trained(), trained()];
  let last = called.step(...example);
  for (let i = 1; i < 10; i++) last = called.step(...example);
  const readings = await repeatStep(repeated.step, 10, ...example);
  const wanted = await called.trace();
  expect(wanted.counts).toEqual({ steps: 10, draws: 10 });
  expect(await repeated.trace()).toEqual(wanted);
  expect(await readings.loss.item()).toBe(await last.loss.item());
  expect(await readings.found.read()).toEqual(await last.found.read());
  // They go on alike, one by one and at another rate.
  for (const { adam, step } of [called, repeated]) {
    adam.learningRate = 0.01;
    step(...example);
  }
  expect(await repeated.trace()).toEqual(await called.trace());
});

test('more steps than rows of what the host decides fit into a submit', async () => {
  const seen = new State([1, 600, 2], 'zeros', 'seen', 'u32');
  const [n, generator] = [counterOf(), new Generator(9)];
  const step = engine.record(() => {
    writeAt(seen, n, reshape(generator.key, [1, 2]));
    advance(n);
  });
  await repeatStep(step, 600);
  const found = await engine.read(seen);
  const counts = Array.from({ length: 600 }, (_, i) => found[2 * i + 1]);
  expect(counts).toEqual(counts.map((_, i) => i));
  expect(generator.step).toBe(600);
});

test('every repetition draws a new mask', async () => {
  const n = counterOf();
  const masks = new State([1, 4, 64], 'zeros', 'masks');
  const step = engine.train((x: Tensor) => {
    writeAt(masks, n, dropout(x, { rate: 0.5, generator: new Generator(5) }));
    advance(n);
  });
  await repeatStep(step, 4, array([1, 64], new Float32Array(64).fill(1)));
  const rows = await engine.read(masks);
  const texts = [0, 1, 2, 3].map((row) => rows.slice(64 * row, 64 * row + 64).join());
  expect(new Set(texts).size).toBe(4);
});

test('what only measures leaves no trace in any state, count or draw, whoever else is at work', async () => {
  const [measured, undisturbed] = [trained(), trained()];
  const first = [measured, undisturbed].map(({ step }) => step(...example));
  const { buffers, bytes } = engine.stats;
  for (const measure of [
    () => profileStep(measured.step, ...example),
    () => timeStep(measured.step, 3, ...example),
    () => tuneStep(measured.step, ...example),
    () => measured.step.prepare(...example),
    async () => void measured.step.plan(...example),
  ]) {
    const before = await measured.trace();
    await measure();
    expect(await measured.trace()).toEqual(before);
    // A step in the middle of it counts as ever.
    const busy = measure();
    measured.step(...example);
    await busy;
    undisturbed.step(...example);
    expect(await measured.trace()).toEqual(await undisturbed.trace());
  }
  expect(await first[0].loss.item()).toBe(await first[1].loss.item());
  measured.step(...example);
  expect(engine.stats.buffers).toBeLessThanOrEqual(buffers);
  expect(engine.stats.bytes).toBeLessThanOrEqual(bytes);
});

test('a loop on the device: what is written at a step is read at the next', async () => {
  const [n, numbers] = [counterOf(), new State([1, 30], (size) => new Float32Array(size).fill(1), 'numbers')];
  const fibonacci = engine.record(() => {
    writeAt(numbers, n, add(readAt(numbers, n), readAt(numbers, n, { offset: 1 })), { offset: 2 });
    advance(n);
  });
  await repeatStep(fibonacci, 28);
  const found = await engine.read(numbers);
  for (let i = 2; i < 30; i++) expect(found[i]).toBe(found[i - 1] + found[i - 2]);
  expect(found[29]).toBe(832040);
});

test('mistakes are named', async () => {
  const { step } = recurrence();
  await expect(repeatStep(step, 0, ...args)).rejects.toThrow('repeatStep: 0 times');
  await expect(repeatStep(step, 1.5, ...args)).rejects.toThrow('give a whole number of at least 1');
  await expect(repeatStep(step, args[0] as never, ...args)).rejects.toThrow(
    'repeatStep: { shape, data } times',
  );
  const timed = timeStep(step, args[0] as never, ...args);
  await expect(timed).rejects.toThrow(
    /timeStep: \{ shape, data \} times\.[^]*give a whole number of at least 1/,
  );
  const n = counterOf();
  const record = (body: () => void) => () => engine.record(body)();
  const late = record(() => {
    advance(n);
    writeAt(new State([1, 4], 'zeros', 'late'), n, array1());
  });
  expect(late).toThrow(/counter is used after advance has overwritten it/);
  expect(record(() => void writeAt(new State([2, 4, 3]), n, array1()))).toThrow(
    /x is f32 \[1\], a place of the state f32 \[2, 3\]/,
  );
  expect(record(() => void readAt(new State([4]), n))).toThrow('there are no places');
  expect(record(() => void readAt(new State([4, 1]), new State([1])))).toThrow('position holds f32');
});

const array1 = () => constant([1], 1);
