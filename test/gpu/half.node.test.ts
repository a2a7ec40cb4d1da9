// Half precision where an adapter has shader-f16: ten training steps beside PyTorch's in f32 and beside their own, every
// kernel with halves valid to the compiler, what leaves the range of f16, and a run that goes on bit for bit.

import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  binaryCrossEntropy,
  checkStep,
  crossEntropy,
  half,
  mean,
  nn,
  open,
  optim,
  transpose,
  type Tensor,
} from '../../src/index';
import { only } from '../../src/graph/options';
import type { Kernel } from '../../src/graph/kernel';
import { TRANSFORMER_RULES } from '../../src/nn/transformer/transformerLM';
import { halvable, halved } from '../../src/plan/halfText';
import { loadCheckpoint } from '../../src/train/checkpoint';
import { saveCheckpoint } from '../../src/train/saveCheckpoint';
import { findGpu } from '../harness/gpu';
import { IGNORE, loadGolden, type Golden, type Stored } from '../harness/golden';
import { findHalfGpu } from '../harness/halfGpu';
import { uniform } from '../harness/engine';
import lstmGolden from '../golden/lstm.json';
import own from '../golden/half.json';
import tcnGolden from '../golden/tcn.json';
import transformerGolden from '../golden/transformerPre.json';

const gpu = await findHalfGpu();

const plain = await findGpu();
const isAble = (await plain.requestAdapter())!.features.has('shader-f16');

test.skipIf(isAble)('an adapter without shader-f16 is refused', async () => {
  const engine = await open({ gpu: plain });
  expect(() => half(engine)).toThrow(/^half: .* has no shader-f16\.\n[^]*lavapipe/);
  engine.destroy();
});

test.runIf(!gpu)('no adapter here has shader-f16: nothing below was run', () => {
  expect(gpu).toBeNull();
});

class Tagger extends nn.Module {
  readonly rnn = new nn.LSTM(6, 9);
  readonly head = new nn.Linear(9, 5);

  override forward(x: Tensor): Tensor {
    return this.head.forward(this.rnn.forward(x));
  }
}

class Convolutional extends nn.TCN {
  readonly head = new nn.Linear(8, 5);

  constructor() {
    super(5, [8, 8], { kernelSize: 3 });
  }

  override forward(x: Tensor): Tensor {
    return this.head.forward(super.forward(x));
  }
}

type Case = () => { model: nn.Module; golden: Golden; loss: (x: Tensor, y: Tensor) => Tensor };
const CASES: Readonly<Record<keyof typeof own.losses, Case>> = {
  LSTM: () => {
    const model = new Tagger();
    const loss = (x: Tensor, y: Tensor) => crossEntropy(model.forward(x), y, { ignoreIndex: IGNORE });
    return { model, golden: lstmGolden, loss };
  },
  TCN: () => {
    const model = new Convolutional();
    return { model, golden: tcnGolden, loss: (x, y) => binaryCrossEntropy(model.forward(x), y) };
  },
  Transformer: () => {
    const config = transformerGolden.config as typeof transformerGolden.config & nn.TransformerSettings;
    const model = new nn.TransformerLM(config.words, only(TRANSFORMER_RULES, config));
    return { model, golden: transformerGolden, loss: (x, y) => model.loss(model.unroll(x).y, y) };
  },
};

/** From the largest scale down to one that fits, and some more. */
const STEPS = 36;

const kernels = import.meta.glob<Kernel>('../../shaders/*/*.wgsl', { eager: true, import: 'default' });

const hostArray = ({ shape, data }: Stored) =>
  array(
    shape,
    shape.length === 2 ? Uint32Array.from(data, (t) => (t < 0 ? IGNORE : t)) : Float32Array.from(data),
  );

describe.skipIf(!gpu).each(['direct', 'workgroup'] as const)('with shader-f16 (%s)', async (family) => {
  const engine = gpu && half(await open({ gpu, family, poison: true }));
  const whole = gpu && (await open({ gpu, family, poison: true }));
  afterAll(() => [engine, whole].forEach((one) => one?.destroy()));

  /** Losses of ten steps of Adam. */
  async function lossesOf(on: typeof engine, make: Case): Promise<number[]> {
    const { model, golden, loss } = make();
    loadGolden(on!, golden, model);
    const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });
    const scaled = on === engine ? optim.lossScale(adam) : adam;
    const step = on!.train((x: Tensor, y: Tensor) => scaled.minimize(loss(x, y)));
    const losses: number[] = [];
    for (const { inputs, targets } of golden.steps)
      losses.push(await step(hostArray(inputs), hostArray(targets)).item());
    expect([...(await on!.read(adam.skips))]).toEqual([0, 0]);
    return losses;
  }

  const off = (found: readonly number[], wanted: readonly number[]) =>
    Math.max(...found.map((loss, i) => Math.abs(loss / wanted[i] - 1)));

  test.each(Object.keys(CASES) as (keyof typeof CASES)[])(
    '%s: ten steps as those in f32, and as before',
    async (name) => {
      const [found, exact] = [await lossesOf(engine, CASES[name]), await lossesOf(whole, CASES[name])];
      expect(off(found, exact), `${name}: from f32`).toBeLessThan(5e-4);
      // It is another precision.
      expect(off(found, exact)).toBeGreaterThan(1e-7);
      expect(off(found, own.losses[name]), `${name}: from its own`).toBeLessThan(1e-4);
    },
  );

  test.each(Object.keys(CASES) as (keyof typeof CASES)[])(
    '%s: gradients beyond f16 skip steps until the scale fits; no weight is ever NaN',
    async (name) => {
      const { model, golden, loss } = CASES[name]();
      loadGolden(engine!, golden, model);
      const adam = new optim.Adam(model.parameters(), { learningRate: 1e-2, clipNorm: 1 });
      const scaled = optim.lossScale(adam, { initial: 2 ** 40 });
      const step = engine!.train((x: Tensor, y: Tensor) => scaled.minimize(loss(x, y)));
      const [{ inputs, targets }] = golden.steps;
      const now = async () => {
        const [flat, [skipped], [scale]] = await Promise.all(
          [adam.flat, adam.skips, scaled.scale].map((state) => engine!.read(state)),
        );
        return { flat, skipped, scale };
      };
      let before = await now();
      for (let i = 0; i < STEPS; i++) {
        expect(Number.isFinite(await step(hostArray(inputs), hostArray(targets)).item())).toBe(true);
        const after = await now();
        expect(after.flat.every(Number.isFinite), `weights after step ${i}`).toBe(true);
        const skips = after.skipped > before.skipped;
        expect(
          after.flat.every((value, at) => value === before.flat[at]),
          `step ${i} skipped`,
        ).toBe(skips);
        expect(after.scale).toBe(skips ? before.scale / 2 : before.scale);
        before = after;
      }
      expect(before.skipped).toBeGreaterThan(5);
      expect(before.skipped).toBeLessThan(STEPS - 5);
    },
  );
});

describe.skipIf(!gpu)('with shader-f16', async () => {
  const engine = gpu && half(await open({ gpu, family: 'direct', poison: true }));
  afterAll(() => engine?.destroy());

  test('every kernel is valid where all its buffers hold halves', async () => {
    const problems: string[] = [];
    for (const kernel of Object.values(kernels)) {
      const { code } = kernel.with();
      if (!engine!.device.features.has('subgroups') && /^enable subgroups;/m.test(code)) continue;
      const module = engine!.device.createShaderModule({ code: halved(code, halvable(code)) });
      const { messages } = await module.getCompilationInfo();
      problems.push(
        ...messages.filter(({ type }) => type === 'error').map((one) => `${kernel.name}: ${one.message}`),
      );
    }
    expect(problems).toEqual([]);
    expect(Object.keys(kernels).length).toBeGreaterThan(110);
  });

  test('what is beyond f16 is infinite, what is not a number stays so, and the rest is rounded', async () => {
    const step = engine!.record((x: Tensor) => transpose(transpose(x)));
    const values = [1, 65504, 65519, 65520, 1e30, -7e4, NaN, Infinity, 2 ** -24, 1e-9, 1 + 2 ** -10, 1 / 3];
    const x = array([3, 4], Float32Array.from(values));
    const y = await step(x).read();
    expect([...y].slice(0, 2)).toEqual([1, 65504]);
    expect([...y].slice(2, 8)).toEqual([Infinity, Infinity, Infinity, -Infinity, NaN, Infinity]);
    expect([...y].slice(8, 11)).toEqual([2 ** -24, 0, 1 + 2 ** -10]);
    expect(Math.abs(y[11] - 1 / 3)).toBeLessThan(2 ** -12);
  });

  test('gradients that leave f16 skip the update and halve the scale, and checkStep names the op', async () => {
    nn.seed(1);
    const model = new nn.Sequential(new nn.Linear(8, 16), new nn.Linear(16, 8));
    const sgd = new optim.SGD(model.parameters(), { learningRate: 0.1 });
    const lossScale = optim.lossScale(sgd, { initial: 2 ** 24 });
    const step = engine!.train((x: Tensor) => lossScale.minimize(mean(model.forward(x))));
    const x = array([4, 8], uniform(1, 32));
    const before = await engine!.read(sgd.flat);
    const { culprit } = await checkStep(step, x);
    expect(culprit?.op).toMatch(/scale|matmul|reduceSumDx|mean/);
    step(x);
    expect(await engine!.read(sgd.flat)).toEqual(before);
    for (let i = 0; i < 12; i++) step(x);
    const [[skipped], [by]] = await Promise.all([engine!.read(sgd.skips), engine!.read(lossScale.scale)]);
    expect(by).toBe(2 ** (24 - skipped));
    expect(skipped).toBeGreaterThan(2);
    expect(skipped).toBeLessThan(12);
    expect(await engine!.read(sgd.flat)).not.toEqual(before);
  });

  test('goes on from a checkpoint bit for bit', async () => {
    const made = () => {
      nn.seed(2);
      const model = new nn.Sequential(new nn.RNN(8, 16), new nn.Linear(16, 8));
      const optimizer = new optim.Adam(model.parameters(), { learningRate: 0.01 });
      const lossScale = optim.lossScale(optimizer, { interval: 3 });
      const step = engine!.train((x: Tensor) => lossScale.minimize(mean(model.forward(x))));
      const run = (seed: number) => step(array([2, 5, 8], uniform(seed, 80))).item();
      return { model, optimizer, run };
    };
    const [one, other] = [made(), made()];
    for (let i = 0; i < 4; i++) await one.run(i);
    loadCheckpoint(engine!, await saveCheckpoint(engine!, one), 'test', other);
    for (let i = 4; i < 8; i++) expect(await other.run(i)).toBe(await one.run(i));
    expect(await engine!.read(other.optimizer.flat)).toEqual(await engine!.read(one.optimizer.flat));
  });
});
