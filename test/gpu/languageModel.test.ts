// Language models against PyTorch, with the hidden state carried over, and as runs: resumed bit for bit, with the
// state of the middle of an epoch. An adaptive softmax against PyTorch's and against one.

import { expect, test } from 'vitest';
import {
  array,
  assign,
  concat,
  gradient,
  slice,
  nn,
  optim,
  Parameter,
  State,
  type Tensor,
} from '../../src/index';
import { tailPlaces } from '../../src/data/clusters';
import { makeCorpus } from '../../src/data/text';
import { toTorch } from '../../src/nn/layout';
import { ofOneSequence } from '../../src/tasks/task';
import { languageTask } from '../../src/tasks/text/languageModelling';
import { run, type Recipe } from '../../src/runs/run';
import { decodeSafetensors, encodeSafetensors, type Stored as File } from '../../src/train/safetensors';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { FAMILIES, openTestEngine, uniform } from '../harness/engine';
import { compare, loadGolden, near } from '../harness/golden';
import adaptive from '../golden/adaptiveSoftmax.json';
import wordLstm from '../golden/wordLstm.json';
import wordRnn from '../golden/wordRnn.json';

for (const family of FAMILIES) {
  for (const golden of [wordRnn, wordLstm]) {
    test(`${golden.model}: SGD, clipping, state carried over (${family})`, async () => {
      const engine = await openTestEngine({ family });
      const { words, embedding, hidden, tied, batch } = golden.config;
      const model = new nn.LanguageModel(words, {
        ...{ embedding, hidden, tied, levels: 1 },
        model: golden === wordRnn ? 'rnn' : 'lstm',
      });
      const { learningRate, clip } = golden.optimizer;
      const sgd = new optim.SGD(model.parameters(), { learningRate, clipNorm: clip });
      const state = () => new State([batch, hidden]);
      const before = model.zeroState(batch).map(({ c }) => ({ h: state(), c: c && state() }));
      await compare(engine, golden, model, sgd, (ids, targets) => {
        const { y, states } = model.unroll(ids, before);
        states.forEach(({ h, c }, l) => {
          assign(before[l].h, h);
          if (c) assign(before[l].c!, c);
        });
        return model.loss(y, targets);
      });
      engine.destroy();
    });
  }

  test(`an adaptive softmax has PyTorch's loss, gradients and probabilities (${family})`, async () => {
    const engine = await openTestEngine({ family, poison: true });
    const { inputs, words, cutoffs } = adaptive.config;
    const model = new nn.AdaptiveSoftmax(inputs, words, cutoffs);
    loadGolden(engine, adaptive, model);
    const named = [...model.namedParameters()];
    const measure = engine.record((...[h, targets, ...places]: Tensor[]) => {
      const loss = model.loss(h, targets, ...places);
      return [loss, model.logProbabilities(h), ...gradient(loss, [h, ...named.map(([, w]) => w)])];
    });
    const host = { h: Float32Array.from(adaptive.h.data), targets: Uint32Array.from(adaptive.targets.data) };
    const given = [array(adaptive.h.shape, host.h), array(adaptive.targets.shape, host.targets)];
    const tails = tailPlaces(host.targets, [...cutoffs, words]);
    // Once with logits at all places, once only where a tail has the target.
    for (const places of [[], tails.flatMap((tail) => [tail.places, tail.targets])]) {
      const readings = measure(...given, ...places);
      const [loss, log, dh, ...rest] = (await Promise.all(readings.map((r) => r.read()))) as Float32Array[];
      expect(loss[0]).toBeCloseTo(adaptive.losses[0], 5);
      near(log, adaptive.logProbabilities, 1e-5, 'log-probabilities');
      near(dh, adaptive.gradients.h, 1e-4, 'h');
      const gradients: Readonly<Record<string, typeof adaptive.h>> = adaptive.gradients;
      named.forEach(([name, w], i) => near(toTorch(w, rest[i]), gradients[name], 1e-4, name));
      const norm = Math.hypot(...rest.map((values) => Math.hypot(...values)));
      expect(norm / adaptive.gradientNorms[0]).toBeCloseTo(1, 4);
    }
    engine.destroy();
  });
}

const engine = await openTestEngine();

test('the probabilities of an adaptive softmax sum to one', async () => {
  const words = 97;
  const model = new nn.AdaptiveSoftmax(12, words, [10, 30, 60]);
  const measure = engine.record((h: Tensor) => model.logProbabilities(h));
  const rows = 5;
  const log = (await measure(
    array(
      [rows, 12],
      uniform(3, rows * 12).map((v) => 8 * v),
    ),
  ).read()) as Float32Array;
  for (let row = 0; row < rows; row++) {
    const own = log.slice(row * words, (row + 1) * words);
    expect(own.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5);
  }
});

test('targets that do not count are in no mean of an adaptive softmax', async () => {
  const NONE = 0xffffffff;
  const ends = [4, 9, 20];
  const model = new nn.AdaptiveSoftmax(6, 20, [4, 9]);
  const measure = engine.record((...[h, targets, ...places]: Tensor[]) => {
    const loss = model.loss(h, targets, ...places);
    return [loss, model.logProbabilities(h), gradient(loss, [h])[0]];
  });
  const h = uniform(3, 36);
  for (const targets of [
    [1, NONE, 5, NONE, 19, NONE],
    [NONE, 2, NONE, NONE, NONE, NONE],
    Array<number>(6).fill(NONE),
  ]) {
    const tails = tailPlaces(targets, ends).flatMap((tail) => [tail.places, tail.targets]);
    for (const places of [[], tails]) {
      const readings = measure(array([6, 6], h), array([6], Uint32Array.from(targets)), ...places);
      const [[loss], log, dh] = await Promise.all(readings.map((reading) => reading.read()));
      const nats = targets.flatMap((word, n) => (word === NONE ? [] : [-log[n * 20 + word]]));
      expect(loss).toBeCloseTo(nats.reduce((sum, one) => sum + one, 0) / (nats.length || 1), 5);
      targets.forEach((word, n) => {
        const slopes = [...dh.slice(n * 6, n * 6 + 6)];
        expect(slopes.every((slope) => slope === 0)).toBe(word === NONE);
      });
    }
  }
});

test('a clamped input is what the recurrent layer sees', async () => {
  const bound = 0.05;
  const model = new nn.LanguageModel(9, {
    model: 'rnn',
    embedding: 4,
    hidden: 4,
    levels: 1,
    inputBound: bound,
  });
  const other = new nn.LanguageModel(9, { model: 'rnn', embedding: 4, hidden: 4, levels: 1 });
  const [own, free] = [model, other].map((m) => m.namedParameters());
  const values = await Promise.all([...own.values()].map((w) => engine.read(w)));
  [...free.values()].forEach((w, i) => {
    const clamped =
      w === other.encoder.weight ? values[i].map((v) => Math.min(bound, Math.max(-bound, v))) : values[i];
    engine.write(w as Parameter, clamped as Float32Array);
  });
  const ids = array(
    [1, 9],
    Uint32Array.from({ length: 9 }, (_, i) => i),
  );
  const [found, wanted] = await Promise.all(
    [model, other].map((m) =>
      engine
        .record((x) => m.forward(x))(ids)
        .read(),
    ),
  );
  expect(found).toEqual(wanted);
});

test.each(['lstm', 'gru', 'rnn'] as const)(
  '%s: two parts of a sequence, the state carried, are the whole',
  async (model) => {
    const settings = { model, hidden: 5, levels: 2 };
    const [B, T, C] = [3, 8, 4];
    const sequence = new nn.SequenceModel(C, 2, settings);
    const language = new nn.LanguageModel(11, { ...settings, embedding: 4 });
    const inputs = [
      array([B, T, C], uniform(5, B * T * C)),
      array(
        [B, T],
        Uint32Array.from({ length: B * T }, (_, i) => (i * 7) % 11),
      ),
    ];
    for (const [i, tested] of [sequence, language].entries()) {
      const compared = engine.record((x: Tensor) => {
        const first = tested.unroll(slice(x, 1, 0, 3), tested.zeroState(B));
        const second = tested.unroll(slice(x, 1, 3), first.states);
        const parts = concat([first.y, second.y], 1);
        return [tested.forward(x), tested === language ? language.decoder.forward(parts) : parts];
      });
      const [whole, parts] = await Promise.all(compared(inputs[i]).map((reading) => reading.read()));
      expect(Math.max(...whole.map((value, at) => Math.abs(value - parts[at])))).toBeLessThan(1e-6);
    }
  },
);

test('a tcn has no state to carry', () => {
  const tcn = new nn.SequenceModel(2, 2, { model: 'tcn', hidden: 3, levels: 1 });
  expect(() => tcn.zeroState(1)).toThrow('a tcn carries no state from step to step');
});

test('settings that cannot be', () => {
  const settings = { model: 'rnn', embedding: 4, hidden: 5, levels: 1 } as const;
  const make = (change: object) => () => new nn.LanguageModel(20, { ...settings, ...change });
  expect(make({ tied: true })).toThrow('embedding 4 and hidden 5 cannot be tied');
  expect(make({ tied: true, embedding: 5, cutoffs: [3] })).toThrow('no table to tie');
  expect(make({ inputBound: 0 })).toThrow('inputBound is 0');
  expect(make({ cutoffs: [5, 5] })).toThrow(/the cutoffs 5, 5 do not cut 20 words[^]*rising integers/);
  expect(make({ model: 'tcn' })).toThrow('model is "tcn"');
});

const recipe: Recipe = {
  ...{ model: 'lstm', hidden: 6, embedding: 6, levels: 2, dropout: 0.2, tied: true },
  ...{ optimizer: 'sgd', learningRate: 4, schedule: 'plateau', clipNorm: 0.5 },
  ...{ steps: 10, evaluateEvery: 5, seed: 3 },
};
const corpus = makeCorpus('tiny', 'word', TINY_TEXTS);

const bits = ({ tensors }: File) =>
  [...tensors].map(([name, { shape, data }]) => [name, shape, [...new Uint32Array(data.slice().buffer)]]);

test('a run resumed in the middle of an epoch ends with the same bits, its state carried on', async () => {
  const task = languageTask({ corpus, batch: 9, bptt: 5 });
  expect(task.stepsPerEpoch).toBe(7);
  const saves: { last: File; best: File }[] = [];
  const onSave = async (last: File, best: File | null) => {
    saves.push({ last, best: best ?? saves.at(-1)!.best });
  };
  const whole = await run({ engine, task, recipe, onSave });
  const [half, end] = saves.map(({ last, best }) => ({
    last: decodeSafetensors(encodeSafetensors(last), 'last'),
    best: decodeSafetensors(encodeSafetensors(best), 'best'),
  }));
  expect(Math.max(...half.last.tensors.get('carried.c_l1')!.data.map(Math.abs))).toBeGreaterThan(0);
  const again = await run({ engine, task, recipe, onSave, resume: half });
  expect(bits(saves.at(-1)!.last)).toEqual(bits(end.last));
  expect(again.test).toEqual(whole.test);
  const { perplexity, ...nats } = whole.test;
  expect(perplexity).toBeCloseTo(Math.exp(nats['nats per word']), 9);
});

test('a state that is not carried changes the losses after the first segment, and is not saved', async () => {
  const task = languageTask({ corpus, batch: 4, bptt: 5 });
  const lossesOf = async (carry: boolean) => {
    let stored: File | undefined;
    const onSave = async (last: File) => void (stored = last);
    const { state } = await run({ engine, task, recipe: { ...recipe, dropout: 0, steps: 3, carry }, onSave });
    return { losses: state.losses.map(({ value }) => value), names: [...stored!.tensors.keys()] };
  };
  const [carried, cut] = [await lossesOf(true), await lossesOf(false)];
  expect(cut.losses[0]).toBe(carried.losses[0]);
  expect(cut.losses[1]).not.toBe(carried.losses[1]);
  const isCarried = (name: string) => name.startsWith('carried.');
  expect(carried.names.filter(isCarried)).toEqual(
    ['h_l0', 'c_l0', 'h_l1', 'c_l1'].map((s) => `carried.${s}`),
  );
  expect(cut.names.filter(isCarried)).toEqual([]);
});

test('validation carries its state, starts from nothing, and leaves the training state alone', async () => {
  const task = languageTask({ corpus, batch: 4, bptt: 5 });
  const { model: trained, measures } = task.program(recipe);
  const model = ofOneSequence(trained);
  const measure = engine.record((...batch: Tensor[]) => measures(...batch).nats);
  const passes: number[][] = [[], []];
  for (const pass of passes) {
    for (const batch of task.batches('valid')) pass.push(await measure(...batch).item());
  }
  expect(passes[1]).toEqual(passes[0]);
  const cold = engine.record((ids: Tensor, targets: Tensor) => {
    const { y } = model.unroll(ids, model.zeroState(ids.shape[0]));
    return (model as nn.LanguageModel).loss(y, targets);
  });
  const alone: number[] = [];
  for (const [ids, targets] of task.batches('valid')) alone.push(await cold(ids, targets).item());
  expect(alone[0]).toBeCloseTo(passes[0][0], 6);
  expect(alone.slice(1)).not.toEqual(passes[0].slice(1));
  engine.destroy();
});
