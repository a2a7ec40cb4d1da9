// The feed-forward model in a recurrent one: against its definition in doubles, against the recurrence, its gradients
// against those of windows, and what it costs.

import { afterAll, describe, expect, test } from 'vitest';
import { array, concat, gradient, mean, mul, nn, slice, square, type Tensor } from '../../../src/index';
import { Generator } from '../../../src/graph/generator';
import { truncate, type RecurrentModel } from '../../../src/lab/index';
import type { LayerState } from '../../../src/nn/recurrent';
import { loadCheckpoint } from '../../../src/train/checkpoint';
import { saveCheckpoint } from '../../../src/train/saveCheckpoint';
import { distance, hostStack, windowed } from '../../harness/cells';
import { openTestEngine, uniform } from '../../harness/engine';

const engines = await Promise.all(
  (['direct', 'workgroup'] as const).map((family) => openTestEngine({ family, poison: true })),
);
const [engine] = engines;
afterAll(() => engines.forEach((one) => one.destroy()));

const [B, T, I, H] = [2, 6, 3, 5];
const x = array([B, T, I], uniform(1, B * T * I));
const kinds = { RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU };
const cases = Object.entries(kinds).flatMap(([name, Kind]) =>
  [1, 2].map((layers) => ({ name, layers, make: () => (nn.seed(layers), new Kind(I, H, { layers })) })),
);

/** Embedding, recurrent layers and a head: what reads ids. */
class Words extends nn.Module {
  readonly encoder = new nn.Embedding(7, I);
  readonly decoder = new nn.Linear(H, 4);

  constructor(readonly body: nn.LSTM | nn.RNN) {
    super();
  }

  zeroState = (batch: number) => this.body.zeroState(batch);

  unroll(ids: Tensor, states: readonly LayerState[]) {
    const { y, states: after } = this.body.unroll(this.encoder.forward(ids), states);
    return { y: this.decoder.forward(y), states: after };
  }

  override forward(ids: Tensor): Tensor {
    return this.unroll(ids, this.zeroState(ids.shape[0])).y;
  }
}

describe.each(cases)('$name, $layers layers', ({ make }) => {
  test('is the recurrence over the last k inputs from zeros', async () => {
    const model = make();
    const host = await hostStack(engine, model);
    for (const k of [1, 3]) {
      const found = await engine
        .record((v: Tensor) => truncate(model, k).forward(v))(x)
        .read();
      expect(distance(found, windowed(host, x.data, x.shape, k)), `k = ${k}`).toBeLessThan(2e-6);
    }
  });

  test.each(engines.map((device, i) => [['direct', 'workgroup'][i], device] as const))(
    'is the recurrent model where k ≥ T (%s)',
    async (_family, device) => {
      const model = make();
      const step = device.record((v: Tensor) => [model.forward(v), truncate(model, T + 2).forward(v)]);
      const [wanted, found] = await Promise.all(step(x).map((reading) => reading.read()));
      expect(distance(found, wanted)).toBeLessThan(2e-6);
    },
  );
});

test.each(cases.filter(({ layers }) => layers === 2))(
  '$name has the gradients of windows',
  async ({ make }) => {
    const model = make();
    const k = 3;
    const step = engine.train((v: Tensor, weights: Tensor) => {
      const windows = Array.from({ length: T }, (_, t) => {
        const part = slice(v, 1, Math.max(0, t - k + 1), t + 1);
        return slice(model.forward(part), 1, -1);
      });
      return [concat(windows, 1), truncate(model, k).forward(v)].flatMap((y) =>
        gradient(mean(mul(y, weights)), [v, ...model.parameters()]),
      );
    });
    const found = await Promise.all(
      step(x, array([B, T, H], uniform(9, B * T * H))).map((reading) => reading.read()),
    );
    const half = found.length / 2;
    expect(half).toBe(1 + model.parameters().length);
    for (let i = 0; i < half; i++) expect(distance(found[half + i], found[i])).toBeLessThan(1e-5);
  },
);

test('reads ids, trains as an n-gram, and is saved as the model that it is', async () => {
  nn.seed(3);
  const [model, other] = [new Words(new nn.LSTM(I, H)), new Words(new nn.LSTM(I, H))];
  const ngram = truncate(model, 2);
  expect(ngram.parameters()).toEqual(model.parameters());
  expect(ngram.receptiveField).toBe(2);
  const saved = await saveCheckpoint(engine, { model: new nn.Sequential(ngram) });
  expect([...saved.tensors.keys()]).toEqual([
    ...(await saveCheckpoint(engine, { model: new nn.Sequential(model) })).tensors.keys(),
  ]);
  loadCheckpoint(engine, await saveCheckpoint(engine, { model: ngram }), 'test', { model: other });
  const ids = array([2, 5], Uint32Array.of(1, 2, 3, 4, 5, 6, 0, 3, 2, 1));
  const step = engine.train((v: Tensor) => {
    const y = ngram.forward(v);
    return [y, truncate(other, 2).forward(v), ...gradient(mean(square(y)), ngram.parameters())];
  });
  const [y, same, ...gradients] = await Promise.all(step(ids).map((reading) => reading.read()));
  expect(y).toHaveLength(2 * 5 * 4);
  expect(same).toEqual(y);
  for (const g of gradients) expect(Math.max(...g.map(Math.abs))).toBeGreaterThan(1e-6);
});

test('language models and sequence models are truncated with all that stands around their layers', async () => {
  nn.seed(5);
  const words = new nn.LanguageModel(9, { model: 'gru', embedding: 4, hidden: 6, levels: 2 });
  const sequence = new nn.SequenceModel(I, 2, { model: 'lstm', hidden: 4, levels: 1 });
  const ids = array([2, 5], Uint32Array.of(1, 2, 3, 4, 5, 6, 0, 3, 8, 1));
  const step = engine.record((v: Tensor, series: Tensor) => [
    words.unroll(v, words.zeroState(2)).y,
    truncate(words, 5).forward(v),
    sequence.forward(series),
    truncate(sequence, T).forward(series),
    words.loss(truncate(words, 2).forward(v), v),
  ]);
  const all = await Promise.all(step(ids, x).map((reading) => reading.read()));
  expect(distance(all[1], all[0])).toBeLessThan(2e-6);
  expect(distance(all[3], all[2])).toBeLessThan(2e-6);
  // Near chance, as any model is before training.
  expect(Math.abs(all[4][0] - Math.log(9))).toBeLessThan(0.3);
  const tcn = new nn.SequenceModel(I, 2, { model: 'tcn', hidden: 4, levels: 1 });
  expect(() => truncate(tcn, 2)).toThrow(/a tcn carries no state/);
});

test('dropout masks are those of the recurrent model', async () => {
  nn.seed(4);
  const generator = new Generator(4);
  const model = new nn.LSTM(I, H, { layers: 2, dropout: 0.5, generator });
  // The same draws: each recording counts from 0.
  const run = async (forward: (v: Tensor) => Tensor) => {
    generator.step = 0;
    return engine.train(forward)(x).read();
  };
  const wanted = await run((v) => model.forward(v));
  const found = await run((v) => truncate(model, T).forward(v));
  const without = await engine
    .record((v: Tensor) => model.forward(v))(x)
    .read();
  expect(distance(found, wanted)).toBeLessThan(2e-6);
  expect(distance(without, wanted)).toBeGreaterThan(1e-2);
});

test('launches of a training step do not grow with T; the first product is made once', () => {
  const model = new nn.LSTM(I, H);
  const plan = (length: number, k: number) =>
    engine
      .train((v: Tensor) => gradient(mean(square(truncate(model, k).forward(v))), model.parameters()))
      .plan(array([B, length, I], uniform(2, B * length * I)));
  expect(plan(24, 4).dispatches.length).toBe(plan(6, 4).dispatches.length);
  const products = (k: number) =>
    engine
      .record((v: Tensor) => truncate(model, k).forward(v))
      .plan(x)
      .dispatches.filter(({ call }) => call.op.name === 'matmul').length;
  expect(products(5)).toBe(1);
  expect(products(1)).toBe(1);
});

test('what has no recurrence, and no k, is refused', () => {
  const model = new nn.RNN(I, H);
  for (const k of [0, -1, 2.5, NaN]) {
    expect(() => truncate(model, k)).toThrow(
      /truncate: k is .*\n.*labTruncate.*\n.*whole number of at least 1/,
    );
  }
  const tcn = new nn.TCN(I, [4], { kernelSize: 2 }) as unknown as RecurrentModel;
  expect(() => truncate(tcn, 2)).toThrow(/TCN has no recurrence.*\n.*\n.*give a recurrent model/);
  const linear = new nn.Linear(I, 2) as unknown as RecurrentModel;
  expect(() => truncate(linear, 2)).toThrow(/Linear has no recurrence/);
  expect(() => truncate(model, 2, { gradientSteps: 0 })).toThrow(/gradientSteps is 0/);
});
