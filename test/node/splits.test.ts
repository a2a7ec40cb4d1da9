// What every task trains on, validates on and tests on, by data whose splits can be told apart; and what it reports
// without a model: anchors, priors, weights.

import { describe, expect, test } from 'vitest';
import { SILENCE } from '../../src/data/muLaw';
import { PIXELS, VALIDATION_IMAGES, permutation, type Images } from '../../src/data/mnist';
import type { Music, Piece } from '../../src/data/music';
import type { Recording, Speaker, SpokenDigits } from '../../src/data/spokenDigits';
import { makeCorpus } from '../../src/data/text';
import { makeTask } from '../../src/runs/outcome';
import { makeSettings } from '../../src/runs/settings';
import type { HostArray } from '../../src/graph/host';
import type { Parameter } from '../../src/graph/state';
import { Random } from '../../src/random';
import { addingTask } from '../../src/tasks/adding/addingTask';
import { copyTask } from '../../src/tasks/copy/copyTask';
import { languageTask, leadOf } from '../../src/tasks/text/languageModelling';
import { mnistTask } from '../../src/tasks/mnist/mnistTask';
import { musicTask } from '../../src/tasks/music/musicTask';
import type { Recipe } from '../../src/runs/run';
import { digitsTask } from '../../src/tasks/digits/digitsTask';
import type { Split, Task } from '../../src/tasks/task';

const recipe: Recipe = {
  ...{ model: 'tcn', hidden: 4, levels: 1, kernelSize: 2, optimizer: 'sgd', learningRate: 1 },
  ...{ steps: 1, evaluateEvery: 1, seed: 1 },
} as const;

const trained = (task: Task, batches: number, seed = 1): (readonly HostArray[])[] => {
  const source = task.source(new Random(seed));
  return Array.from({ length: batches }, () => source.next());
};
const evaluated = (task: Task, split: Split) => [...task.batches(split)];
const data = (batches: readonly (readonly HostArray[])[], array: number) =>
  batches.flatMap((batch) => [...batch[array].data]);
const start = (parameter: Parameter) =>
  parameter.initial === 'zeros' ? [] : [...parameter.initial(parameter.size)];
/** Where the bias of the last layer starts. */
const headOf = (task: Task, given: Partial<Recipe> = {}) => {
  const all = [...task.program({ ...recipe, ...given }).model.namedParameters()];
  return start(all.find(([name]) => /(^|\.)linear\.bias$/.test(name))![1]);
};

describe('drawn tasks', () => {
  const tasks: [string, Task][] = [
    ['copy memory', copyTask({ length: 5, batch: 2 })],
    ['adding', addingTask({ length: 6, batch: 2 })],
  ];

  test.each(tasks)(
    '%s: sixteen batches for validation, sixteen others for the test, always the same',
    (_, task) => {
      const [valid, tested] = [evaluated(task, 'valid'), evaluated(task, 'test')];
      expect([valid.length, tested.length]).toEqual([16, 16]);
      expect(evaluated(task, 'valid')).toEqual(valid);
      expect(evaluated(task, 'test')).toEqual(tested);
      const texts = [...valid, ...tested, ...trained(task, 16)].map((batch) => JSON.stringify(batch));
      expect(new Set(texts).size).toBe(48);
      expect(task.weightOf(valid[0])).toBe(1);
    },
  );

  test.each(tasks)(
    '%s: the seed decides the order of training, and a place in it can be saved',
    (_, task) => {
      expect(trained(task, 3)).toEqual(trained(task, 3));
      expect(trained(task, 3, 2)).not.toEqual(trained(task, 3));
      const source = task.source(new Random(1));
      source.next();
      const saved = source.save() as never;
      const other = task.source(new Random(9));
      other.restore(saved);
      expect(other.next()).toEqual(source.next());
    },
  );

  test('copy memory starts at the frequencies of its targets, adding at the mean of a sum', () => {
    const logits = headOf(copyTask({ length: 80, batch: 2 }));
    // 90 of 100 are blank, ten are digits; the marker is never asked for.
    expect(Math.exp(logits[0])).toBeCloseTo(0.9, 6);
    for (const digit of [1, 2, 3, 4, 5, 6, 7, 8]) expect(Math.exp(logits[digit])).toBeCloseTo(0.1 / 8, 6);
    expect(Math.exp(logits[9])).toBeCloseTo(0.1 / 64, 6);
    expect(headOf(addingTask({ length: 6, batch: 2 }))).toEqual([1]);
  });

  test('anchors', () => {
    expect(copyTask({ length: 1000, batch: 2 }).anchors[0].value).toBeCloseTo(0.0203866, 6);
    expect(addingTask({ length: 6, batch: 2 }).anchors[0].value).toBeCloseTo(0.1666667, 6);
  });
});

describe('music', () => {
  /** Splits have keys of their own: 1 is trained on, 2 validated on, 3 tested on; all have key 0. */
  const piece = (key: number, steps: number): Piece =>
    Array.from({ length: steps }, (_, t) => (t % 2 ? [0, key] : [0]));
  const music: Music = {
    ...{ name: 'Tiny', keys: 88 },
    train: [piece(1, 5), piece(1, 9), piece(1, 3)],
    valid: [piece(2, 5), piece(2, 20)],
    test: [piece(3, 5)],
  };
  const task = musicTask({ music, batch: 2 });
  const keysIn = (batches: readonly (readonly HostArray[])[]) => {
    const found = new Set<number>();
    data(batches, 0).forEach((on, at) => on && found.add(at % 88));
    return [...found].sort();
  };

  test('every split is its own', () => {
    expect(keysIn(trained(task, 4))).toEqual([0, 1]);
    expect(keysIn(evaluated(task, 'valid'))).toEqual([0, 2]);
    expect(keysIn(evaluated(task, 'test'))).toEqual([0, 3]);
    expect(task.stepsPerEpoch).toBe(2);
  });

  test('a batch weighs as many steps as it predicts', () => {
    const weigh = (split: Split) => evaluated(task, split).map((batch) => task.weightOf(batch));
    expect(weigh('valid')).toEqual([19 + 4]);
    expect(weigh('test')).toEqual([4]);
  });

  test('the head starts at the log-odds of every key in training', () => {
    const logits = headOf(task);
    // 14 steps are predicted; key 1 sounds in 7 of them (2 of 4, 4 of 8, 1 of 2), key 0 always, the others never.
    expect(logits[1]).toBeCloseTo(0, 6);
    expect(logits[0]).toBeCloseTo(Math.log((1 - 3e-4) / 3e-4), 3);
    expect(logits[3]).toBeCloseTo(Math.log(3e-4 / (1 - 3e-4)), 3);
  });

  test('what sounds in the first step alone is never asked for, and counts for nothing', () => {
    const early: Music = { ...music, train: [[[5], [1], []]] };
    const logits = headOf(musicTask({ music: early, batch: 1 }));
    expect(logits[5]).toBeCloseTo(Math.log(3e-4 / (1 - 3e-4)), 3);
    expect(logits[1]).toBeCloseTo(0, 6);
  });

  test('anchors are of the test split, from the training split', () => {
    // Of marginals: key 3 was never seen in 14 steps and sounds in 2 of 4, key 1 in 7 of 14 and does not sound.
    const [half, seen, never] = [Math.log(2), -Math.log(14.5 / 15), -Math.log(0.5 / 15)];
    const marginals = half + seen + (2 * never + 2 * seen) / 4 + 85 * seen;
    expect(task.anchors[0]).toEqual({ name: 'marginals', value: expect.closeTo(marginals, 9) });
    const self = musicTask({ music: { ...music, test: music.train }, batch: 2 }).anchors;
    expect(self.map(({ name }) => name)).toEqual(['marginals', 'Markov']);
    // Key 1 alternates: what was before says it, how often does not.
    expect(self[1].value).toBeLessThan(self[0].value);
    expect(task.anchors[1].value).not.toBeCloseTo(self[1].value, 3);
  });
});

describe('text', () => {
  const texts = { train: 'abab'.repeat(50), valid: 'aacc'.repeat(40), test: 'aadd'.repeat(30) };
  const corpus = makeCorpus('Letters', 'character', { ...texts, train: `${texts.train}ccd` });
  const [a, b, c, d] = corpus.vocabulary.encode('abcd');
  const options = { corpus, batch: 4, bptt: 8 };
  const task = languageTask(options);
  const ids = (batches: readonly (readonly HostArray[])[]) => [...new Set(data(batches, 0))].sort();

  test('every split is its own', () => {
    expect(ids(trained(task, 5))).toEqual([a, b].sort());
    expect(ids(evaluated(task, 'valid'))).toEqual([a, c].sort());
    expect(ids(evaluated(task, 'test'))).toEqual([a, d].sort());
    const windows = (split: Split) => [...task.windows(split, { k: 3, longest: 3, places: 20 })];
    expect(ids(windows('valid'))).toEqual([a, c].sort());
    expect(ids(windows('test'))).toEqual([a, d].sort());
  });

  test('budgets shorten what they are for', () => {
    const short = languageTask({ ...options, trainTokens: 100, evaluationTokens: 110 });
    expect(short.stepsPerEpoch).toBe(3);
    expect(task.stepsPerEpoch).toBe(7);
    const count = (one: Task, split: Split) =>
      evaluated(one, split).reduce((sum, batch) => sum + one.weightOf(batch), 0);
    expect([count(task, 'valid'), count(short, 'valid')]).toEqual([10 * 15, 10 * 10]);
    expect([count(task, 'test'), count(short, 'test')]).toEqual([10 * 11, 10 * 10]);
  });

  test('tokens before a segment are shown again: in training, and in validation and test, each as asked', () => {
    const long = (batches: readonly (readonly HostArray[])[]) =>
      batches.map(([x, y]) => x.shape[1] - y.shape[1]);
    const led = languageTask({ ...options, bptt: 4, lead: 3, trainLead: 2 });
    expect(long(evaluated(led, 'valid'))).toEqual([0, 3, 3, 3]);
    expect(long(evaluated(led, 'test'))).toEqual([0, 3, 3]);
    expect(long(trained(led, 3))).toEqual([0, 2, 2]);
    expect(long(evaluated(languageTask({ ...options, bptt: 4 }), 'valid'))).toEqual([0, 0, 0, 0]);
  });

  test('the command line passes both leads on', () => {
    const settings = makeSettings('wikitext2-chars', 'tcn', {
      steps: 1,
      lead: 2,
      bptt: 4,
      batch: 4,
      levels: 1,
      kernelSize: 3,
    });
    expect(leadOf(settings)).toBe(4);
    const made = makeTask(settings, corpus);
    const long = (batches: readonly (readonly HostArray[])[]) =>
      batches.map(([x, y]) => x.shape[1] - y.shape[1]);
    expect(long(trained(made, 3))).toEqual([0, 2, 2]);
    expect(long(evaluated(made, 'valid'))).toEqual([0, 4, 4, 4]);
  });

  test('anchors are of the test split, from the training split', () => {
    const share = (id: number) => corpus.vocabulary.counts[id] / 203;
    const unigram = -(Math.log2(share(a)) + Math.log2(share(d))) / 2;
    expect(task.anchors[0].value).toBeCloseTo(unigram, 9);
    expect(task.anchors[1].value).toBeGreaterThan(2);
    const words = languageTask({ ...options, corpus: { ...corpus, unit: 'word' } });
    expect(words.anchors).toEqual([{ name: 'unigram', value: expect.closeTo(2 ** unigram, 6) }]);
    const short = languageTask({ ...options, evaluationTokens: 112 });
    // a and d come in pairs: 112 of 120 tokens are the same.
    expect(short.anchors[0].value).toBeCloseTo(unigram, 9);
  });

  test('words are reported as perplexity, characters in bits', () => {
    const words = languageTask({ ...options, corpus: { ...corpus, unit: 'word' } });
    expect([task.metric, words.metric]).toEqual(['bits per character', 'perplexity']);
    expect(words.report!({ nats: Math.log(50) })).toEqual({
      perplexity: expect.closeTo(50, 9),
      'nats per word': Math.log(50),
    });
  });

  test('an adaptive softmax is told which targets its tails have', () => {
    const [batch] = trained(languageTask({ ...options, cutoffs: [1, 2] }), 1);
    // Two tails, places and targets of each, behind ids, targets and what is kept.
    expect(batch).toHaveLength(7);
    expect(trained(languageTask({ ...options, cutoffs: [0] }), 1)[0]).toHaveLength(3);
    expect(trained(task, 1)[0]).toHaveLength(3);
  });

  test('what a run carries on is saved by name, and only where it carries anything', () => {
    const carried = (given: Partial<Recipe>) =>
      Object.entries(task.program({ ...recipe, embedding: 3, ...given }).carried ?? {}).map(
        ([name, { shape }]) => [name, shape],
      );
    expect(carried({ model: 'rnn', levels: 2 })).toEqual([
      ['h_l0', [4, 4]],
      ['h_l1', [4, 4]],
    ]);
    expect(carried({ model: 'lstm' })).toEqual([
      ['h_l0', [4, 4]],
      ['c_l0', [4, 4]],
    ]);
    expect(carried({ model: 'lstm', carry: false })).toEqual([]);
    expect(carried({ model: 'tcn' })).toEqual([]);
  });
});

describe('images', () => {
  /** Every pixel of an image says which it is; digits are those of the numbers. */
  const images = (count: number, first: number): Images => ({
    pixels: Uint8Array.from(
      { length: count * PIXELS },
      (_, i) => first + (Math.floor(i / PIXELS) < count - VALIDATION_IMAGES || first ? 0 : 100),
    ),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
  });
  const mnist = { train: images(VALIDATION_IMAGES + 20, 0), test: images(30, 200) };
  const shade = (batches: readonly (readonly HostArray[])[]) => [
    ...new Set(batches.map(([x]) => Math.round((x.data[0] * 0.3081 + 0.1307) * 255))),
  ];

  test('every split is its own', () => {
    const task = mnistTask({ mnist, batch: 5, evaluationImages: 60 });
    expect(shade(trained(task, 8))).toEqual([0]);
    expect(shade(evaluated(task, 'valid'))).toEqual([100]);
    expect(shade(evaluated(task, 'test'))).toEqual([200]);
    expect(evaluated(task, 'valid').map((batch) => task.weightOf(batch))).toEqual([50, 10]);
    expect(evaluated(task, 'test').map((batch) => task.weightOf(batch))).toEqual([30]);
    expect(task.stepsPerEpoch).toBe(4);
  });

  const rising = {
    pixels: Uint8Array.from({ length: 30 * PIXELS }, (_, i) => (i % PIXELS) % 256),
    labels: mnist.test.labels,
  };
  const first = (task: Task) =>
    [...evaluated(task, 'test')[0][0].data].map((v) => Math.abs(Math.round((v * 0.3081 + 0.1307) * 255)));

  test('pixels come in their order, or permuted, also by the command line', () => {
    const straight = { train: mnist.train, test: rising };
    const inOrder = Array.from({ length: PIXELS }, (_, t) => t % 256);
    const mixed = Array.from(permutation(), (pixel) => pixel % 256);
    expect(first(mnistTask({ mnist: straight, batch: 5 })).slice(0, PIXELS)).toEqual(inOrder);
    expect(first(mnistTask({ mnist: straight, batch: 5, permuted: true })).slice(0, PIXELS)).toEqual(mixed);
    for (const [name, wanted, title] of [
      ['mnist', inOrder, 'Sequential MNIST'],
      ['mnist-permuted', mixed, 'Permuted MNIST'],
    ] as const) {
      const task = makeTask(makeSettings(name, 'lstm', { steps: 1, batch: 5 }), straight);
      expect(first(task).slice(0, PIXELS)).toEqual(wanted);
      expect(task.name).toBe(title);
    }
    const train = {
      ...mnist,
      train: { pixels: mnist.train.pixels.map((_, i) => (i % PIXELS) % 256), labels: mnist.train.labels },
    };
    const pixels = trained(mnistTask({ mnist: train, batch: 5, permuted: true }), 1)[0][0].data;
    expect(Math.round((pixels[1] * 0.3081 + 0.1307) * 255)).toBe(permutation()[1] % 256);
  });

  test('the anchor is the digit that is most often trained on, as an answer to the test', () => {
    const skewed = {
      train: { ...mnist.train, labels: mnist.train.labels.map((_, i) => (i < 12 ? 3 : 4)) },
      test: mnist.test,
    };
    // 12 of the first 20 are a 3, all of the validation a 4; 3 of 30 in the test are a 3.
    expect(mnistTask({ mnist: skewed, batch: 5 }).anchors).toEqual([{ name: 'always 3', value: 0.9 }]);
  });

  test('an epoch has every image once, in an order of its own; whole batches alone; a place can be saved', () => {
    const task = mnistTask({ mnist, batch: 5 });
    const source = task.source(new Random(4));
    const labels = (batch: readonly HostArray[]) => [...batch[1].data];
    const epochs = [0, 1].map(() => [1, 2, 3, 4].flatMap(() => labels(source.next())));
    for (const epoch of epochs) {
      expect([...epoch].sort()).toEqual(Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)));
    }
    expect(epochs[1]).not.toEqual(epochs[0]);
    const again = task.source(new Random(4));
    for (let i = 0; i < 6; i++) again.next();
    const other = task.source(new Random(9));
    other.restore(again.save() as never);
    expect([other.next(), other.next()].flatMap(labels)).toEqual(epochs[1].slice(10));
    // 18 images leave three of an epoch over.
    const few = mnistTask({ mnist, batch: 5, trainImages: 18 });
    expect(few.stepsPerEpoch).toBe(3);
    expect(() => mnistTask({ mnist, batch: 20 })).not.toThrow();
    expect(() => mnistTask({ mnist, batch: 21 })).toThrow(
      /a batch of 21 does not fit into 20 training images[^]*a smaller batch/,
    );
  });

  test('images are measured in order, and no batch is empty', () => {
    const task = mnistTask({ mnist, batch: 5, evaluationImages: 100 });
    const batches = evaluated(task, 'valid');
    expect(batches.map(([x]) => x.shape)).toEqual([
      [50, PIXELS, 1],
      [50, PIXELS, 1],
    ]);
    const labels = mnist.train.labels.subarray(20, 120);
    expect(data(batches, 1)).toEqual([...labels]);
  });

  test('what is measured is told as an error', () => {
    expect(mnistTask({ mnist, batch: 5 }).report!({ accuracy: 0.9, 'cross-entropy': 2 })).toEqual({
      ...{ error: expect.closeTo(0.1, 9), accuracy: 0.9, 'cross-entropy': 2 },
    });
  });
});

describe('spoken digits', () => {
  /** Splits have codes of their own: 10 is trained on, 20 validated on, 30 tested on; george has one more. */
  const say = (speaker: Speaker, digit: number, code: number, length: number): Recording => ({
    ...{ speaker, digit },
    codes: new Uint8Array(length).fill(code + (speaker === 'george' ? 1 : 0)),
  });
  const both = (digit: number, code: number, length: number) =>
    (['jackson', 'george'] as const).map((speaker) => say(speaker, digit, code, length));
  const digits: SpokenDigits = {
    train: [...both(1, 10, 40), ...both(2, 10, 60)],
    valid: both(3, 20, 50),
    test: both(4, 30, 3000),
  };
  const options = { digits, batch: 3, length: 16 };
  const task = digitsTask(options);
  const targets = (batches: readonly (readonly HostArray[])[]) =>
    [...new Set(data(batches, 1))].filter((code) => code !== 0xffffffff).sort();

  test('every split is its own, and every speaker', () => {
    expect(targets(trained(task, 20))).toEqual([10, 11]);
    expect(targets(evaluated(task, 'valid'))).toEqual([20, 21]);
    expect(targets(evaluated(task, 'test'))).toEqual([30, 31]);
    const george = digitsTask({ ...options, speaker: 'george' });
    expect(targets(trained(george, 5))).toEqual([11]);
    expect(targets(evaluated(george, 'test'))).toEqual([31]);
    expect(george.name).toBe('Spoken digits, george');
    expect([task.stepsPerEpoch, george.stepsPerEpoch]).toEqual([5, 3]);
  });

  test('whole recordings, padded, from silence on; only their samples count', () => {
    const [batch] = evaluated(task, 'test');
    expect(batch[0].shape).toEqual([5, 4096]);
    expect(batch[0].data[0]).toBe(SILENCE);
    expect(task.weightOf(batch)).toBe(3000);
    expect(evaluated(task, 'valid').map((one) => task.weightOf(one))).toEqual([50, 50]);
    // Who speaks, and which digit.
    expect([batch[2].data[0], batch[3].data[0]]).toEqual([0, 4]);
    expect([...batch[4].data]).toEqual([1, 0]);
    expect(evaluated(task, 'test')[1][4].data[1]).toBe(1);
  });

  test('or pieces, as many of every speaker, always the same', () => {
    const pieces = digitsTask({ ...options, evaluationPieces: 8 });
    const batches = evaluated(pieces, 'valid');
    expect(batches.map(([x]) => x.shape)).toEqual([
      [4, 16],
      [4, 16],
    ]);
    expect(evaluated(pieces, 'valid')).toEqual(batches);
    expect(targets(evaluated(pieces, 'test'))).toEqual([30, 31]);
    const made = makeTask(
      makeSettings('digits', 'wavenet', {
        steps: 1,
        batch: 3,
        length: 16,
        evaluationPieces: 8,
        speaker: 'jackson',
      }),
      digits,
    );
    expect(evaluated(made, 'valid').map(([x]) => x.shape)).toEqual([[8, 16]]);
  });

  test('the head starts at the frequencies of the codes that are trained on', () => {
    const logits = headOf(task, { model: 'rnn' });
    expect(Math.exp(logits[10])).toBeCloseTo(0.5, 6);
    expect(Math.exp(logits[11])).toBeCloseTo(0.5, 6);
    expect(Math.exp(logits[20])).toBeCloseTo(1 / 200, 6);
    expect(
      Math.exp(headOf(digitsTask({ ...options, speaker: 'jackson' }), { model: 'rnn' })[10]),
    ).toBeCloseTo(1, 6);
  });

  test('anchors are of the test split, from all recordings before it, of each speaker', () => {
    // Codes 10 and 20 were seen, 30 never: 0.01 of 150 + 0.01 · 256.
    const never = -Math.log(0.01 / (150 + 2.56));
    expect(task.anchors).toEqual([
      { name: 'unigram, jackson', value: expect.closeTo(never, 9) },
      { name: 'Markov, jackson', value: expect.closeTo(Math.log(256), 9) },
      { name: 'unigram, george', value: expect.closeTo(never, 9) },
      { name: 'Markov, george', value: expect.closeTo(Math.log(256), 9) },
    ]);
    const known = { ...digits, test: both(4, 20, 30) };
    const [unigram, markov] = digitsTask({ ...options, digits: known }).anchors;
    expect(unigram.value).toBeCloseTo(-Math.log(50.01 / 152.56), 9);
    expect(markov.value).toBeCloseTo(-Math.log(49.01 / 51.56), 9);
  });

  test('every speaker is reported by the mean over its own', () => {
    const means = { nats: 4, jackson: 1.5, 'of jackson': 0.5, george: 2.5, 'of george': 0.5 };
    expect(task.report!(means)).toEqual({
      ...{ 'nats per sample': 4, 'bits per sample': expect.closeTo(4 / Math.LN2, 9) },
      ...{ 'nats per sample, jackson': 3, 'nats per sample, george': 5 },
    });
    expect(Object.keys(digitsTask({ ...options, speaker: 'george' }).report!(means))).toEqual([
      'nats per sample',
      'bits per sample',
    ]);
  });
});
