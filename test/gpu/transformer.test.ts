// Transformer language models: against PyTorch, norms before and behind, nothing seen of what comes later, one token at a
// time as all at once, and as runs.

import { afterAll, expect, test } from 'vitest';
import { array, crossEntropy, nn, optim, type Tensor } from '../../src/index';
import { makeCorpus } from '../../src/data/text';
import { only } from '../../src/graph/options';
import { TRANSFORMER_RULES } from '../../src/nn/transformer/transformerLM';
import { languageTask } from '../../src/tasks/text/languageModelling';
import { run, type Recipe } from '../../src/runs/run';
import { learningRateOf } from '../../src/train/learningRate';
import { decodeSafetensors, encodeSafetensors, type Stored } from '../../src/train/safetensors';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { FAMILIES, openTestEngine } from '../harness/engine';
import { compare } from '../harness/golden';
import post from '../golden/transformerPost.json';
import pre from '../golden/transformerPre.json';

test.each(FAMILIES)('ten steps as PyTorch takes them, norms before and behind (%s)', async (family) => {
  const engine = await openTestEngine({ family });
  for (const golden of [pre, post]) {
    const config = golden.config as typeof golden.config & nn.TransformerSettings;
    const model = new nn.TransformerLM(config.words, only(TRANSFORMER_RULES, config));
    const { learningRate, momentum, clip } = golden.optimizer;
    const sgd = new optim.SGD(model.parameters(), { learningRate, momentum, clipNorm: clip });
    await compare(engine, golden, model, sgd, (ids, targets) => model.loss(model.unroll(ids).y, targets));
  }
  engine.destroy();
});

const engine = await openTestEngine({ poison: true });
afterAll(() => engine.destroy());

const V = 13;
// Heads of 16 columns, which quads share where there are any.
const settings = { hidden: 32, levels: 2, heads: 2, length: 12 } as const;
const someIds = (size: number, by = 5) => Uint32Array.from({ length: size }, (_, i) => (i * i * by + i) % V);
const styles = [
  { norm: 'pre', positions: 'learned' },
  { norm: 'post', positions: 'sinusoidal', tied: true },
] as const;

test.each(styles)('what comes later changes nothing: $norm', async (style) => {
  nn.seed(4);
  const model = new nn.TransformerLM(V, { ...settings, ...style });
  const measure = engine.record((ids: Tensor) => model.forward(ids));
  const T = 9;
  const ids = someIds(T);
  const before = await measure(array([1, T], ids)).read();
  for (const changed of [1, 5, 8]) {
    const other = ids.slice();
    other[changed] = (other[changed] + 3) % V;
    const after = await measure(array([1, T], other)).read();
    expect(after.slice(0, changed * V)).toEqual(before.slice(0, changed * V));
    for (let t = changed; t < T; t++) {
      expect(after.slice(t * V, (t + 1) * V), `position ${t}`).not.toEqual(before.slice(t * V, (t + 1) * V));
    }
  }
});

test('a fresh model knows nothing, and its parameters have the names of PyTorch', async () => {
  nn.seed(6);
  const model = new nn.TransformerLM(V, { ...settings, ...styles[0] });
  const measure = engine.record((ids: Tensor, targets: Tensor) => model.loss(model.unroll(ids).y, targets));
  const loss = await measure(array([4, 12], someIds(48)), array([4, 12], someIds(48, 3))).item();
  expect(Math.abs(loss - Math.log(V))).toBeLessThan(0.3);
  const layer = ['self_attn.in_proj_weight', 'self_attn.in_proj_bias', 'self_attn.out_proj.weight'];
  expect([...model.namedParameters().keys()]).toEqual(
    expect.arrayContaining([
      'encoder.weight',
      'decoder.bias',
      'transformer_encoder.layers.1.norm2.weight',
      ...layer.map((name) => `transformer_encoder.layers.0.${name}`),
    ]),
  );
});

test('a run on text, dropout and smoothing in training only, ends with the same bits when it is resumed', async () => {
  const corpus = makeCorpus('tiny', 'word', TINY_TEXTS);
  const task = languageTask({ corpus, batch: 9, bptt: 5 });
  const recipe: Recipe = {
    ...{ model: 'transformer', hidden: 8, heads: 2, levels: 1, norm: 'pre', tied: true },
    ...{ dropout: 0.2, smoothing: 0.1, optimizer: 'adam', learningRate: 0.01, schedule: 'warmup', warmup: 3 },
    ...{ steps: 10, evaluateEvery: 5, seed: 3 },
  };
  const saves: { last: Stored; best: Stored }[] = [];
  const onSave = async (last: Stored, best: Stored | null) => {
    saves.push({ last, best: best ?? saves.at(-1)!.best });
  };
  const whole = await run({ engine, task, recipe, onSave });
  const [half, end] = saves.map(({ last, best }) => ({
    last: decodeSafetensors(encodeSafetensors(last), 'last'),
    best: decodeSafetensors(encodeSafetensors(best), 'best'),
  }));
  expect([...half.last.tensors.keys()].filter((name) => name.startsWith('carried.'))).toEqual([]);
  const again = await run({ engine, task, recipe, onSave, resume: half });
  for (const [name, { data }] of end.last.tensors) {
    expect(saves.at(-1)!.last.tensors.get(name)!.data, name).toEqual(data);
  }
  expect(again.test).toEqual(whole.test);
  const { measures, model } = task.program({ ...recipe, smoothing: 0.5 });
  const measure = engine.record((...batch: Tensor[]) => measures(...batch).nats);
  const plain = engine.record((ids: Tensor, targets: Tensor) =>
    crossEntropy((model as nn.TransformerLM).forward(ids), targets),
  );
  const [[ids, targets, ...rest]] = task.batches('valid');
  const wanted = await plain(ids, targets).item();
  expect(await measure(ids, targets, ...rest).item()).toBeCloseTo(wanted, 6);
});

test('sines and cosines of the positions', () => {
  const [width, t] = [6, 7];
  const row = nn.sinusoids(9, width).slice(t * width, (t + 1) * width);
  const angles = [0, 1, 2].map((i) => t / 10000 ** ((2 * i) / width));
  angles
    .flatMap((a) => [Math.sin(a), Math.cos(a)])
    .forEach((value, c) => expect(row[c]).toBeCloseTo(value, 6));
});

test('warm-up: up in a line, down with the root', () => {
  const [width, warmup] = [512, 4000];
  const rate = learningRateOf({
    learningRate: (width * warmup) ** -0.5,
    schedule: 'warmup',
    warmup,
    steps: 100_000,
  });
  for (const step of [1, 10, 3999, 4000, 4001, 90_000]) {
    const published = width ** -0.5 * Math.min(step ** -0.5, step * warmup ** -1.5);
    expect(rate(step, []) / published).toBeCloseTo(1, 12);
  }
});

test('settings and inputs that cannot be', () => {
  const make = (change: object) => () => new nn.TransformerLM(20, { ...settings, ...change });
  expect(make({ heads: 3 })).toThrow(/3 heads of 32 columns/);
  expect(make({ heads: 16 })).toThrow(/16 heads of 32 columns have 2 each/);
  expect(make({ cutoffs: [5], tied: true })).toThrow('no table to tie');
  expect(make({ cutoffs: [5], smoothing: 0.1 })).toThrow('no smoothing');
  const model = new nn.TransformerLM(V, settings);
  const record = (f: (ids: Tensor) => Tensor, T: number) => () => engine.record(f)(array([1, T], someIds(T)));
  expect(record((ids) => model.forward(ids), 13)).toThrow('there are 12, but x has 13');
  expect(record((ids) => model.unroll(ids, [{ h: ids }]).y, 3)).toThrow(
    'it carries no state, but 1 were given',
  );
  expect(record((ids) => model.stepper(new nn.Memory(1))(ids), 3)).toThrow('one step at a time');
});
