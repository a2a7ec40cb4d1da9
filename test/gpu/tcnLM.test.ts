// The TCN as a language model, and RMSprop: ten steps against PyTorch, the receptive field, a run on a text.

import { afterAll, expect, test } from 'vitest';
import { array, mul, nn, optim, Parameter, sum, type Tensor } from '../../src/index';
import { makeCorpus } from '../../src/data/text';
import { ofOneSequence } from '../../src/tasks/task';
import { languageTask, leadOf } from '../../src/tasks/text/languageModelling';
import { run, type Recipe } from '../../src/runs/run';
import { TINY_TEXTS } from '../fixtures/tinyText';
import golden from '../golden/wordTcn.json';
import { FAMILIES, openTestEngine, uniform } from '../harness/engine';
import { compare } from '../harness/golden';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

test.each(FAMILIES)('tied, RMSprop with momentum, clipping (%s)', async (family) => {
  const own = await openTestEngine({ family, poison: true });
  const { words, embedding, channels, kernel: kernelSize } = golden.config;
  const model = new nn.TCNLM(words, { embedding, channels, kernelSize, tied: true });
  const { learningRate, alpha, epsilon, momentum, weightDecay, clip } = golden.optimizer;
  const options = { learningRate, alpha, epsilon, momentum, weightDecay, clipNorm: clip };
  const rmsProp = new optim.RMSprop(model.parameters(), options);
  await compare(own, golden, model, rmsProp, (ids, targets) => model.loss(model.unroll(ids).y, targets));
  own.destroy();
});

test('RMSprop without momentum divides by the root of the mean square', async () => {
  const [size, rate, alpha, epsilon] = [7, 0.01, 0.99, 1e-8];
  const start = [...uniform(1, size)];
  const parameter = new Parameter([size], () => Float32Array.from(start));
  const rmsProp = new optim.RMSprop([parameter], { learningRate: rate });
  const step = engine.train((g: Tensor) => rmsProp.minimize(sum(mul(parameter, g))));
  const [p, v] = [[...start], Array<number>(size).fill(0)];
  for (let i = 0; i < 6; i++) {
    const g = uniform(2 + i, size);
    await step(array([size], g)).item();
    p.forEach((_, j) => {
      v[j] = alpha * v[j] + (1 - alpha) * g[j] ** 2;
      p[j] -= (rate * g[j]) / (Math.sqrt(v[j]) + epsilon);
    });
  }
  const found = [...(await engine.read(parameter))];
  p.forEach((value, j) => expect(found[j]).toBeCloseTo(value, 5));
});

test('a changed token changes what follows, as far as the receptive field, and nothing else', async () => {
  nn.seed(3);
  const model = new nn.TCNLM(11, { embedding: 8, channels: [16, 8], kernelSize: 3, tied: true, gain: 2 });
  expect(model.receptiveField).toBe(13);
  const [T, at, words] = [24, 5, 11];
  const ids = Uint32Array.from({ length: 2 * T }, (_, i) => ((i % T) * 7 + 3) % words);
  ids[T + at] = (ids[T + at] + 1) % words;
  const y = await engine
    .record((x: Tensor) => model.forward(x))(array([2, T], ids))
    .read();
  const changed = Array.from({ length: T }, (_, t) =>
    Array.from({ length: words }, (_, v) => y[t * words + v] !== y[(T + t) * words + v]).some(Boolean),
  );
  expect(changed).toEqual(Array.from({ length: T }, (_, t) => t >= at && t < at + 13));
});

const recipe: Recipe = {
  ...{ model: 'tcn', hidden: 6, embedding: 6, levels: 2, kernelSize: 2, dropout: 0.2, tied: true },
  ...{ optimizer: 'rmsprop', learningRate: 0.01, clipNorm: 0.5, steps: 10, evaluateEvery: 5, seed: 3 },
};

test('a run on a text: steps that warm up are shown and not asked about, nothing is carried', async () => {
  const corpus = makeCorpus('tiny', 'word', TINY_TEXTS);
  const task = languageTask({ corpus, batch: 4, bptt: 5, lead: leadOf(recipe), trainLead: 3 });
  const source = task.source(undefined as never);
  const [first, second] = [source.next(), source.next()];
  expect([first[0].shape, first[1].shape]).toEqual([[4, 5], [4, 5]]); // oxfmt-ignore
  expect([second[0].shape, second[1].shape]).toEqual([[4, 8], [4, 5]]); // oxfmt-ignore
  const { state, test: measured, model } = await run({ engine, task, recipe });
  expect(state.step).toBe(10);
  expect(measured.perplexity).toBeLessThan(corpus.vocabulary.size);
  expect(ofOneSequence(model).zeroState(4)).toEqual([]);
});

test('what cannot be tied', () => {
  const make = (settings: Partial<nn.TCNLMSettings>) => () =>
    new nn.TCNLM(9, { embedding: 4, channels: [6, 4], ...settings });
  expect(make({ channels: [4, 6], tied: true })).toThrow("the last level's 6 channels cannot be tied");
  expect(make({ cutoffs: [3], tied: true })).toThrow('no table to tie');
  expect(make({ channels: [] })).toThrow('no levels');
});
