// Where models start: a Transformer as GPT-2 does, embeddings with the deviation that is asked for; and the schedule
// that nanoGPT trains with.

import { expect, test } from 'vitest';
import { nn } from '../../src/index';
import type { Parameter } from '../../src/graph/state';
import { TABLES } from '../../src/runs/tables';
import { entriesOf, trainingOf } from '../../src/studies/shootout/shootoutModels';
import { makeLanguageModel } from '../../src/tasks/text/languageModels';
import { learningRateOf } from '../../src/train/learningRate';

const WIDTH = 64;
const LAYERS = 8;
const settings = { hidden: WIDTH, levels: LAYERS, heads: 4, length: 32 } as const;
const GPT2: nn.TransformerSettings = {
  ...{ ...settings, norm: 'pre', positions: 'learned', nonlinearity: 'gelu', tied: true },
  ...{ bias: false, initial: 'gpt2', scaleEmbedding: false },
};

function values({ initial, size }: Parameter): Float32Array {
  if (initial === 'zeros') return new Float32Array(size);
  return Float32Array.from(initial(size));
}

function deviation(parameter: Parameter): number {
  const all = values(parameter);
  return Math.sqrt(all.reduce((sum, x) => sum + x * x, 0) / all.length);
}

test('GPT-2: matrices start at N(0, 0.02²), those before a sum at 0.02 / √(2 · layers), and there are no biases', () => {
  nn.seed(1);
  const named = new nn.TransformerLM(65, GPT2).namedParameters();
  // nanoGPT's own count: 12 · width² and two norms a layer, embeddings, positions, the last norm.
  const size = [...named.values()].reduce((sum, one) => sum + one.size, 0);
  expect(size).toBe(LAYERS * (12 * WIDTH * WIDTH + 2 * WIDTH) + 65 * WIDTH + 32 * WIDTH + WIDTH);
  expect([...named.keys()].filter((name) => name.includes('bias'))).toEqual([]);
  const [norms, matrices] = [true, false].map((is) =>
    [...named].filter(([name]) => name.includes('norm') === is),
  );
  for (const [name, norm] of norms) expect(values(norm), name).toEqual(new Float32Array(WIDTH).fill(1));
  for (const [name, matrix] of matrices) {
    const before = /out_proj|linear2/.test(name);
    const wanted = before ? 0.02 / Math.sqrt(2 * LAYERS) : 0.02;
    expect(deviation(matrix) / wanted, name).toBeGreaterThan(0.93);
    expect(deviation(matrix) / wanted, name).toBeLessThan(1.07);
  }
});

test('with biases they start at 0, and an untied softmax starts as the other matrices', () => {
  nn.seed(1);
  const named = new nn.TransformerLM(65, { ...GPT2, bias: true, tied: false }).namedParameters();
  const biases = [...named].filter(([name]) => name.includes('bias'));
  expect(biases).toHaveLength(LAYERS * 6 + 2);
  for (const [name, bias] of biases) expect(deviation(bias), name).toBe(0);
  expect(deviation(named.get('decoder.weight')!) / 0.02).toBeCloseTo(1, 1);
});

test('PyTorch’s start is what it was: nothing else is drawn', () => {
  nn.seed(7);
  const plain = new nn.TransformerLM(65, settings).namedParameters();
  nn.seed(7);
  const named = new nn.TransformerLM(65, {
    ...settings,
    initial: 'pytorch',
    bias: true,
    nonlinearity: 'relu',
  });
  for (const [name, parameter] of named.namedParameters()) {
    expect(values(parameter), name).toEqual(values(plain.get(name)!));
  }
});

// nanoGPT's get_lr, of an iteration counted from 0.
function nanoGPT(iteration: number): number {
  const [rate, floor, warmup, decay] = [1e-3, 1e-4, 100, 2000];
  if (iteration < warmup) return (rate * (iteration + 1)) / (warmup + 1);
  const ratio = (iteration - warmup) / (decay - warmup);
  return floor + 0.5 * (1 + Math.cos(Math.PI * ratio)) * (rate - floor);
}

test('cosine with a warm-up and a floor is nanoGPT’s schedule; linear has both too', () => {
  const options = { learningRate: 1e-3, warmup: 100, rateFloor: 0.1, steps: 2000 };
  const rate = learningRateOf({ ...options, schedule: 'cosine' });
  for (const step of [1, 2, 99, 100, 101, 102, 1000, 1999, 2000]) {
    expect(rate(step, []) / nanoGPT(step - 1), `step ${step}`).toBeCloseTo(1, 12);
  }
  const linear = learningRateOf({ ...options, schedule: 'linear' });
  expect(linear(1, [])).toBeCloseTo(1e-3 / 101, 12);
  expect(linear(101, [])).toBeCloseTo(1e-3, 12);
  expect(linear(1051, [])).toBeCloseTo(1e-3 * 0.55, 12);
  expect(linear(2001, [])).toBeCloseTo(1e-4, 12);
});

const layers = nn.gatedLayers({ hidden: 8, levels: 2, kernelSize: 3 });

test.each([
  [
    'LanguageModel',
    0.1 / Math.sqrt(3),
    (more: object) =>
      new nn.LanguageModel(500, { model: 'lstm', embedding: 40, hidden: 8, levels: 1, ...more }),
  ],
  [
    'TCNLM',
    0.1 / Math.sqrt(3),
    (more: object) => new nn.TCNLM(500, { embedding: 40, channels: [8], ...more }),
  ],
  ['GatedConvLM', 0.1, (more: object) => new nn.GatedConvLM(500, { embedding: 40, layers, ...more })],
] as const)('%s: embeddings start as published, or with a deviation', (_, published, make) => {
  nn.seed(3);
  const of = (more: object) => deviation(make(more).namedParameters().get('encoder.weight')!);
  expect(of({}) / published).toBeCloseTo(1, 1);
  expect(of({ embeddingDeviation: 1 })).toBeCloseTo(1, 1);
  expect(() => make({ embeddingDeviation: 0 })).toThrow('embeddingDeviation');
});

test('contests on text start the embeddings of all models alike: at one', () => {
  const setup = { budget: 'medium', seed: 1 } as const;
  const entries = entriesOf(TABLES, setup).filter(({ arena }) => arena.spec.reads === 'text');
  expect(entries.length).toBeGreaterThan(20);
  for (const entry of entries) {
    const recipe = { ...trainingOf(entry, setup, 0.01, TABLES), steps: 1, evaluateEvery: 1 };
    nn.seed(1);
    const model = makeLanguageModel(entry.arena.built.vocabulary!, recipe, 64, TABLES.models);
    const [, table] = [...model.namedParameters()].find(([one]) => /encoder.weight/.test(one))!;
    // A Transformer multiplies its embeddings by the root of their width.
    const scale = entry.contestant.model === 'transformer' ? Math.sqrt(table.shape[1]) : 1;
    expect(Math.abs(scale * deviation(table) - 1), entry.id).toBeLessThan(0.1);
  }
});
