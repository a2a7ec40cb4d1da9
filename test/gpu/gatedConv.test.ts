// The gated convolutional language model: ten steps against PyTorch, the published nets' sizes and receptive fields,
// its optimizer against fairseq's, and runs on a text.

import { afterAll, describe, expect, test } from 'vitest';
import { array, gradient, mul, nn, optim, Parameter, slice, sum, type Tensor } from '../../src/index';
import { makeCorpus } from '../../src/data/text';
import { languageTask, leadOf } from '../../src/tasks/text/languageModelling';
import { run, type Recipe } from '../../src/runs/run';
import type { Stored } from '../../src/train/safetensors';
import { TINY_TEXTS } from '../fixtures/tinyText';
import golden from '../golden/gatedConv.json';
import { FAMILIES, openTestEngine, uniform } from '../harness/engine';
import { compare } from '../harness/golden';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

test.each(FAMILIES)('Nesterov momentum, clipping (%s)', async (family) => {
  const own = await openTestEngine({ family, poison: true });
  const { words, embedding, layers } = golden.config;
  const model = new nn.GatedConvLM(words, { embedding, layers: layers as unknown as nn.ConvLayer[] });
  const { learningRate, momentum, nesterov, clip } = golden.optimizer;
  const options = { learningRate, momentum, nesterov, clipNorm: clip };
  const sgd = new optim.SGD(model.parameters(), options);
  await compare(own, golden, model, sgd, (ids, targets) => model.loss(model.unroll(ids).y, targets));
  own.destroy();
});

type Name = keyof typeof nn.GCNN;
const NAMES = Object.keys(nn.GCNN) as Name[];
const FIELDS: Record<Name, number> = { 'gcnn-8': 25, 'gcnn-13': 40, 'gcnn-14': 47, 'gcnn-14b': 57 };

describe('the published nets', () => {
  test('have the parameters that their layers say', () => {
    const sizes = NAMES.map((name) => {
      const { embedding, layers } = nn.GCNN[name] as Pick<nn.GatedConvSettings, 'embedding' | 'layers'>;
      // v, g and bias of every layer; z holds the widths of the values that a residual may come from.
      let size = layers[0][0] * (embedding + 2);
      const z = [layers[0][0]];
      for (const [width, taps, span = 1] of layers) {
        size += 2 * width * (taps * z.at(-1)! + 2);
        const from = z.at(-span);
        if (span && from !== width) size += width * (from! + 2);
        z.push(width);
      }
      expect(new nn.GatedConv(embedding, layers).size).toBe(size);
      return size;
    });
    expect(sizes).toEqual([52_122_600, 167_444_472, 102_146_900, 162_998_272]);
  });

  test('with their adaptive softmax', () => {
    const model = new nn.GatedConvLM(300_000, nn.GCNN['gcnn-8']);
    const [E, W, V] = [280, 900, 300_000];
    const tails = [8000, 40_000, 250_000].map((words, i) => Math.floor(W / 4 ** (i + 1)) * (W + words));
    const head = W * 2003;
    const layers = W * (E + 2) + 8 * 1800 * (4 * W + 2);
    expect(model.size).toBe(V * E + layers + head + tails.reduce((a, b) => a + b));
  });

  test.each(NAMES)('%s: y depends on x of j steps before if and only if j < field', async (name) => {
    const published: readonly nn.ConvLayer[] = nn.GCNN[name].layers;
    const field = FIELDS[name];
    expect(nn.receptiveFieldOf(published)).toBe(field);
    // As deep, with as many taps, but narrow.
    nn.seed(2);
    const body = new nn.GatedConv(
      4,
      published.map(([, taps, span = 1]) => [4, taps, span]),
    );
    expect(body.receptiveField).toBe(field);
    const [T, t] = [field + 6, field + 3];
    const slopes = engine.record((x: Tensor) => gradient(sum(slice(body.forward(x), 1, t, t + 1)), [x]));
    const [reading] = slopes(array([1, T, 4], uniform(1, T * 4)));
    const dx = (await reading.read()) as Float32Array;
    const depends = Array.from({ length: T }, (_, at) => dx.slice(4 * at, 4 * at + 4).some((v) => v !== 0));
    expect(depends).toEqual(Array.from({ length: T }, (_, at) => at <= t && t - at < field));
  });
});

test('a changed token changes what follows, as far as the receptive field, and nothing else', async () => {
  nn.seed(3);
  const model = new nn.GatedConvLM(11, { embedding: 5, layers: [[6, 3], [4, 1, 0], [4, 2, 0], [6, 1, 3]] }); // oxfmt-ignore
  expect(model.receptiveField).toBe(4);
  const [T, at] = [12, 5];
  const ids = Uint32Array.from({ length: 2 * T }, (_, i) => ((i % T) * 7 + 3) % 11);
  ids[T + at] = (ids[T + at] + 1) % 11;
  const y = await engine
    .record((x: Tensor) => model.forward(x))(array([2, T], ids))
    .read();
  const changed = Array.from({ length: T }, (_, t) =>
    Array.from({ length: 11 }, (_, v) => y[t * 11 + v] !== y[(T + t) * 11 + v]).some(Boolean),
  );
  expect(changed).toEqual(Array.from({ length: T }, (_, t) => t >= at && t < at + 4));
});

test.each(nn.GATED_UNITS)(
  '%s: the values of a deep stack neither die nor explode at the start',
  async (activation) => {
    nn.seed(4);
    const body = new nn.GatedConv(32, Array<nn.ConvLayer>(6).fill([32, 3]), { activation });
    const [B, T] = [4, 16];
    const x = uniform(5, B * T * 32).map((v) => v * Math.sqrt(3));
    const reading = engine.record((v: Tensor) => body.forward(v))(array([B, T, 32], x));
    const y = (await reading.read()) as Float32Array;
    const square = y.reduce((total, v) => total + v * v, 0) / y.length;
    expect(square).toBeGreaterThan(0.05);
    expect(square).toBeLessThan(5);
  },
);

test('layers that cannot be', () => {
  const make =
    (...layers: nn.ConvLayer[]) =>
    () =>
      new nn.GatedConv(4, layers);
  expect(make()).toThrow('there are no layers');
  expect(make([4, 3], [4, 2, 3])).toThrow(/layer 1 cannot be \[4, 2, 3\][^]*0 to 2 layers/);
  expect(make([4, 0])).toThrow('layer 0 cannot be [4, 0]');
  expect(() => new nn.GatedConv(4, [[4, 3]], { activation: 'swish' as 'glu' })).toThrow(
    /activation is "swish"[^]*glu, gtu/,
  );
});

const recipe: Recipe = {
  ...{ model: 'gcnn', hidden: 6, embedding: 5, levels: 3, kernelSize: 3, dropout: 0.2, cutoffs: [8, 15] },
  ...{ optimizer: 'sgd', momentum: 0.9, nesterov: true, learningRate: 0.5, clipNorm: 0.5 },
  ...{ steps: 10, evaluateEvery: 5, seed: 3 },
};
const corpus = makeCorpus('tiny', 'word', TINY_TEXTS);
const options = { corpus, batch: 4, bptt: 5, cutoffs: recipe.cutoffs };

test('a run resumed in the middle of an epoch ends with the same bits, and carries nothing', async () => {
  const task = languageTask({ ...options, lead: leadOf(recipe) });
  const saves: { last: Stored; best: Stored }[] = [];
  const onSave = async (last: Stored, best: Stored | null) => {
    saves.push({ last, best: best ?? saves.at(-1)!.best });
  };
  const whole = await run({ engine, task, recipe, onSave });
  const again = await run({ engine, task, recipe, onSave, resume: saves[0] });
  expect(again.test).toEqual(whole.test);
  expect(saves.at(-1)!.last.tensors).toEqual(saves[1].last.tensors);
  expect([...saves[0].last.tensors.keys()].filter((name) => name.startsWith('carried.'))).toEqual([]);
});

test('a segment shown behind its lead is measured as in the whole text; without its lead it is not', async () => {
  const lead = leadOf(recipe);
  expect(lead).toBe(6);
  const characters = makeCorpus('tiny', 'character', TINY_TEXTS);
  const meanOver = async (given: { bptt: number; lead?: number }) => {
    const task = languageTask({ ...options, corpus: characters, evaluationTokens: 200, ...given });
    nn.seed(7);
    const { measures } = task.program(recipe);
    const measure = engine.record((...batch: Tensor[]) => measures(...batch).nats);
    let [sum, total] = [0, 0];
    for (const batch of task.batches('test')) {
      sum += task.weightOf(batch) * (await measure(...batch).item());
      total += task.weightOf(batch);
    }
    return sum / total;
  };
  // Ten columns of twenty.
  const whole = await meanOver({ bptt: 19 });
  expect(await meanOver({ bptt: 4, lead })).toBeCloseTo(whole, 5);
  expect(Math.abs((await meanOver({ bptt: 4 })) - whole)).toBeGreaterThan(1e-4);
});

test('gated convolutions of other sequences', async () => {
  const model = new nn.SequenceModel(2, 3, { model: 'gcnn', hidden: 4, levels: 2, activation: 'tanh' });
  const y = engine.record((x: Tensor) => model.forward(x))(array([2, 5, 2], uniform(9, 20)));
  expect(y.shape).toEqual([2, 5, 3]);
  expect(model.size).toBe(4 * 4 + 2 * 4 * (4 * 4 + 2) + 3 * 5);
  expect(() => model.zeroState(2)).toThrow('a gcnn carries no state');
});

/** fairseq's optim/nag.py on doubles, with decay and the velocity's correction for a changed rate as there. */
function nag(p: number[], g: readonly number[], v: number[], { rate, before, mu, decay = 0 }: Rates) {
  const correct = rate / before;
  p.forEach((_, i) => {
    p[i] = p[i] * (1 - rate * decay) + mu * mu * correct * v[i] - (1 + mu) * rate * g[i];
    v[i] = mu * correct * v[i] - rate * g[i];
  });
}
interface Rates {
  readonly rate: number;
  /** Of the step before. */
  readonly before: number;
  readonly mu: number;
  readonly decay?: number;
}

test.each([0, 0.1])('SGD with Nesterov momentum is nag.py, but for a decay of %s', async (decay) => {
  const [size, mu, clipNorm] = [6, 0.99, 0.1];
  const start = [...uniform(8, size)];
  const parameter = new Parameter([size], () => Float32Array.from(start));
  const options = { learningRate: 1, momentum: mu, nesterov: true, clipNorm, weightDecay: decay };
  const sgd = new optim.SGD([parameter], options);
  const step = engine.train((g: Tensor) => sgd.minimize(sum(mul(parameter, g))));
  const [p, v] = [[...start], Array<number>(size).fill(0)];
  const [own, ownV] = [[...start], Array<number>(size).fill(0)];
  let before = 1;
  for (let i = 0; i < 8; i++) {
    // The rate is halved on the way, as on a plateau.
    const rate = i < 4 ? 1 : 0.5;
    sgd.learningRate = rate;
    const g = uniform(20 + i, size);
    await step(array([size], g)).item();
    const norm = Math.hypot(...g);
    const clipped = [...g].map((value) => (value * clipNorm) / norm);
    nag(p, clipped, v, { rate, before, mu, decay });
    // Ours is a penalty: its gradient goes into the velocity.
    nag(own, clipped.map((value, j) => value + decay * own[j]), ownV, { rate, before, mu }); // oxfmt-ignore
    before = rate;
  }
  const found = [...(await engine.read(parameter))];
  const apart = (values: readonly number[]) =>
    Math.max(...values.map((value, i) => Math.abs(value - found[i])));
  expect(apart(own)).toBeLessThan(1e-5);
  expect(apart(p) < 1e-5).toBe(decay === 0);
});
