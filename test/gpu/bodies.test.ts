// The bodies of sequence models, each through the same checks: what an output sees is what its field says. And those that
// are only here: a Transformer and a WaveNet of vectors, against PyTorch and step by step.

import { afterAll, expect, test } from 'vitest';
import { array, binaryCrossEntropy, nn, optim, type Tensor } from '../../src/index';
import { FAMILIES, openTestEngine, uniform } from '../harness/engine';
import { compare } from '../harness/golden';
import { only } from '../../src/graph/options';
import { SEQUENCE_RULES } from '../../src/nn/sequenceModel';
import golden from '../golden/sequenceTransformer.json';

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const [INPUTS, OUTPUTS, T] = [3, 2, 12];
const settings = { hidden: 8, levels: 2, kernelSize: 3, heads: 2, length: T, norm: 'pre' } as const;
// 1 + 2·2·(1 + 2), 1 + 2 + 2, 1 + 2·(1 + 2).
const FIELDS = { tcn: 13, gcnn: 5, wavenet: 7 };

test.each(nn.MODELS)('%s sees as many inputs as its field says, and none to come', async (model) => {
  nn.seed(3);
  const sequence = new nn.SequenceModel(INPUTS, OUTPUTS, { ...settings, model });
  const run = engine.record((x: Tensor) => sequence.forward(x));
  const answer = async (x: Float32Array) => (await run(array([1, T, INPUTS], x)).read()) as Float32Array;
  const field = nn.fieldOf({ ...settings, model });
  expect(field).toBe((FIELDS as Record<string, number>)[model] ?? Infinity);
  const x = uniform(5, T * INPUTS);
  const before = await answer(x);
  for (const changed of [0, 4, T - 1]) {
    const other = x.map((value, i) => (Math.floor(i / INPUTS) === changed ? 2 - value : value));
    const after = await answer(other);
    for (let t = 0; t < T; t++) {
      const same = [0, 1].every((o) => after[t * OUTPUTS + o] === before[t * OUTPUTS + o]);
      expect(same, `input ${changed}, output ${t}`).toBe(t < changed || t >= changed + field);
    }
  }
});

test.each(FAMILIES)('a transformer of vectors: ten steps as in PyTorch (%s)', async (family) => {
  const own = await openTestEngine({ family });
  const config = golden.config as typeof golden.config & { norm: 'pre' };
  const settings = { ...config, model: 'transformer', length: config.time } as const;
  const model = new nn.SequenceModel(config.inputs, config.outputs, only(SEQUENCE_RULES, settings));
  const adam = new optim.Adam(model.parameters(), { learningRate: golden.optimizer.learningRate });
  const loss = (x: Tensor, y: Tensor) => binaryCrossEntropy(model.forward(x), y);
  // A bias of keys changes nothing: its gradient is rounding, of which Adam makes steps of full length.
  await compare(own, golden, model, adam, loss, [], 3e-3);
  own.destroy();
});

test('a wavenet of vectors step by step is all at once', async () => {
  nn.seed(5);
  const settings = {
    dilations: nn.dilationStacks(2, 2),
    residualChannels: 4,
    dilationChannels: 6,
    skipChannels: 8,
  };
  const model = new nn.WaveNetBody(INPUTS, settings);
  expect(model.receptiveField).toBe(7);
  const x = uniform(7, T * INPUTS);
  const whole = await engine
    .record((all: Tensor) => model.forward(all))(array([1, T, INPUTS], x))
    .read();
  const rings = model.rings(1);
  const step = engine.record((one: Tensor, position: Tensor) => model.step(one, rings, position));
  for (let t = 0; t < T; t++) {
    const now = array([1, INPUTS], x.slice(t * INPUTS, (t + 1) * INPUTS));
    const y = await step(now, array([1], Uint32Array.of(t))).read();
    y.forEach((value, c) => expect(Math.abs(value - whole[t * 8 + c]), `step ${t}`).toBeLessThan(1e-5));
  }
});

test('settings that cannot be', () => {
  const make = (change: object) => () =>
    new nn.SequenceModel(INPUTS, OUTPUTS, { ...settings, model: 'transformer', ...change });
  expect(make({ heads: undefined })).toThrow(/needs heads[^]*give heads, e\.g\. 4/);
  expect(make({ length: undefined })).toThrow('needs a length');
  expect(make({ model: 'perceptron' })).toThrow(/model is "perceptron"[^]*tcn, lstm, gru, rnn, gcnn/);
  const model = new nn.SequenceTransformer(INPUTS, 16, { heads: 2, layers: 1, length: T });
  const record = (f: (x: Tensor) => Tensor, steps: number) => () =>
    engine.record(f)(array([1, steps, INPUTS], uniform(1, steps * INPUTS)));
  expect(record((x) => model.forward(x), T + 1)).toThrow('there are 12, but x has 13');
  expect(record((x) => model.stepper(new nn.Memory(1))(x), 2)).toThrow('one step at a time');
});
