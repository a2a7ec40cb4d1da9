// In other people's pages: on their device, with their buffers, in their command encoder.

import { afterAll, expect, test } from 'vitest';
import {
  add,
  array,
  assign,
  dropout,
  encodeStep,
  Generator,
  gpuArray,
  mean,
  nn,
  open,
  optim,
  repeatStep,
  reshape,
  square,
  State,
  sum,
  timeStep,
  type Engine,
  type GpuArray,
  type HostArray,
  type Reading,
  type Tensor,
} from '../../src/index';
import { placeOf } from '../../src/gpu/engine';
import { openTestEngine, uniform } from '../harness/engine';
import { findGpu } from '../harness/gpu';

const gpu = await findGpu();
const adapter = (await gpu.requestAdapter())!;
const device = await adapter.requestDevice();
const engine = await open({ device });
afterAll(() => engine.destroy());

function bufferWith(values: readonly number[], usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST) {
  const buffer = device.createBuffer({ size: 4 * values.length, usage });
  device.queue.writeBuffer(buffer, 0, new Float32Array(values));
  return buffer;
}

/** A layer behind dropout, trained by Adam. */
function trained(at: Engine) {
  nn.seed(3);
  const generator = new Generator(5);
  const layer = new nn.Linear(8, 3);
  const adam = new optim.Adam(layer.parameters(), { learningRate: 0.1, clipNorm: 1 });
  const step = at.train((x: Tensor) => {
    const found = layer.forward(dropout(x, { rate: 0.5, generator }));
    return { loss: adam.minimize(mean(square(found))), found };
  });
  return { layer, adam, generator, step };
}

const batch = (i: number) => array([4, 8], uniform(i, 32));

test('a device that was given stays its owner’s', async () => {
  const other = await open({ device });
  expect(other.name.length).toBeGreaterThan(3);
  expect(other.adapter).toBeNull();
  const double = other.record((x: Tensor) => add(x, x));
  expect(await double(array([2], [1, 2])).read()).toEqual(Float32Array.of(2, 4));
  const before = engine.record((x: Tensor) => square(x));
  other.destroy();
  expect(() => double(array([2], [1, 2]))).toThrow('The engine was destroyed');
  expect(await before(array([2], [1, 2])).read()).toEqual(Float32Array.of(1, 4));
  bufferWith([1]).destroy();
});

test('a device that cannot do is refused with the limit that it lacks', async () => {
  const limits = { ...limitsOf(device), maxStorageBuffersPerShaderStage: 4 };
  const poor = new Proxy(device, {
    get: (it, name) => (name === 'limits' ? limits : Reflect.get(it, name, it)),
  });
  await expect(open({ device: poor })).rejects.toThrow(
    /has maxStorageBuffersPerShaderStage 4, at least 8 are needed\.\n.*requiredLimits/,
  );
  const gone = await (await gpu.requestAdapter())!.requestDevice();
  gone.destroy();
  await gone.lost;
  await expect(open({ device: gone })).rejects.toThrow('open: the device was lost (destroyed)');
});

const limitsOf = ({ limits }: GPUDevice) => ({
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
  maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
});

test('a buffer is an argument, as it is when the step runs, and one recording serves both kinds', async () => {
  let recorded = 0;
  const step = engine.record((x: Tensor, y: Tensor) => {
    recorded++;
    return { sums: add(x, y), total: sum(x) };
  });
  const buffer = bufferWith([9, 9, 1, 2, 3, 4]);
  const x = gpuArray([2, 2], buffer, 8);
  const y = array([2, 2], [10, 20, 30, 40]);
  expect(await step(x, y).sums.read()).toEqual(Float32Array.of(11, 22, 33, 44));
  device.queue.writeBuffer(buffer, 8, Float32Array.of(5, 6, 7, 8));
  const { sums, total } = step(x, y);
  device.queue.writeBuffer(buffer, 8, new Float32Array(4));
  expect(await sums.read()).toEqual(Float32Array.of(15, 26, 37, 48));
  expect(await total.item()).toBe(26);
  expect(await step(y, x).total.item()).toBe(100);
  expect(await (await repeatStep(step, 3, x, y)).sums.read()).toEqual(Float32Array.of(10, 20, 30, 40));
  expect(await timeStep(step, 2, x, y)).toBeGreaterThan(0);
  expect(recorded).toBe(1);
});

test('whole numbers in a buffer are u32', async () => {
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, Uint32Array.of(2, 0, 1, 2));
  const table = new nn.Embedding(3, 2);
  engine.write(table.parameters()[0], Float32Array.of(0, 1, 10, 11, 20, 21));
  const look = engine.record((ids: Tensor) => table.forward(ids));
  const found = await look(gpuArray([4], buffer, 0, 'u32')).read();
  expect(found).toEqual(Float32Array.of(20, 21, 0, 1, 10, 11, 20, 21));
});

test('a buffer that does not fit is refused', () => {
  const buffer = bufferWith([1, 2, 3, 4]);
  expect(() => gpuArray([5], buffer)).toThrow(
    /f32 \[5\] takes 20 bytes from byte 0 on, but the buffer has 16/,
  );
  expect(() => gpuArray([3], buffer, 8)).toThrow('takes 12 bytes from byte 8 on');
  expect(() => gpuArray([1], buffer, 2)).toThrow('starts at byte 2');
  expect(() => gpuArray([0], buffer)).toThrow('[0] is no shape');
  const write = bufferWith([1], GPUBufferUsage.COPY_DST);
  expect(() => gpuArray([1], write)).toThrow('create it with GPUBufferUsage.COPY_SRC');
});

test('what is no buffer, or is mapped when the step is called, is refused', async () => {
  const values = Float32Array.of(1, 2) as unknown;
  expect(() => gpuArray([2], values as GPUBuffer)).toThrow(
    /is no buffer of a device\.[^]*array\(shape, data\)/,
  );
  const buffer = device.createBuffer({ size: 8, usage: GPUBufferUsage.COPY_SRC, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set([1, 2]);
  const step = engine.record((x: Tensor) => sum(x));
  const given = gpuArray([2], buffer);
  expect(() => step(given)).toThrow('argument 1 of the step: its buffer is mapped.');
  buffer.unmap();
  expect(await step(given).item()).toBe(3);
});

test('a result is asked for where it was made, and a step that ends ends what repeats it', async () => {
  const other = await open({ device });
  const step = engine.record((x: Tensor) => sum(x));
  const reading = step(array([2], [1, 2]));
  expect(() => other.bufferOf(reading)).toThrow(/a result of another engine\.[^]*ask that one/);
  other.destroy();
  const repeated = repeatStep(step, 1_000_000, array([2], [1, 2]));
  step.destroy();
  await expect(repeated).rejects.toThrow('The step was destroyed');
});

test('a step is no part of another, whether it has run before or not', async () => {
  const inner = engine.record((x: Tensor) => sum(x));
  const x = array([2], [1, 2]);
  const outer = engine.record((y: Tensor) => (inner(x), sum(y)));
  expect(() => outer(x)).toThrow(/A step was called inside a recorded function\.[^]*fix: call it outside/);
  expect(await inner(x).item()).toBe(3);
  expect(() => outer(x)).toThrow('A step was called inside a recorded function');
});

test('states and results lie in buffers that anybody on the device can read', async () => {
  const { layer, step } = trained(engine);
  const { found } = step(batch(1));
  const [weight, bias] = layer.parameters();
  for (const what of [weight, bias, found]) {
    const { buffer, offset, size } = engine.bufferOf(what);
    const wanted = what instanceof State ? await engine.read(what) : await what.read();
    expect(await theirCopy(buffer, offset, size)).toEqual(wanted);
    expect(offset % 256).toBe(0);
  }
  // The same place later on: it can be bound once.
  const place = engine.bufferOf(found);
  expect(engine.bufferOf(step(batch(2)).found)).toEqual(place);
  step.destroy();
  expect(() => engine.bufferOf(found)).toThrow('bufferOf of a result: its recording was freed');
  layer.destroy();
  expect(() => engine.bufferOf(weight)).toThrow('was destroyed');
});

async function theirCopy(buffer: GPUBuffer, offset: number, size: number): Promise<Float32Array> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  return new Float32Array(staging.getMappedRange().slice(0));
}

test('steps in the commands of others are the steps that they would be, bit for bit', async () => {
  const [called, encoded] = [trained(engine), trained(engine)];
  const wanted: number[] = [];
  for (let i = 0; i < 12; i++) wanted.push(await called.step(batch(i)).loss.item());
  const found: Promise<number>[] = [];
  const input = bufferWith(new Array(32).fill(0));
  for (let i = 0; i < 12; i += 3) {
    // Three steps wait in two encoders while others use the engine.
    const [first, second] = [device.createCommandEncoder(), device.createCommandEncoder()];
    const a = encodeStep(encoded.step, first, batch(i));
    const b = encodeStep(encoded.step, first, batch(i + 1));
    device.queue.writeBuffer(input, 0, uniform(i + 2, 32));
    const c = encodeStep(encoded.step, second, gpuArray([4, 8], input));
    engine.record((x: Tensor) => sum(square(x)))(array([900], uniform(i, 900)));
    device.queue.submit([first.finish(), second.finish()]);
    found.push(...[a, b, c].map(({ loss }) => loss.item()));
    await expect(b.found.read()).rejects.toThrow('its step had run again');
    expect(await c.found.read()).toHaveLength(12);
  }
  expect(await Promise.all(found)).toEqual(wanted);
  expect(await engine.read(encoded.adam.flat)).toEqual(await engine.read(called.adam.flat));
  expect(encoded.adam.steps).toBe(12);
  expect(encoded.generator.step).toBe(12);
});

test('a result is refused until its commands are submitted', async () => {
  const step = engine.record((x: Tensor) => ({ all: square(x), sum: sum(x) }));
  const encoder = device.createCommandEncoder();
  const { all, sum: total } = encodeStep(step, encoder, array([2], [3, 4]));
  await expect(total.item()).rejects.toThrow('before the commands that compute it were submitted');
  await expect(all.read()).rejects.toThrow('submit what encoder.finish() gives first');
  device.queue.submit([encoder.finish()]);
  expect(await total.item()).toBe(7);
  expect(await all.read()).toEqual(Float32Array.of(9, 16));
});

test('only a command encoder takes a step', async () => {
  const step = engine.record((x: Tensor) => sum(x));
  const given = (encoder: unknown) => () => encodeStep(step, encoder as never, 3);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  expect(given(pass)).toThrow(
    /encodeStep: a GPUComputePassEncoder is no command encoder\.[^]*createCommandEncoder/,
  );
  expect(given(array([1], [3]))).toThrow(/encodeStep: \{ shape, data \} is no command encoder/);
  expect(given(undefined)).toThrow(/encodeStep: undefined is no command encoder/);
  pass.end();
  const total = encodeStep(step, encoder, 3);
  device.queue.submit([encoder.finish()]);
  expect(await total.item()).toBe(3);
});

test('an argument that is a result, too, may be an argument of the next step, in any place', async () => {
  const step = engine.record((x: Tensor, y: Tensor) => ({ x, y, next: add(x, y), flat: reshape(x, [2, 1]) }));
  const lies = (what: Reading) => {
    const { buffer, offset } = engine.bufferOf(what);
    return gpuArray([2], buffer, offset);
  };
  const encoded = (...args: [GpuArray, GpuArray | HostArray]) => {
    const encoder = device.createCommandEncoder();
    const readings = encodeStep(step, encoder, ...args);
    device.queue.submit([encoder.finish()]);
    return readings;
  };
  for (const call of [step, encoded]) {
    let last = step(array([2], [1, 2]), array([2], [10, 20]));
    last = call(lies(last.next), lies(last.x));
    expect(await last.next.read()).toEqual(Float32Array.of(12, 24));
    last = call(lies(last.y), lies(last.x));
    expect(await last.next.read()).toEqual(Float32Array.of(12, 24));
    expect(await last.x.read()).toEqual(Float32Array.of(1, 2));
    last = call(lies(last.flat), lies(last.y));
    expect(await last.next.read()).toEqual(Float32Array.of(12, 24));
    last = call(lies(last.y), array([2], [100, 200]));
    expect(await last.next.read()).toEqual(Float32Array.of(111, 222));
    expect(await last.x.read()).toEqual(Float32Array.of(11, 22));
  }
});

test('a buffer that is gone, or another device’s, is told at the reading, and the next step runs', async () => {
  const uncaught: string[] = [];
  device.addEventListener('uncapturederror', ({ error }) => void uncaught.push(error.message));
  const step = engine.record((x: Tensor) => sum(x));
  const good = array([2], [3, 4]);
  expect(await step(good).item()).toBe(7);
  const gone = bufferWith([1, 2]);
  const given = gpuArray([2], gone);
  gone.destroy();
  await expect(step(given).item()).rejects.toThrow(
    /^the step: .*destroyed[^]*at test\/gpu\/pages\.test\.ts:\d+$/,
  );
  expect(await step(good).item()).toBe(7);
  const theirs = await (await gpu.requestAdapter())!.requestDevice();
  const other = theirs.createBuffer({ size: 8, usage: GPUBufferUsage.COPY_SRC });
  await expect(step(gpuArray([2], other)).item()).rejects.toThrow(/^the step: /);
  const repeated = repeatStep(step, 2, gpuArray([2], other)).then((reading) => reading.item());
  await expect(repeated).rejects.toThrow(/^repeatStep: /);
  expect(await step(good).item()).toBe(7);
  theirs.destroy();
  expect(uncaught).toEqual([]);
});

test('an encoder that takes no more is told, and what the matter may be with one that refused', async () => {
  const step = engine.record((x: Tensor) => sum(x));
  const finished = device.createCommandEncoder();
  finished.finish();
  const reading = encodeStep(step, finished, 3);
  await expect(reading.item()).rejects.toThrow(
    /^encodeStep: .*(finished|have ended)[^]*at test\/gpu\/pages\.test\.ts/,
  );
  const open = device.createCommandEncoder();
  open.beginComputePass();
  await expect(encodeStep(step, open, 3).item()).rejects.toThrow(/before .* submitted\.\n.*end\(\) the pass/);
});

test('who never reads anything has nothing pile up', async () => {
  const own = await open({ device });
  const buffer = bufferWith([1, 2]);
  const step = own.record((x: Tensor) => sum(x));
  for (let i = 0; i < 100; i++) {
    step(gpuArray([2], buffer));
    const encoder = device.createCommandEncoder();
    encodeStep(step, encoder, 3);
    device.queue.submit([encoder.finish()]);
  }
  await device.queue.onSubmittedWorkDone();
  // What the last scopes found arrives with what is asked for behind them.
  device.pushErrorScope('validation');
  await device.popErrorScope();
  expect(Reflect.get(placeOf(own).counted, 'scopes')).toEqual([]);
  own.destroy();
});

test('what is no device is refused, given or made', async () => {
  const give = (what: unknown) => open({ device: what as GPUDevice });
  await expect(give(Promise.resolve(device))).rejects.toThrow(
    /the device is a Promise\.[^]*fix: give a GPUDevice/,
  );
  await expect(give(adapter)).rejects.toThrow('open: the device is a GPUAdapter.');
  await expect(give(async () => null)).rejects.toThrow('open: the device is null.');
  await expect(give(3)).rejects.toThrow('open: the device is 3.');
  await expect(open({ gpu: adapter as never })).rejects.toThrow(
    /gpu is a GPUAdapter\.\n.*\n.*give navigator\.gpu/,
  );
});

test('what waits to be copied is used again: many steps, few buffers', async () => {
  const own = await openTestEngine();
  const n = new State([1], 'zeros', 'n');
  const step = own.record((x: Tensor) => assign(n, add(n, x)));
  let most = 0;
  for (let i = 0; i < 200; i++) {
    const encoder = own.device.createCommandEncoder();
    encodeStep(step, encoder, 1);
    own.device.queue.submit([encoder.finish()]);
    if (i % 10 === 9) await own.idle();
    most = Math.max(most, own.stats.buffers);
  }
  expect((await own.read(n))[0]).toBe(200);
  expect(most).toBeLessThan(120);
  own.destroy();
});
