// Text as numbers: vocabularies, streams cut into segments, the anchors; on the published files too, where they are.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tailPlaces } from '../../src/data/clusters';
import { Vocabulary, bigramNats, makeCorpus, unigramNats, words } from '../../src/data/text';
import { TextStream, segmentsIn } from '../../src/data/textStream';
import { Random } from '../../src/random';
import { languageTask } from '../../src/tasks/text/languageModelling';
import { learningRateOf } from '../../src/train/learningRate';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { published } from '../harness/data';

const upTo = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);
const rows = ({ shape: [B, T], data }: { shape: readonly number[]; data: ArrayLike<number> }) =>
  Array.from({ length: B }, (_, b) => Array.from(data).slice(b * T, (b + 1) * T));

describe('vocabularies', () => {
  test('words of a line end with <eos>, empty lines too', () => {
    expect([...words(' a  b \n\n c\n')]).toEqual(['a', 'b', '<eos>', '<eos>', 'c', '<eos>']);
    expect([...words('a')]).toEqual(['a', '<eos>']);
    expect([...words('')]).toEqual([]);
    expect([...words('\ufeff a\u00a0b')]).toEqual(['\ufeff', 'a\u00a0b', '<eos>']);
  });

  test('the most frequent first, then by first occurrence', () => {
    const vocabulary = new Vocabulary('b a c a c <unk>'.split(' '));
    expect(vocabulary.tokens).toEqual(['a', 'c', 'b', '<unk>']);
    expect([...vocabulary.counts]).toEqual([2, 2, 1, 1]);
    expect([...vocabulary.encode(['c', 'never', 'b'])]).toEqual([1, 3, 2]);
  });

  test('a token that is not known, without <unk>', () => {
    expect(() => new Vocabulary('ab').encode('abx', "x's test split")).toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: text: x's test split has "x", which is not among the 2 known.
          token 2 of x's test split
          fix: replace it by <unk>, also somewhere in the training text.]
    `);
  });

  test('text comes back from its numbers', () => {
    const { train, vocabulary } = makeCorpus('tiny', 'character', TINY_TEXTS);
    expect(vocabulary.decode(train, 'character')).toBe(TINY_TEXTS.train);
    const word = makeCorpus('tiny', 'word', TINY_TEXTS);
    const [end, the] = word.vocabulary.encode(['<eos>', 'The']);
    expect(word.vocabulary.decode([end, the, end, end, the, end], 'word')).toBe('\nThe\n\nThe\n');
    expect(word.vocabulary.decode(word.test, 'word').split('\n')[1]).toBe(
      TINY_TEXTS.test.split('\n')[1].trim(),
    );
  });
});

describe('streams', () => {
  test('columns side by side, cut into segments, targets one later', () => {
    const stream = new TextStream({ tokens: upTo(19), batch: 2, bptt: 3 });
    expect(stream.count).toBe(3);
    const [first, second, third] = stream.all();
    expect(rows(first.ids)).toEqual([[0, 1, 2], [9, 10, 11]]); // oxfmt-ignore
    expect(rows(first.targets)).toEqual([[1, 2, 3], [10, 11, 12]]); // oxfmt-ignore
    expect(rows(second.ids)).toEqual([[3, 4, 5], [12, 13, 14]]); // oxfmt-ignore
    // The last token of a column is a target only; the 19th fits into no column.
    expect(rows(third.ids)).toEqual([[6, 7], [15, 16]]); // oxfmt-ignore
    expect(rows(third.targets)).toEqual([[7, 8], [16, 17]]); // oxfmt-ignore
    expect([first, second, third].map((segment) => segment.first)).toEqual([true, false, false]);
  });

  test('tokens before a segment again, as far as its column goes', () => {
    const plain = [...new TextStream({ tokens: upTo(19), batch: 2, bptt: 3 }).all()];
    const [first, second, third] = new TextStream({ tokens: upTo(19), batch: 2, bptt: 3, lead: 4 }).all();
    expect(rows(first.ids)).toEqual([[0, 1, 2], [9, 10, 11]]); // oxfmt-ignore
    expect(rows(second.ids)).toEqual([[0, 1, 2, 3, 4, 5], [9, 10, 11, 12, 13, 14]]); // oxfmt-ignore
    expect(rows(third.ids)).toEqual([[2, 3, 4, 5, 6, 7], [11, 12, 13, 14, 15, 16]]); // oxfmt-ignore
    expect([first, second, third].map(({ targets }) => targets)).toEqual(plain.map(({ targets }) => targets));
  });

  test('goes round, and goes on from where it was saved', () => {
    const make = () => new TextStream({ tokens: upTo(40), batch: 3, bptt: 5 });
    const [one, two] = [make(), make()];
    for (let i = 0; i < 7; i++) {
      two.restore(JSON.parse(JSON.stringify(one.save())));
      expect(two.next()).toEqual(one.next());
    }
    expect(() => two.restore({ taken: 4 })).toThrow('4 is no place among these 3 segments');
    expect(() => two.restore({ taken: 0.5 })).toThrow('no place');
  });

  test('a text that is too short for a segment', () => {
    expect(() => new TextStream({ tokens: upTo(71), batch: 2, bptt: 35, name: "tiny's training text" }))
      .toThrowErrorMatchingInlineSnapshot(`
      [SeqgpuError: text: tiny's training text has 71 tokens, too few for one segment.
          batch 2 · (bptt 35 + 1) = 72 are needed
          fix: take a longer text, or a batch of at most 1, or a smaller bptt.]
    `);
    expect(segmentsIn(71, 2, 35)).toBe(0);
    expect(segmentsIn(72, 2, 35)).toBe(1);
    expect(() => new TextStream({ tokens: upTo(9), batch: 0, bptt: 2 })).toThrow('batch is 0');
  });
});

test('the places of every tail, padded to an eighth of the targets', () => {
  const targets = Uint32Array.of(0, 5, 9, 1, 6, 2, 9, 4, 5);
  const [first, second, none] = tailPlaces(targets, [3, 7, 10, 12]);
  expect([...first.places.data]).toEqual([1, 4, 7, 8]);
  expect([...first.targets.data]).toEqual([2, 3, 1, 2]);
  expect([...second.places.data]).toEqual([2, 6]);
  expect([...second.targets.data]).toEqual([2, 2]);
  expect([none.places.data, none.targets.data].map((data) => [...data])).toEqual([
    [0, 0],
    [0xffffffff, 0xffffffff],
  ]);
});

describe('the task', () => {
  const corpus = makeCorpus('tiny', 'character', TINY_TEXTS);

  test('fewer tokens make fewer steps; anchors and measures in bits', () => {
    const task = languageTask({ corpus, batch: 4, bptt: 8, trainTokens: 404, evaluationTokens: 200 });
    expect(task.stepsPerEpoch).toBe(13);
    const targets = [...task.batches('test')].reduce((sum, batch) => sum + task.weightOf(batch), 0);
    expect(targets).toBe(10 * 19);
    expect(task.anchors.map(({ name }) => name)).toEqual(['unigram', 'bigram']);
    expect(task.anchors[1].value).toBeLessThan(task.anchors[0].value);
    expect(task.report!({ nats: Math.LN2 })).toEqual({
      'bits per character': 1,
      'nats per character': Math.LN2,
    });
  });

  test('a fresh source begins with a state of nothing, later segments carry it', () => {
    const source = languageTask({ corpus, batch: 4, bptt: 8 }).source(new Random(1));
    expect([source.next(), source.next()].map(([, , keep]) => [...keep.data])).toEqual([[0], [1]]);
  });

  test('a model that is none of its own is refused', () => {
    const task = languageTask({ corpus, batch: 4, bptt: 8 });
    const recipe = {
      model: 'mlp' as 'tcn',
      hidden: 4,
      levels: 1,
      optimizer: 'sgd',
      learningRate: 1,
    } as const;
    expect(() => task.program({ ...recipe, steps: 1, evaluateEvery: 1, seed: 1 })).toThrow(
      'no model called mlp',
    );
  });
});

test('a probability for every next token: unigram and bigram sum to one', () => {
  const vocabulary = new Vocabulary('abracadabra');
  const train = vocabulary.encode('abracadabra');
  const all = upTo(vocabulary.size);
  const sum = (nats: (id: number) => number) => all.reduce((total, id) => total + Math.exp(-nats(id)), 0);
  expect(sum((id) => unigramNats(vocabulary, Uint32Array.of(id)))).toBeCloseTo(1, 12);
  for (const before of all) {
    expect(sum((id) => bigramNats(vocabulary, train, Uint32Array.of(before, id)))).toBeCloseTo(1, 12);
  }
});

test('plateau divides by four after every validation without a new best', () => {
  const rate = learningRateOf({ learningRate: 20, schedule: 'plateau', steps: 9 });
  const after = (...values: number[]) =>
    rate(
      1,
      values.map((value, step) => ({ step, value })),
    );
  expect([after(), after(5), after(5, 4), after(5, 4, 4), after(5, 4, 4.5, 3, 3.5)]).toEqual([
    20, 20, 20, 5, 1.25,
  ]);
  const halves = learningRateOf({ learningRate: 1, schedule: 'plateau', plateauFactor: 0.5, steps: 9 });
  expect(
    halves(
      1,
      [5, 5, 6].map((value, step) => ({ step, value })),
    ),
  ).toBe(0.25);
});

const SPLITS = ['train', 'valid', 'test'].map((split) => `wikitext-2/${split}.txt`);
const paths = published('counts and anchors of WikiText-2', SPLITS);
test.skipIf(!paths)('WikiText-2 has the published counts and anchors', { timeout: 60_000 }, () => {
  const [first, second, third] = paths!.map((path) => readFileSync(path, 'utf8'));
  const texts = { train: first, valid: second, test: third };
  const { train, valid, test: held, vocabulary } = makeCorpus('WikiText-2', 'word', texts);
  expect([train, valid, held].map(({ length }) => length)).toEqual([2_088_628, 217_646, 245_569]);
  expect(vocabulary.size).toBe(33_278);
  expect(Math.exp(unigramNats(vocabulary, valid))).toBeCloseTo(965.09, 2);
  expect(Math.exp(unigramNats(vocabulary, held))).toBeCloseTo(911.71, 2);
});
