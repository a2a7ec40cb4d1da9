// Sequences of one's own with their classes, without a GPU: what files hold, how it is split and given, and what is
// reached without a network.

import { describe, expect, test } from 'vitest';
import { labelledBatches, labelledEpochs, stepsOfBatch } from '../../src/data/labelled/batches';
import { keepLabelled, keptLabelled, makeCorpus, type LabelledCorpus } from '../../src/data/labelled/corpus';
import type { FoundSequences, Steps } from '../../src/data/labelled/sequence';
import { bytesAsSource } from '../../src/data/byteSource';
import { encodeWav } from '../../src/data/wav';
import { NONE } from '../../src/graph/none';
import { Random } from '../../src/random';
import { readData } from '../../src/runs/readData.node';
import { anchorsOf } from '../../src/tasks/classification/anchors';
import { classification } from '../../src/tasks/classification/index';
import { readLabelled, sequencesIn, type ClassificationReading } from '../../src/tasks/classification/read';
import { fileOf } from '../fixtures/ownFiles';
import { messageOf } from '../harness/message';

const table = (text: string, settings: ClassificationReading = {}, name = 'a.csv') =>
  sequencesIn([fileOf(name, text)], settings);
const shown = ({ sequences }: FoundSequences) =>
  sequences.map(({ label, content }) => [label, typeof content === 'string' ? content : [...content.values]]);

describe('a table whose rows are sequences', () => {
  test('of texts: the column that is no numbers, beside the one called class', () => {
    const found = table('id,text,class\n1,"What a day, really!",good\n2,Rain,bad\n');
    expect(found).toMatchObject({ material: 'text', names: ['text'], inFiles: false, notes: [] });
    expect(shown(found)).toEqual([
      ['good', 'What a day, really!'],
      ['bad', 'Rain'],
    ]);
    const named = table('a\tb\tc\nx\ty\tz\nu\tv\tw\n', { classColumn: 'c', textColumn: '1' }, 'a.tsv');
    expect(shown(named)).toEqual([
      ['z', 'x'],
      ['w', 'u'],
    ]);
  });

  test('a first row whose class is that of others is a sequence, and no names', () => {
    const lines = 'spam\twin a prize\nham\tsee you\nspam\tbuy now\n';
    expect(
      shown(table(lines, { classColumn: '1' }))
        .map(([label]) => label)
        .sort(),
    ).toEqual(['ham', 'spam', 'spam']);
    expect(shown(table(lines, { classColumn: '1', header: true }))).toHaveLength(2);
    expect(shown(table(`label\ttext\n${lines}`))).toHaveLength(3);
  });

  test('without classes, where a model says them: the first row names the column of its texts, or is a text', () => {
    const known = readLabelled(
      [
        fileOf(
          'a.csv',
          rows(30, () => 'x y'),
        ),
      ],
      {},
    );
    const texts = (text: string) => {
      const found = sequencesIn([fileOf('b.csv', text)], {}, { known, unlabelled: true });
      return found.sequences.map(({ content }) => content).sort();
    };
    expect(texts('text\nx\ny\n')).toEqual(['x', 'y']);
    expect(texts('z\nx\ny\n')).toEqual(['x', 'y', 'z']);
    // What stands in the column of classes is not looked at.
    expect(texts('text,class\nx,\ny,unheard of\n')).toEqual(['x', 'y']);
    const steps = Array.from({ length: 8 }, (_, i) => `${i},${'uv'[i % 2]},${i}\n`).join('');
    const stepwise = readLabelled([fileOf('a.csv', `id,class,x\n${steps}`)], { sequenceColumn: 'id' });
    const others = sequencesIn(
      [fileOf('b.csv', 'id,x,class\n7,1,\n7,2,w\n')],
      { sequenceColumn: 'id' },
      {
        known: stepwise,
        unlabelled: true,
      },
    );
    expect(shown(others)).toEqual([[undefined, [1, 2]]]);
  });

  test('of numbers from left to right, as in the UCR archive: missing ones at the end make it shorter', () => {
    const found = table('-1\t0.5\t1.5\t2\n1\t3\tNaN\tNaN\n', { classColumn: '1' }, 'a.tsv');
    expect(found).toMatchObject({ material: 'numbers', names: ['value'] });
    expect(shown(found)).toEqual([
      ['-1', [0.5, 1.5, 2]],
      ['1', [3]],
    ]);
    expect(messageOf(() => table('1\t2\tNaN\t3\n', { classColumn: '1' }, 'a.tsv'))).toMatch(
      /line 1 of a\.tsv: "NaN" is no number\.\n +column "column 3"/,
    );
    expect(messageOf(() => table('1\t2\t3\n1\tNaN\t?\n', { classColumn: '1' }, 'a.tsv'))).toContain(
      'line 2 of a.tsv: it has no numbers',
    );
    expect(messageOf(() => table('class,a,b\nx,1,1e30\n'))).toContain('"1e30" is no number');
    const left = table('name,class,a,b\nann,x,1,2\nbob,y,3,4\n');
    expect(left.notes).toEqual(['no numbers, and left out: name']);
    expect(shown(table('class;a;b\nx;1,5;2\n', { decimal: 'comma' }))).toEqual([['x', [1.5, 2]]]);
  });

  test('names of rows are neither texts nor numbers of a sequence', () => {
    const told = ['names of rows, and left out: the first column, which has no name'];
    const texts = table(',text,class\na,Rain,bad\nb,Sun,good\n');
    expect(texts).toMatchObject({ material: 'text', names: ['text'], notes: told });
    const numbers = table('"class" "a" "b"\n"1" "x" 1.5 2\n"2" "y" 3 4\n');
    expect(numbers).toMatchObject({ material: 'numbers', notes: told });
    expect(shown(numbers)).toEqual([
      ['x', [1.5, 2]],
      ['y', [3, 4]],
    ]);
    const asked = table(',class,a\n7,x,1\n8,y,2\n', { columns: ['1', 'a'] });
    expect([shown(asked)[0], asked.notes]).toEqual([['x', [7, 1]], []]);
    const text = table(',class\nRain,bad\nSun,good\n', { textColumn: '1' });
    expect([shown(text)[0], text.notes]).toEqual([['bad', 'Rain'], []]);
    expect(table(',a,b\nx,1,2\ny,3,4\n', { classColumn: '1' }).notes).toEqual([]);
  });

  test('what is not clear is asked for', () => {
    expect(messageOf(() => table('a,b\nx,y\nz,w\n'))).toMatch(
      /which column of a\.csv holds the classes is not clear\.\n +its columns are a, b\n +fix: give --class-column/,
    );
    expect(messageOf(() => table('class,label,text\nx,y,z\nz,w,v\n'))).toContain('is not clear');
    expect(messageOf(() => table('class,a,b\nx,y,z\nz,w,v\n'))).toContain('give --text-column');
    expect(messageOf(() => table('class,text\nx,y\n,v\n'))).toContain('line 3 of a.csv has no class');
    expect(messageOf(() => table('class,text\nx,y\nz,v\n', { textColumn: 'class' }))).toContain(
      'are one column',
    );
    expect(messageOf(() => table('class,text\nx,y\nz,v\n', { textColumn: 'words' }))).toMatch(
      /no column "words"\.\n +its columns are class, text/,
    );
  });
});

describe('a table whose rows are steps', () => {
  const STEPS = 'id,class,x,y,place\nr,run,1,2,a\nw,walk,5,6,a\nr,run,3,4,a\n';

  test('names of rows are no numbers of a step', () => {
    const found = table(`,id,class,x\n0,r,run,1\n1,r,run,2\n`, { sequenceColumn: 'id' });
    expect(found).toMatchObject({ names: ['x'], notes: [expect.stringContaining('names of rows')] });
    expect(shown(found)).toEqual([['run', [1, 2]]]);
    expect(table(`,class,x\n7,run,1\n7,run,2\n`, { sequenceColumn: '1' }).notes).toEqual([]);
  });

  test('those of one sequence are together, in the order of the file', () => {
    const found = table(STEPS, { sequenceColumn: 'id' });
    expect(found).toMatchObject({
      material: 'numbers',
      names: ['x', 'y'],
      notes: ['no numbers, and left out: place'],
    });
    expect(shown(found)).toEqual([
      ['run', [1, 2, 3, 4]],
      ['walk', [5, 6]],
    ]);
    expect(shown(table(STEPS, { sequenceColumn: 'id', columns: ['y'] }))[0]).toEqual(['run', [2, 4]]);
    // Classes may be numbers, and stand in the middle.
    const numbers = table('id,x,activity,y\n1,5,0,6\n2,7,1,8\n', {
      sequenceColumn: 'id',
      classColumn: 'activity',
    });
    expect(shown(numbers)).toEqual([
      ['0', [5, 6]],
      ['1', [7, 8]],
    ]);
  });

  test('a sequence is of one class', () => {
    expect(messageOf(() => table(STEPS.replace('r,run,3', 'r,walk,3'), { sequenceColumn: 'id' }))).toMatch(
      /id r of a\.csv is of several classes\.\n +run, walk/,
    );
  });
});

describe('files in folders called as the classes', () => {
  test('texts, and tables with the same columns', () => {
    const texts = sequencesIn([fileOf('neg/1.txt', 'bad\n'), fileOf('pos/1.txt', 'good')], {});
    expect(texts).toMatchObject({ material: 'text', inFiles: true });
    expect(shown(texts)).toEqual([
      ['neg', 'bad\n'],
      ['pos', 'good'],
    ]);
    const tables = sequencesIn(
      [fileOf('run/1.csv', 'x,y\n1,2\n3,4\n'), fileOf('walk/1.csv', 'y,x\n6,5\n')],
      {},
    );
    expect(tables.names).toEqual(['x', 'y']);
    expect(shown(tables)).toEqual([
      ['run', [1, 2, 3, 4]],
      ['walk', [5, 6]],
    ]);
    expect(
      messageOf(() => sequencesIn([fileOf('a/1.csv', 'x\n1\n'), fileOf('b/1.csv', 'z\n1\n')], {})),
    ).toContain('b/1.csv has no column "x"');
  });

  test('recordings of any rate as spectra, a frame every 10 ms', () => {
    const wav = (name: string, rate: number) =>
      bytesAsSource(
        name,
        encodeWav({ rate, samples: Float32Array.from({ length: rate / 2 }, (_, t) => Math.sin(t)) }),
      );
    const found = sequencesIn([wav('a/1.wav', 8000), wav('b/1.wav', 16_000)], {});
    expect(found).toMatchObject({ material: 'sound', inFiles: true });
    expect(found.notes).toEqual(['1 files are converted from 16000 to 8000 samples per second']);
    expect(found.names).toHaveLength(40);
    expect(found.sequences.map(({ content }) => (content as Steps).values.length)).toEqual([
      51 * 40,
      51 * 40,
    ]);
  });

  test('what is in no folder, and what is mixed, is refused', () => {
    expect(messageOf(() => sequencesIn([fileOf('1.txt', 'x'), fileOf('b/1.txt', 'y')], {}))).toContain(
      '1.txt lies in no folder, whose name would be its class',
    );
    expect(messageOf(() => sequencesIn([fileOf('a/1.txt', 'x'), fileOf('b/1.csv', 'y')], {}))).toContain(
      'not of one kind',
    );
    expect(messageOf(() => sequencesIn([fileOf('a/1.txt', 'x'), fileOf('b/1.md', 'y')], {}))).toMatch(
      /b\/1\.md among/,
    );
  });
});

/** So many rows of classes by turns. */
const rows = (count: number, row: (i: number) => string) =>
  `text,class\n${Array.from({ length: count }, (_, i) => `${row(i)},${'abc'[i % 3]}\n`).join('')}`;
const read = (text: string, settings: ClassificationReading = {}, known?: LabelledCorpus) =>
  readLabelled([fileOf('a.csv', text)], settings, undefined, known);

describe('a corpus', () => {
  const corpus = read(
    rows(60, (i) => 'word '.repeat(1 + (i % 7))),
    { unit: 'word' },
  );

  test('every class is in every split, and every sequence in one', () => {
    expect([corpus.train.length, corpus.valid.length, corpus.test.length]).toEqual([48, 6, 6]);
    for (const split of [corpus.train, corpus.valid, corpus.test]) {
      expect(new Set(split.map(({ label }) => label))).toEqual(new Set([0, 1, 2]));
    }
    expect(corpus.classes).toEqual(['a', 'b', 'c']);
  });

  test('a file that tests leaves the rest to training and validation; classes that nothing is trained on are refused', () => {
    const train = fileOf(
      'a.csv',
      rows(30, () => 'x y'),
    );
    const two = readLabelled(
      [train],
      {},
      fileOf(
        't.csv',
        rows(9, () => 'x'),
      ),
    );
    expect([two.train.length, two.valid.length, two.test.length]).toEqual([27, 3, 9]);
    expect(messageOf(() => readLabelled([train], {}, fileOf('t.csv', 'text,class\nx,d\ny,a\n')))).toMatch(
      /line 2 of t\.csv is of class "d", which nothing is trained on\.\n +the classes are a, b, c/,
    );
    expect(messageOf(() => readLabelled([train], { testPart: 0.1 }, train))).toContain(
      '--test-part and --test-file',
    );
    expect(messageOf(() => read('text,class\nx y,a\ny z,a\n'))).toContain(
      'all sequences are of one class, "a"',
    );
    expect(messageOf(() => read(rows(4, () => 'x')))).toContain('too few sequences in class "a"');
    expect(messageOf(() => read(rows(30, (i) => (i === 5 ? ' ' : 'x'))))).toContain(
      'line 7 of a.csv is empty',
    );
  });

  test('numbers have mean 0 and deviation 1 over what is trained on; longer ones are cut, and that is said', () => {
    const series = (i: number) => `${i},${10 * i},${i % 2}`;
    const text = `a,b,c,class\n${Array.from({ length: 40 }, (_, i) => `${series(i)},${i % 2 ? 'u' : 'v'}\n`).join('')}`;
    const numbers = read(text);
    const all = numbers.train.flatMap(({ values }) => [...values]);
    const mean = all.reduce((a, b) => a + b) / all.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(all.reduce((a, b) => a + b * b, 0) / all.length).toBeCloseTo(1, 5);
    const steps = Array.from({ length: 40 }, (_, i) => `${i},${'uv'[i % 2]},${1000 * i},${i % 3}\n`).join('');
    const wide = read(`id,class,x,y\n${steps}`, { sequenceColumn: 'id' });
    for (const c of [0, 1]) {
      const column = wide.train.map(({ values }) => values[c]);
      expect(column.reduce((a, b) => a + b) / column.length).toBeCloseTo(0, 5);
      expect(column.reduce((a, b) => a + b * b, 0) / column.length).toBeCloseTo(1, 5);
    }
    const cut = read(text, { longest: 2 });
    expect(cut.notes).toEqual(['40 of 40 sequences are longer than 2 steps: their first are kept']);
    expect(cut.train[0]).toMatchObject({ length: 2 });
    // Of data that are whole each is in all splits, and counted once.
    expect(read(text, { longest: 2, whole: true }).notes).toEqual(cut.notes);
    const tiny = `a,b,class\n${'2e-12,-2e-12,u\n-2e-12,2e-12,v\n'.repeat(10)}`;
    const far = () => readLabelled([fileOf('a.csv', tiny)], {}, fileOf('t.csv', 'a,b,class\n0,1e9,u\n'));
    expect(messageOf(far)).toMatch(
      /line 2 of t\.csv has 1000000000, too far off\.\n +step 2, value: in training mean 0, deviation \S+e-12\n/,
    );
  });

  test('what a run keeps gives the same symbols and numbers, without the sequences', () => {
    const again = keptLabelled(JSON.parse(JSON.stringify(keepLabelled(corpus))), 'data.json');
    expect(again).toMatchObject({ classes: ['a', 'b', 'c'], train: [], lengths: [corpus.lengths.at(-1)] });
    const other = rows(6, () => 'word word');
    expect(read(other, { whole: true }, again).test).toEqual(read(other, { whole: true }, corpus).test);
    expect(messageOf(() => read('text,class\nword,d\n', { whole: true }, again))).toContain(
      'is of class "d", which the model does not know',
    );
    expect(messageOf(() => read('a,b,class\n1,2,a\n', { whole: true }, again))).toContain(
      'a.csv has numbers, and the model was trained on text',
    );
    // It may have no positions for what is longer than all that it has seen.
    const long = read(
      rows(3, () => 'word '.repeat(50)),
      { whole: true },
      again,
    );
    expect(long.test[0].length).toBe(8);
    for (const broken of [
      {},
      { name: 'x', classes: ['a'] },
      { name: 'x', classes: ['a', 'b'], longest: 0 },
    ]) {
      expect(messageOf(() => keptLabelled(broken, 'd.json'))).toContain('d.json holds no classes');
    }
    const form = { material: 'numbers', names: ['x'], normalisation: [{ mean: 0, deviation: 0 }] };
    expect(
      messageOf(() => keptLabelled({ name: 'x', classes: ['a', 'b'], longest: 4, form }, 'd.json')),
    ).toContain('d.json holds no sequences');
  });

  test('a batch holds sequences of similar length, where each ends, and its class', () => {
    const { form, lengths, train } = corpus;
    expect(lengths).toEqual([4, 8]);
    const seen: number[] = [];
    for (const { arrays, rows: own } of labelledBatches({ sequences: train, form, lengths, batch: 9 })) {
      const [x, last, labels] = arrays;
      const [B, T] = x.shape;
      expect(B).toBeLessThanOrEqual(9);
      own.forEach((row, b) => {
        const { length, label, values } = train[row];
        expect(length).toBeLessThanOrEqual(T);
        expect(last.data[b]).toBe(b * T + length - 1);
        expect(labels.data[b]).toBe(label);
        expect([...x.data.subarray(b * T, (b + 1) * T)]).toEqual([...values, ...Array(T - length).fill(0)]);
      });
      expect([...labels.data.subarray(own.length)].every((label) => label === NONE)).toBe(true);
      expect(stepsOfBatch(arrays)).toBe(own.reduce((sum, row) => sum + train[row].length, 0));
      seen.push(...own);
    }
    expect(seen.sort((a, b) => a - b)).toEqual(train.map((_, i) => i));
  });

  test('an epoch has every sequence once, and goes on where it was', () => {
    const batching = { sequences: corpus.train, form: corpus.form, lengths: corpus.lengths, batch: 9 };
    const [one, two] = [1, 2].map((seed) => labelledEpochs(batching, new Random(seed)));
    const counts = [0, 0, 0];
    const batches = [...labelledBatches(batching)].length;
    for (let i = 0; i < batches; i++) {
      const [, , labels] = one.next();
      for (const label of labels.data) if (label !== NONE) counts[label]++;
    }
    expect(counts).toEqual([16, 16, 16]);
    one.next();
    two.restore(JSON.parse(JSON.stringify(one.save())));
    expect(two.next()).toEqual(one.next());
    expect(messageOf(() => two.restore({ ...one.save(), taken: 99 }))).toContain(
      '99 is no place among 6 batches of sequences',
    );
  });
});

test('a file that tests stands beside the others, and not in their place', async () => {
  await expect(readData(classification, {}, { parts: { testFile: 'x' } })).rejects.toThrow(
    /^classification needs sequences of your own\.\n +fix: give --from FILE or --from FOLDER\.$/,
  );
});

describe('what takes no network', () => {
  const corpusOf = (text: string, test: string) =>
    readLabelled([fileOf('a.csv', text)], {}, fileOf('t.csv', test));

  test('the most frequent class, and the nearest sequence where all are of one length', () => {
    const train = `a,b,class\n${'0,0,u\n'.repeat(8)}${'9,9,v\n'.repeat(4)}`;
    const anchors = anchorsOf(corpusOf(train, 'a,b,class\n1,1,u\n8,8,v\n7,9,v\n1,0,v\n'));
    expect(anchors).toEqual([
      { name: 'always u', value: 0.75 },
      { name: 'nearest sequence', value: 0.25 },
    ]);
    const uneven = anchorsOf(corpusOf(`${train}0,NaN,u\n`, 'a,b,class\n1,NaN,u\n8,8,v\n'));
    expect(uneven.map(({ name }) => name)).toEqual(['always u']);
  });

  test('naive Bayes of the words', () => {
    const train = `text,class\n${'sun sun fine,good\n'.repeat(6)}${'rain wet fine,bad\n'.repeat(6)}`;
    const anchors = anchorsOf(
      corpusOf(train, 'text,class\nsun,good\nrain rain,bad\nsun sun rain,good\nfine wet,good\n'),
    );
    expect(anchors).toEqual([
      { name: 'always bad', value: 0.75 },
      { name: 'naive Bayes', value: 0.25 },
    ]);
  });

  test('without sequences there is nothing', () => {
    const found: FoundSequences = table('text,class\nx,a\ny,b\n');
    expect(anchorsOf({ ...makeCorpus('x', found, { unit: 'word', whole: true }), train: [] })).toEqual([]);
  });
});
