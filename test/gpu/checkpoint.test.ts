// Checkpoints on a real engine: what is saved comes back bit for bit, a resumed run ends where an unbroken one
// does, and a checkpoint that does not fit changes nothing.

import { afterAll, describe, expect, test } from 'vitest';
import { add, array, assign, mean, nn, optim, square, State, type Tensor } from '../../src/index';
import { addingTask } from '../../src/tasks/adding/addingTask';
import { run, type Recipe } from '../../src/runs/run';
import { loadCheckpoint } from '../../src/train/checkpoint';
import { saveCheckpoint } from '../../src/train/saveCheckpoint';
import { decodeSafetensors, encodeSafetensors, type Stored } from '../../src/train/safetensors';
import { loadWeights } from '../../src/train/torchWeights';
import { WeightNormConv } from '../../src/nn/weightNorm';
import torch from '../fixtures/torchWeights.json';
import { openTestEngine, uniform } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

const bits = ({ tensors }: Stored) =>
  [...tensors].map(([name, { shape, data }]) => [name, shape, [...new Uint32Array(data.slice().buffer)]]);

function trained(seed: number, options: Partial<optim.AdamOptions> = {}) {
  nn.seed(seed);
  const model = new nn.Sequential(new nn.Linear(5, 9), new nn.Linear(9, 3));
  const optimizer = new optim.Adam(model.parameters(), { learningRate: 1e-2, ...options });
  const step = engine.train((x: Tensor) => optimizer.minimize(mean(square(model.forward(x)))));
  return { model, optimizer, step };
}

test('a checkpoint comes back bit for bit, moments and steps too', async () => {
  const one = trained(1);
  for (let i = 0; i < 5; i++) one.step(array([4, 5], uniform(i, 20)));
  const file = encodeSafetensors(await saveCheckpoint(engine, { ...one, progress: { at: 5 } }));
  const stored = decodeSafetensors(file, 'test');
  expect([...stored.tensors.keys()].slice(0, 4)).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
  expect(stored.tensors.get('0.weight')!.shape).toEqual([9, 5]);
  const two = trained(2);
  loadCheckpoint(engine, stored, 'test', two);
  expect(two.optimizer.steps).toBe(5);
  for (const { step } of [one, two]) step(array([4, 5], uniform(9, 20)));
  expect(bits(await saveCheckpoint(engine, two))).toEqual(bits(await saveCheckpoint(engine, one)));
});

test('a checkpoint is that of its call: steps that are called meanwhile are not in it', async () => {
  const one = trained(1);
  const carried = { first: new State([1]), second: new State([1]) };
  const ones = engine.train(() => {
    for (const state of Object.values(carried)) assign(state, add(state, 1));
  });
  const both = () => (ones(), one.step(array([4, 5], uniform(3, 20))));
  for (let i = 0; i < 3; i++) both();
  const wanted = bits(await saveCheckpoint(engine, { ...one, carried }));
  const asked = saveCheckpoint(engine, { ...one, carried });
  let saved: Stored | undefined;
  void asked.then((file) => (saved = file));
  // As the frames of a page do.
  for (let frame = 0; !saved || frame < 3; frame++) {
    both();
    await new Promise((resolve) => setTimeout(resolve));
  }
  expect(bits(saved)).toEqual(wanted);
  expect(JSON.parse(saved.metadata.optimizer)).toMatchObject({ steps: 3 });
  expect(one.optimizer.steps).toBeGreaterThan(5);
});

test('a checkpoint does not know that parameters which do not decay lie behind the others', async () => {
  const one = trained(1, { decays: ({ shape }) => shape.length > 1 });
  for (let i = 0; i < 3; i++) one.step(array([4, 5], uniform(i, 20)));
  const stored = await saveCheckpoint(engine, one);
  expect([...stored.tensors.keys()].slice(0, 4)).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
  const two = trained(2);
  loadCheckpoint(engine, stored, 'test', two);
  for (const { step } of [one, two]) step(array([4, 5], uniform(9, 20)));
  expect(bits(await saveCheckpoint(engine, two))).toEqual(bits(await saveCheckpoint(engine, one)));
});

test('a checkpoint of another model is refused before anything is written', async () => {
  const { model, optimizer } = trained(1);
  const stored = await saveCheckpoint(engine, { model, optimizer });
  const before = bits(stored);
  const other = new nn.Sequential(new nn.Linear(5, 8), new nn.Linear(8, 3));
  expect(() => loadCheckpoint(engine, stored, 'a.safetensors', { model: other })).toThrow(
    /a\.safetensors: 0\.weight is \[9, 5\] there, but \[8, 5\] in this model/,
  );
  const longer = new nn.Sequential(new nn.Linear(5, 9), new nn.Linear(9, 3), new nn.Linear(3, 3));
  expect(() => loadCheckpoint(engine, stored, 'a', { model: longer })).toThrow(
    /it has no 2\.weight \[3, 3\]/,
  );
  const shorter = new nn.Sequential(new nn.Linear(5, 9));
  expect(() => loadCheckpoint(engine, stored, 'a', { model: shorter })).toThrow(
    /it has 1\.weight, which this model has not/,
  );
  const { tensors } = stored;
  const sgd = new optim.SGD(new nn.Linear(1, 1).parameters(), { learningRate: 1 });
  expect(() =>
    loadCheckpoint(engine, { tensors, metadata: stored.metadata }, 'a', { model, optimizer: sgd }),
  ).toThrow(/saved with Adam, this run uses SGD/);
  expect(bits(await saveCheckpoint(engine, { model, optimizer }))).toEqual(before);
});

test('a tied parameter is saved under each of its names, as load_state_dict asks, and loaded from any of them', async () => {
  nn.seed(3);
  const settings = { model: 'rnn', embedding: 4, hidden: 4, levels: 1, tied: true } as const;
  const model = new nn.LanguageModel(7, settings);
  const { tensors, metadata } = await saveCheckpoint(engine, { model });
  expect([...tensors.keys()]).toEqual([
    ...['encoder.weight', 'decoder.bias', 'rnn.weight_ih_l0', 'rnn.weight_hh_l0', 'rnn.bias_ih_l0'],
    ...['rnn.bias_hh_l0', 'decoder.weight'],
  ]);
  const saved = tensors.get('encoder.weight')!;
  expect(tensors.get('decoder.weight')).toEqual(saved);

  const load = (leave: readonly string[], more: [string, typeof saved][] = []) => {
    const other = new nn.LanguageModel(7, settings);
    const kept = [...tensors].filter(([name]) => !leave.includes(name));
    loadCheckpoint(engine, { tensors: new Map([...kept, ...more]), metadata }, 'a', { model: other });
    return engine.read(other.encoder.weight);
  };
  for (const leave of [[], ['decoder.weight'], ['encoder.weight']])
    expect(await load(leave)).toEqual(saved.data);
  expect(() => load(['decoder.weight', 'encoder.weight'])).toThrow('it has no encoder.weight [7, 4]');
  const changed = { ...saved, data: saved.data.map((value, i) => (i === 3 ? value + 1 : value)) };
  expect(() => load([], [['decoder.weight', changed]])).toThrow(
    'a: encoder.weight and decoder.weight differ, which this model has as one parameter',
  );
  const untied = new nn.LanguageModel(7, { ...settings, tied: false });
  loadCheckpoint(engine, { tensors, metadata }, 'a', { model: untied });
  expect(await engine.read(untied.decoder.parameters()[0])).toEqual(saved.data);
});

const recipe: Recipe = {
  model: 'tcn',
  hidden: 6,
  levels: 2,
  kernelSize: 3,
  dropout: 0.2,
  optimizer: 'adam',
  learningRate: 1e-2,
  clipNorm: 1,
  steps: 12,
  evaluateEvery: 6,
  seed: 3,
};

for (const model of ['tcn', 'lstm'] as const) {
  test(`a resumed ${model} run ends with the same bits as an unbroken one`, async () => {
    const task = addingTask({ length: 12, batch: 4 });
    const settings = { ...recipe, model };
    const saves: { last: Stored; best: Stored }[] = [];
    const onSave = async (last: Stored, best: Stored | null) => {
      saves.push({ last, best: best ?? saves.at(-1)!.best });
    };
    const whole = await run({ engine, task, recipe: settings, onSave });
    expect(saves.length).toBe(2);
    const [half, end] = saves;
    const files = { last: encodeSafetensors(half.last), best: encodeSafetensors(half.best) };
    const resume = {
      last: decodeSafetensors(files.last, 'last'),
      best: decodeSafetensors(files.best, 'best'),
    };
    const again = await run({ engine, task, recipe: settings, onSave, resume });
    expect(bits(saves.at(-1)!.last)).toEqual(bits(end.last));
    expect(again.test).toEqual(whole.test);
    expect(again.state.losses.map(({ value }) => value)).toEqual(
      whole.state.losses.map(({ value }) => value),
    );
  });
}

describe("PyTorch's weights", () => {
  const bytes = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const answer = (model: nn.Module) =>
    engine
      .record((x: Tensor) => model.forward(x))(array(torch.shape, Float32Array.from(torch.x)))
      .read();
  const expectNear = (found: ArrayLike<number>, wanted: readonly number[]) => {
    expect(found).toHaveLength(wanted.length);
    for (let i = 0; i < wanted.length; i++) expect(found[i]).toBeCloseTo(wanted[i], 5);
  };

  class Lstm extends nn.Module {
    readonly lstm = new nn.LSTM(3, 4);
    readonly head = new nn.Linear(4, 2);

    override forward(x: Tensor): Tensor {
      return this.head.forward(this.lstm.forward(x));
    }
  }

  class Conv extends nn.Module {
    readonly conv = new WeightNormConv(3, 4, 2, 1);

    override forward(x: Tensor): Tensor {
      return this.conv.forward(x);
    }
  }

  test.each(['F32', 'F16', 'BF16'] as const)(
    'in %s, behind DataParallel: the model answers as there',
    async (type) => {
      const model = new Lstm();
      loadWeights(engine, bytes(torch.lstm[type].file), model);
      expectNear(await answer(model), torch.lstm[type].y);
    },
  );

  test.each(['old', 'new'] as const)('of weight norm under its %s names', async (names) => {
    const model = new Conv();
    loadWeights(engine, bytes(torch.conv[names]), model);
    expectNear(await answer(model), torch.conv.y);
  });

  test('of another model, or twice the same, are refused', () => {
    expect(() => loadWeights(engine, bytes(torch.conv.old), new Lstm(), 'conv.safetensors')).toThrow(
      /conv\.safetensors: it has no lstm\.|conv\.safetensors: it has conv\./,
    );
    const { tensors } = decodeSafetensors(bytes(torch.conv.old), 'x');
    const twice = new Map([...tensors, ['module.conv.bias', tensors.get('conv.bias')!]]);
    const file = encodeSafetensors({ tensors: twice, metadata: {} });
    expect(() => loadWeights(engine, file, new Conv())).toThrow(
      'and another are both conv.bias of this model',
    );
  });
});
