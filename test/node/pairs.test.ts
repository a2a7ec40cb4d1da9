// Pairs of sentences without a GPU: files as pairs, splits, vocabularies, shapes and batches.

import { describe, expect, test } from 'vitest';
import {
  batchesIn,
  countedTargets,
  groupsOf,
  pairBatch,
  PairEpochs,
  Pairs,
  rowsOf,
  shapeCounts,
} from '../../src/data/translation/batches';
import { learnCoder, readCoder } from '../../src/data/translation/coder';
import { readCorpus, type CorpusOptions } from '../../src/data/translation/corpus';
import { keepCorpus, keptCorpus } from '../../src/data/translation/keep';
import { filePairs, tabPairs } from '../../src/data/translation/pairs';
import { SentenceWriter } from '../../src/data/translation/sentences';
import {
  shapeOf,
  shapesFor,
  shapesWith,
  type PairLengths,
  type PairShape,
} from '../../src/data/translation/shapes';
import { END, FIRST, PAD, UNKNOWN } from '../../src/data/translation/symbols';
import { bytesAsSource, type ByteSource } from '../../src/data/byteSource';
import { Random } from '../../src/random';
import { fileOf } from '../fixtures/ownFiles';

const again = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

/** A file that comes in pieces of three bytes. */
const inPieces = (name: string, text: string): ByteSource => {
  const bytes = new TextEncoder().encode(text);
  return {
    ...bytesAsSource(name, bytes),
    *chunks() {
      for (let at = 0; at < bytes.length; at += 3) yield bytes.slice(at, at + 3);
    },
  };
};

describe('files', () => {
  test('with tabs: the first two columns, white space made one space', () => {
    const text = 'Go.\tVa\u202f!\tCC-BY\r\n Run  now! \tCours\u00a0!\nWait.\tAttends…';
    for (const file of [fileOf('a.txt', text), inPieces('a.txt', text)]) {
      expect(tabPairs(file).pairs).toEqual([
        { source: 'Go.', target: 'Va !' },
        { source: 'Run now!', target: 'Cours !' },
        { source: 'Wait.', target: 'Attends…' },
      ]);
    }
    expect(tabPairs(fileOf('a.txt', text), { reversed: true }).pairs[0]).toEqual({
      source: 'Va !',
      target: 'Go.',
    });
  });

  test('a line without a tab is refused with its number; an empty side is left out, with its line', () => {
    expect(() => tabPairs(fileOf('a.txt', 'a\tb\n\nlonely line\n'))).toThrow(
      /line 3 of a\.txt has no tab\.[^]*"lonely line"[^]*--source and --target/,
    );
    const { pairs, empty } = tabPairs(fileOf('a.txt', 'a\tb\n\n\tx\ny\t  \nc\td\n'));
    expect(pairs).toHaveLength(2);
    expect(empty).toEqual([2, 3, 4]);
  });

  test('two by line; other numbers of lines are refused with the first line that has no other side', () => {
    const of = (source: string, target: string) => filePairs(fileOf('a.de', source), fileOf('a.en', target));
    expect(of('eins\nzwei\n', 'one\ntwo').pairs).toEqual([
      { source: 'eins', target: 'one' },
      { source: 'zwei', target: 'two' },
    ]);
    expect(of('eins\n\ndrei\n', 'one\ntwo\nthree\n').empty).toEqual([2]);
    expect(() => of('a\nb\nc\nd\n', 'x\ny\n')).toThrow(
      /a\.de has 4 lines, a\.en has 2\.[^]*line 3 of a\.de has no other side: "c"/,
    );
    expect(() => of('a\n', 'x\ny\nz\n')).toThrow(
      /a\.en has 3 lines, a\.de has 1\.[^]*line 2 of a\.en has no other side: "y"/,
    );
  });

  test('what is no UTF-8 is refused with its byte', () => {
    expect(() => tabPairs(bytesAsSource('a.txt', Uint8Array.of(97, 9, 0xff, 10)))).toThrow(
      /a\.txt[^]*byte 2/,
    );
  });
});

/** Sentences of a little language, each with its words the other way round. */
const numbers = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, i) => {
    const words = String(i + from)
      .split('')
      .map((digit) => 'abcdefghij'[Number(digit)].repeat(2));
    return `${words.join(' ')}\t${words.reverse().join(' ')}\n`;
  }).join('');

describe('a corpus', () => {
  const options: CorpusOptions = { unit: 'word', validPart: 0.1, testPart: 0.2 };
  const read = (text: string, given = options) =>
    readCorpus('numbers', { train: { tabs: fileOf('n.txt', text) } }, given);

  test('is split by source sentence, whatever a source has of translations, and says so', () => {
    const corpus = read(numbers(50) + numbers(50).replaceAll('\t', '\tzz '));
    expect([corpus.valid.texts.length, corpus.test.texts.length]).toEqual([10, 20]);
    expect(corpus.train.pairs.count).toBe(70);
    const sources = (split: 'valid' | 'test') => new Set(corpus[split].texts.map(({ source }) => source));
    const [valid, test] = [sources('valid'), sources('test')];
    expect([valid.size, test.size]).toEqual([5, 10]);
    for (const source of valid) expect(test.has(source)).toBe(false);
    const trained = new Set(
      Array.from({ length: 70 }, (_, i) => corpus.coder.decode(corpus.train.pairs.sources.at(i))),
    );
    for (const source of [...valid, ...test]) expect(trained.has(source)).toBe(false);
    expect(corpus.notes).toEqual([
      'validation and test drawn by source sentence with --split-seed 1: 70, 10 and 20 pairs train, validate and test',
    ]);
    const other = read(numbers(50), { ...options, splitSeed: 2 });
    expect(other.test.texts).not.toEqual(read(numbers(50)).test.texts);
  });

  test('leaves out long training pairs and empty sides, and counts them', () => {
    const { train, notes } = read(`${numbers(200)}\tx\n${'y '.repeat(9)}\ty\n`, { ...options, longest: 2 });
    expect(notes.slice(0, 2)).toEqual([
      '1 lines (201) of n.txt have an empty side and are left out',
      '101 of 201 pairs have a side of more than 2 words and are left out',
    ]);
    expect(Math.max(...train.pairs.sources.at(0), train.pairs.source(5))).toBeGreaterThan(0);
    expect(train.pairs.count).toBe(70);
    expect(() => read(numbers(30), { ...options, longest: 0.5 })).toThrow(
      /no pairs are left to train on\.[^]*30 were read[^]*--longest/,
    );
    expect(() => read('\t\n')).toThrow(/no pairs are left[^]*0 were read[^]*1 lines \(1\)/);
    expect(() => read(numbers(2))).toThrow(/too few different source sentences for three splits: 2\./);
  });

  test('takes files for validation and test; with files for one of them the other is drawn', () => {
    const pair = (of: string) => ({ source: fileOf('x', of), target: fileOf('y', of.toUpperCase()) });
    const train = { tabs: fileOf('n.txt', numbers(100)) };
    const all = readCorpus('n', { train, valid: pair('aa bb\n'), test: pair('cc\ndd\n') }, options);
    expect([all.train.pairs.count, all.valid.pairs.count, all.test.pairs.count]).toEqual([100, 1, 2]);
    expect(all.notes).toEqual([]);
    expect([...all.valid.pairs.targets.at(0)]).toEqual([UNKNOWN, UNKNOWN]);
    const some = readCorpus('n', { train, test: pair('cc\n') }, options);
    expect([some.train.pairs.count, some.valid.pairs.count, some.test.pairs.count]).toEqual([90, 10, 1]);
    expect(some.notes[0]).toMatch(/^validation drawn by source sentence/);
    expect(() => readCorpus('n', { train, valid: pair('\n'), test: pair('a\n') }, options)).toThrow(
      'no pairs are there to validate on',
    );
  });

  test('has shapes that hold every pair, of all splits', () => {
    const long = 'aa '.repeat(40);
    const pair = { source: fileOf('x', `${long}\n`), target: fileOf('y', 'bb\n') };
    const corpus = readCorpus(
      'n',
      { train: { tabs: fileOf('n.txt', numbers(300)) }, valid: pair, test: pair },
      options,
    );
    expect(corpus.shapes.at(-1)).toEqual({ source: 44, target: 4 });
  });

  test('other pairs are read in the vocabulary of a run, and what is longer than all that it has seen is left out', () => {
    const corpus = read(numbers(100));
    const known = keptCorpus(again(keepCorpus(corpus)), 'data.json');
    const long = `${'aa '.repeat(9)}\tbb\n`;
    const other = read(`${numbers(60)}new words\tof these\n${long}`, { ...options, known, splitSeed: 3 });
    expect(other.coder).toBe(known.coder);
    expect(keepCorpus(other)).toEqual(keepCorpus(corpus));
    expect(other.notes.at(-1)).toMatch(/^1 (train|valid|test) pairs are longer than 3 and 3 symbols/);
    expect(read(numbers(100), { ...options, known }).shapes).toEqual(corpus.shapes);
  });

  test('what a run keeps codes as the corpus did, without its pairs', () => {
    for (const unit of ['word', 'bpe', 'character'] as const) {
      const corpus = read(numbers(100), { ...options, unit, merges: 20 });
      const alone = keptCorpus(again(keepCorpus(corpus)), 'data.json');
      expect(alone.coder.size).toBe(corpus.coder.size);
      expect(alone.coder.encode('aa bb  ee')).toEqual(corpus.coder.encode('aa bb  ee'));
      expect(alone.shapes).toEqual([corpus.shapes.at(-1)]);
      expect([alone.name, alone.train.pairs.count]).toEqual(['numbers', 0]);
    }
    expect(() => keptCorpus({ name: 'x' }, 'd.json')).toThrow('d.json holds no vocabulary of translation');
    const bare = { name: 'x', tokeniser: { unit: 'word', tokens: ['a'] }, longest: { source: 4, target: 4 } };
    expect(() => keptCorpus(bare, 'd.json')).toThrow('d.json: its words have no <unk>');
  });
});

describe('a vocabulary', () => {
  const SENTENCES = ['the low lower lowest', 'the newer newest wider', 'the low new wide', "it's 3.5 %!"];

  test('of words: the frequent ones, others are <unk>, and sentences come back', () => {
    const coder = learnCoder(SENTENCES, { unit: 'word', atLeast: 2 });
    expect(coder.size).toBe(FIRST + 2);
    expect(coder.encode('the low highest')).toEqual([FIRST, FIRST + 1, UNKNOWN]);
    expect(coder.decode([FIRST, UNKNOWN, FIRST + 1, END, PAD])).toBe('the <unk> low');
    expect(learnCoder(SENTENCES, { unit: 'word', atLeast: 1, vocabulary: 3 }).size).toBe(FIRST + 3);
    expect([FIRST, UNKNOWN, PAD, END].map((one) => coder.written(one))).toEqual(['␣the', '<unk>', '', '↵']);
  });

  test('of subwords: joint, any text has them, and comes back as it was', () => {
    const coder = learnCoder(SENTENCES, { unit: 'bpe', merges: 30 });
    expect(coder.size).toBeLessThanOrEqual(FIRST + 256 + 30);
    for (const sentence of [...SENTENCES, 'Œuvre d’Été, 你好 😀', ' x']) {
      const ids = coder.encode(sentence);
      expect(Math.min(...ids)).toBeGreaterThanOrEqual(FIRST);
      expect(coder.decode(ids)).toBe(sentence.trim());
    }
    // The first word is what it is elsewhere.
    expect(coder.encode('the')).toEqual(coder.encode('low the').slice(coder.encode('low').length));
  });

  test('of characters: one that was never seen is <unk>', () => {
    const coder = learnCoder(['aab', 'b'], { unit: 'character' });
    expect(coder.size).toBe(FIRST + 2);
    expect(coder.encode('abc')).toEqual([FIRST, FIRST + 1, UNKNOWN]);
    expect(coder.decode([FIRST, UNKNOWN, FIRST + 1])).toBe('a<unk>b');
  });

  test('that was damaged is refused', () => {
    expect(() => readCoder({ unit: 'word', tokens: ['a', '<unk>'] }, 'd.json')).toThrow(
      'first word is not <unk>',
    );
    expect(() => readCoder({ unit: 'bpe', merges: [[300, 1]] }, 'd.json')).toThrow('d.json: merge 0');
  });
});

const lengthsOf = (list: readonly (readonly [number, number])[]): PairLengths => ({
  count: list.length,
  source: (i) => list[i][0],
  target: (i) => list[i][1],
});

/** Lengths as sentences have them: most are short, and sides go together. */
function sentenceLengths(count: number): (readonly [number, number])[] {
  const random = new Random(3);
  return Array.from({ length: count }, () => {
    const source = 2 + Math.floor(30 * random.uniform() ** 2);
    return [source, Math.max(1, source + random.integer(7) - 3)] as const;
  });
}

describe('shapes', () => {
  test('are at most eight, nested, of multiples of four; each pair has the smallest that holds it', () => {
    const list = sentenceLengths(2000);
    const shapes = shapesFor(lengthsOf(list));
    expect(shapes.length).toBeGreaterThan(4);
    expect(shapes.length).toBeLessThanOrEqual(8);
    const fits = (a: PairShape | undefined, source: number, target: number) =>
      a !== undefined && a.source >= source && a.target >= target;
    shapes.forEach(({ source, target }, i) => {
      expect([source % 4, target % 4]).toEqual([0, 0]);
      expect(fits(shapes[Math.min(i + 1, shapes.length - 1)], source, target)).toBe(true);
    });
    for (const [source, target] of list) {
      const at = shapeOf(shapes, source, target);
      expect([fits(shapes[at - 1], source, target), fits(shapes[at], source, target)]).toEqual([false, true]);
    }
  });

  test('pad less than one shape, and no more than shapes at equal parts', () => {
    const lengths = lengthsOf(sentenceLengths(2000));
    const padded = (most: number) => {
      const shapes = shapesFor(lengths, most);
      let sum = 0;
      for (let i = 0; i < lengths.count; i++) {
        const { source, target } = shapes[shapeOf(shapes, lengths.source(i), lengths.target(i))];
        sum += source + target;
      }
      return sum;
    };
    const sums = [1, 2, 4, 8].map(padded);
    expect(sums[1]).toBeLessThan(0.8 * sums[0]);
    expect(sums[2]).toBeLessThan(sums[1]);
    expect(sums[3]).toBeLessThan(sums[2]);
    expect(shapesFor(lengthsOf([]))).toEqual([]);
    expect(shapesFor(lengthsOf([[3, 5]]))).toEqual([{ source: 4, target: 8 }]);
  });

  test('one more holds what is longer, and a pair that none holds is refused', () => {
    const shapes = [{ source: 4, target: 8 }];
    expect(shapesWith(shapes, lengthsOf([[4, 8]]))).toEqual(shapes);
    expect(shapesWith(shapes, lengthsOf([[9, 2]]))).toEqual([...shapes, { source: 12, target: 8 }]);
    expect(() => shapeOf(shapes, 5, 1)).toThrow('a pair of 5 and 1 symbols is longer than 4 and 8');
  });
});

describe('batches', () => {
  const pairsOf = (list: readonly (readonly [number[], number[]])[]): Pairs => {
    const [sources, targets] = [new SentenceWriter(100), new SentenceWriter(100)];
    for (const [source, target] of list) {
      sources.put(source);
      targets.put(target);
    }
    return new Pairs(sources.sentences(), targets.sentences());
  };

  test('hold END behind the source, before the inputs and behind the targets; padding does not count', () => {
    const pairs = pairsOf([
      [
        [5, 6],
        [7, 8, 9],
      ],
      [[5], [7]],
    ]);
    const [source, lengths, inputs, targets] = pairBatch(pairs, [1, 0], { source: 4, target: 4 }, 3);
    expect([source.shape, lengths.shape, targets.shape]).toEqual([[3, 4], [3], [3, 4]]);
    expect([...source.data]).toEqual([5, END, PAD, PAD, 5, 6, END, PAD, END, PAD, PAD, PAD]);
    expect([...lengths.data]).toEqual([2, 3, 1]);
    expect([...inputs.data]).toEqual([END, 7, PAD, PAD, END, 7, 8, 9, END, PAD, PAD, PAD]);
    expect([...targets.data]).toEqual([7, END, PAD, PAD, 7, 8, 9, END, PAD, PAD, PAD, PAD]);
    expect(countedTargets([source, lengths, inputs, targets])).toBe(6);
  });

  const list = sentenceLengths(203);
  const pairs = pairsOf(list.map(([s, t]) => [Array(s - 1).fill(FIRST), Array(t - 1).fill(FIRST)]));
  const shapes = shapesFor(pairs);

  test.each([
    [{ batch: 16 }, 16 * 80],
    [{ batch: 16, batchTokens: 400 }, 400],
  ])('of %o have every pair once an epoch', (size, most) => {
    const groups = groupsOf(pairs, shapes, size, new Random(1));
    expect(groups.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(list.map((_, i) => i));
    expect(groups).toHaveLength(batchesIn(shapeCounts(pairs, shapes), size));
    for (const shape of shapes) {
      const own = groups.filter((group) => group.shape === shape);
      const [{ batch }] = own;
      expect(batch).toBeLessThanOrEqual(rowsOf(shape, size));
      expect(batch * (shape.source + shape.target)).toBeLessThanOrEqual(most);
      expect(own.every((group) => group.batch === batch && group.rows.length <= batch)).toBe(true);
      // Less than a row a batch is empty.
      const empty = own.reduce((sum, { rows }) => sum + batch - rows.length, 0);
      expect(empty).toBeLessThan(own.length);
    }
  });

  test('of few pairs have no more rows than pairs', () => {
    const few = groupsOf(pairsOf([[[FIRST], [FIRST]]]), [{ source: 8, target: 8 }], { batch: 64 });
    expect(few).toEqual([{ rows: [0], shape: { source: 8, target: 8 }, batch: 1 }]);
  });

  test('one at the least, of a pair that is longer than all tokens', () => {
    expect(rowsOf({ source: 40, target: 40 }, { batch: 9, batchTokens: 50 })).toBe(1);
    expect(rowsOf({ source: 40, target: 40 }, { batch: 9, batchTokens: 0 })).toBe(9);
  });

  test('come in another order every epoch, the same with the same seed, and go on where they were saved', () => {
    const size = { batch: 16 };
    const count = batchesIn(shapeCounts(pairs, shapes), size);
    const make = () => new PairEpochs(pairs, shapes, size, new Random(7));
    const take = (source: PairEpochs, n: number) =>
      Array.from({ length: n }, () => source.next().map(({ data }) => [...data].join()));
    const source = make();
    const all = take(source, 3 * count);
    expect(all.slice(0, count)).not.toEqual(all.slice(count, 2 * count));
    expect(take(make(), 2 * count)).toEqual(all.slice(0, 2 * count));
    for (const at of [0, 3, count, count + 5]) {
      const before = make();
      take(before, at);
      const saved = again(before.save());
      const after = make();
      after.restore(saved as never);
      expect(take(after, count)).toEqual(all.slice(at, at + count));
    }
    expect(() => make().restore({ random: new Random(7).save(), taken: count + 1 })).toThrow(
      'is no place among',
    );
  });
});
