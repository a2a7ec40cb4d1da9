// Tasks of pairs without a GPU: files and flags, epochs, what a run keeps; and dates, in all their forms.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCommand } from '../../src/cli/commands';
import type { PairCorpus } from '../../src/data/translation/corpus';
import {
  DATE_FORMS,
  dateCoder,
  drawDate,
  isoOf,
  LONGEST_DATE,
  type Day,
} from '../../src/data/translation/dates';
import { dateBatches, DrawnDates, LONGEST_DATES } from '../../src/data/translation/drawnDates';
import { END, PAD, UNKNOWN } from '../../src/data/translation/symbols';
import type { HostArray } from '../../src/graph/host';
import { Random } from '../../src/random';
import { makeTask } from '../../src/runs/outcome';
import { readData, type Place } from '../../src/runs/readData.node';
import { makeSettings } from '../../src/runs/settings';
import { TABLES, taskCalled } from '../../src/runs/tables';
import { fixedDates } from '../../src/tasks/dates/datesTask';
import { engFra } from '../../src/tasks/translation/engFra';
import { translation } from '../../src/tasks/translation/index';
import { fileOf } from '../fixtures/ownFiles';

const again = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

describe('translation of files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-pairs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const put = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const numbers = Array.from({ length: 120 }, (_, i) =>
    String(i + 100)
      .split('')
      .join(' '),
  );
  const source = put('a.de', numbers);
  const target = put(
    'a.en',
    numbers.map((line) => line.split(' ').reverse().join(' ')),
  );
  const other = put('b.de', ['9 9 9', '8 8']);
  const read = async (place: Place, settings = {}) =>
    (await readData(translation, { unit: 'word', batch: 8, ...settings }, place))!;
  const corpusOf = async (place: Place, settings = {}) => (await read(place, settings)).content as PairCorpus;

  test('one with tabs, or two with flags of their own; more for validation and test', async () => {
    const tabs = put(
      'a.txt',
      numbers.map((line) => `${line}\t${line.toUpperCase()}`),
    );
    expect((await corpusOf({ from: [tabs] })).name).toBe('a.txt');
    expect((await corpusOf({ from: [tabs] }, { reversed: true })).test.texts[0].source).toMatch(/^\d/);
    const two = await corpusOf({ parts: { source, target } });
    expect(two.name).toBe('a.de → a.en');
    expect(two.test.texts.every(({ source: s, target: t }) => s.split(' ').reverse().join(' ') === t)).toBe(
      true,
    );
    const all = await corpusOf({ parts: { source, target, testSource: other, testTarget: other } });
    expect(all.test.texts).toEqual([
      { source: '9 9 9', target: '9 9 9' },
      { source: '8 8', target: '8 8' },
    ]);
    expect(
      (await corpusOf({ from: [tabs], parts: { validSource: other, validTarget: other } })).valid.texts,
    ).toHaveLength(2);
  });

  test('a run knows them by their bytes and by what they are for', async () => {
    const shaOf = async (parts: Record<string, string>) => (await read({ parts })).facts.sha256;
    const valid = await shaOf({ source, target, validSource: other, validTarget: other });
    expect(await shaOf({ source, target, testSource: other, testTarget: other })).not.toBe(valid);
    expect(await shaOf({ validTarget: other, target, validSource: other, source })).toBe(valid);
    expect(await shaOf({ source: target, target: source })).not.toBe(await shaOf({ source, target }));
  });

  test.each([
    [
      {},
      /translation needs pairs of sentences of your own\.[^]*--from FILE, or --source FILE and --target FILE/,
    ],
    [{ parts: { source: 'x' } }, /data: x is no file\.[^]*give --source FILE a file/],
    [{ parts: { source: other } }, /--source is given without --target/],
    [{ parts: { validTarget: other } }, /--valid-target is given without --valid-source/],
    [{ parts: { validSource: other, validTarget: other } }, /there are no files to train on/],
    [{ from: [other, source] }, /2 files are given by --from/],
    [{ from: [other], parts: { source: other, target: other } }, /--from and --source are given/],
    [{ from: [other] }, /line 1 of b\.de has no tab/],
    [{ parts: { source, target: other } }, /a\.de has 120 lines, b\.de has 2\.[^]*line 3 of a\.de/],
  ] as [Place, RegExp][])('%j is refused', async (place, message) => {
    await expect(read(place)).rejects.toThrow(message);
  });

  test.each([
    ['train copy --model lstm --source x', /--source does not go with copy/],
    ['train text --model lstm --from x --target y', /--target does not go with text/],
    [
      'train translation --model transformer --source x --merges 5 --unit word',
      /--merges does not go with --unit word/,
    ],
    [
      'train translation --model transformer --source x --at-least 3',
      /--at-least does not go with --unit bpe/,
    ],
    ['train translation --model transformer --from x --bptt 3', /--bptt does not go with translation/],
    ['train translation --model transformer --data x', /--data does not go with translation/],
    ['train eng-fra --model transformer --from x', /--from does not go with eng-fra/],
    ['train dates --model transformer --epochs 3', /--epochs does not go with dates/],
    ['train dates --model transformer --longest 3', /--longest does not go with dates/],
    ['train translation --model tcn --from x', /tcn does not read pairs of sentences/],
  ])('%s', (line, message) => {
    expect(() => readCommand(line.split(' '), TABLES)).toThrow(message);
  });

  test('an epoch has as many steps as the facts of the files say, by sentences and by tokens', async () => {
    for (const given of [
      { batch: 8, batchTokens: 0 },
      { batch: 9, batchTokens: 64 },
    ]) {
      const { content, facts } = await read({ parts: { source, target } });
      const settings = makeSettings(
        'translation',
        'transformer',
        { ...given, epochs: 2, unit: 'word' },
        facts,
      );
      const task = makeTask(settings, content);
      expect(settings.steps).toBe(2 * task.stepsPerEpoch!);
      expect(settings.evaluateEvery).toBe(task.stepsPerEpoch);
      let counted = 0;
      const epoch = task.source(new Random(1));
      for (let i = 0; i < task.stepsPerEpoch!; i++) counted += task.tokensIn!(epoch.next());
      const { pairs } = (content as PairCorpus).train;
      const all = Array.from({ length: pairs.count }, (_, i) => pairs.target(i));
      expect(counted).toBe(all.reduce((sum, length) => sum + length, 0));
    }
  });

  test('validation has every pair once, weighed by its targets; the unigram is counted on them', async () => {
    const { content, facts } = await read({ parts: { source, target } });
    const settings = makeSettings('translation', 'transformer', { unit: 'word' }, facts);
    const task = makeTask(settings, content);
    const batches = [...task.batches('valid')];
    const { pairs } = (content as PairCorpus).valid;
    const asked = batches.reduce((sum, batch) => sum + task.weightOf(batch), 0);
    expect(asked).toBe(4 * pairs.count);
    expect(task.anchors[0].value).toBeGreaterThan(2);
    expect(task.anchors[0].value).toBeLessThan(14);
    expect(task.report!({ nats: 1 })).toEqual({ perplexity: Math.E, 'nats per token': 1 });
  });

  test('what a run keeps makes the same model, and trains nothing', async () => {
    const { content, facts } = await read({ parts: { source, target } }, { unit: 'bpe', merges: 9 });
    const settings = makeSettings('translation', 'transformer', { hidden: 16, levels: 1 }, facts);
    const alone = translation.data!.kept!(again(translation.data!.keep!(content as PairCorpus)), 'data.json');
    const [whole, kept] = [makeTask(settings, content), makeTask(settings, alone)];
    expect(kept.program(settings).model.size).toBe(whole.program(settings).model.size);
    expect(kept.metric).toBe('perplexity of subwords');
    expect(() => kept.source(new Random(1))).toThrow('the pairs themselves are not here');
    expect(() => [...kept.batches('test')]).toThrow('the pairs themselves are not here');
  });

  test('eng-fra is English to French, its sentences of at most twelve words', async () => {
    const lines = Array.from({ length: 80 }, (_, i) => `go ${i}\tva ${i}${' x'.repeat(i % 20)}`).join('\n');
    const corpus = (await engFra.data!.read([fileOf('eng-fra.txt', lines)], { longest: 12 })) as PairCorpus;
    expect(corpus.notes[0]).toBe('36 of 80 pairs have a side of more than 12 words and are left out');
    const facts = { ...engFra.data!.facts(corpus), sha256: 'x' };
    expect(makeSettings('eng-fra', 'transformer', {}, facts)).toMatchObject({ longest: 12, unit: 'bpe' });
    expect(taskCalled('eng-fra', TABLES).kind).toBe('translation');
  });
});

const text = (batch: readonly HostArray[]) => batch.map(({ data }) => [...data].join());

describe('dates', () => {
  const day: Day = { year: 1987, month: 3, day: 5 };
  const all = Object.values(DATE_FORMS).flatMap(({ named, digits }) => [...named, ...digits]);
  const written = (date: Day) => new Map(all.map((form) => [form.name, form.write(date)]));

  test('are written in many forms', () => {
    expect(all).toHaveLength(540 + 55);
    const of = written(day);
    expect(of.get('day month year, no weekday, number, full, four digits')).toBe('5 March 1987');
    expect(of.get('month day year, short weekday, ordinal, short with a stop, two digits')).toBe(
      "Thu, Mar. the 5th, '87",
    );
    expect(of.get('day month year, long weekday, in words, capitals, year in words')).toBe(
      'Thursday, the fifth of MARCH nineteen eighty-seven',
    );
    expect(of.get('year month day, no weekday, ordinal, short, two digits')).toBe("'87, Mar 5th");
    expect(of.get('month day year, short weekday behind, number, full, four digits')).toBe(
      'March 5, 1987, Thu',
    );
    expect(of.get('m/d/yy, no weekday')).toBe('3/5/87');
    expect(of.get('yyyymmdd, long weekday behind')).toBe('19870305, Thursday');
    expect(of.get('dd.mm.yyyy, long weekday')).toBe('Thursday, 05.03.1987');
    expect(of.get('yyyymmdd, no weekday')).toBe('19870305');
    expect(isoOf(day)).toBe('1987-03-05');
    const ordinals = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31].map((one) =>
      written({ ...day, day: one }).get('year month day, no weekday, ordinal, short, four digits'),
    );
    const days = '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 30th 31st'.split(' ');
    expect(ordinals).toEqual(days.map((one) => `1987, Mar ${one}`));
  });

  test.each([
    [{ year: 2000, month: 12, day: 31 }, 'the thirty-first of December two thousand'],
    [{ year: 2009, month: 2, day: 12 }, 'the twelfth of February two thousand nine'],
    [{ year: 2010, month: 1, day: 20 }, 'the twentieth of January twenty ten'],
    [{ year: 1950, month: 9, day: 22 }, 'the twenty-second of September nineteen fifty'],
    [{ year: 2049, month: 6, day: 8 }, 'the eighth of June twenty forty-nine'],
  ])('%j in words', (date, words) => {
    const form = 'day month year, no weekday, in words, full, year in words';
    expect(written(date).get(form)).toBe(words);
  });

  test('no two are written alike, so what is meant can be known', () => {
    const meant = new Map<string, string>();
    let clashes = 0;
    for (const year of [1950, 1987, 2001, 2010, 2049]) {
      for (const month of [1, 3, 11, 12]) {
        for (const one of [1, 3, 11, 12, 30]) {
          const date = { year, month, day: one };
          for (const how of new Set(written(date).values())) {
            if ((meant.get(how) ?? isoOf(date)) !== isoOf(date)) clashes++;
            meant.set(how, isoOf(date));
          }
        }
      }
    }
    expect(clashes).toBe(0);
  });

  test('are of the calendar, and none is longer than the model is made for', () => {
    const random = new Random(5);
    const years = new Set<number>();
    for (let i = 0; i < 3000; i++) {
      const { source, target } = drawDate(random, i % 2 ? 'seen' : 'held');
      expect(new Date(`${target}T00:00:00Z`).toISOString().slice(0, 10)).toBe(target);
      expect(source.length).toBeLessThanOrEqual(LONGEST_DATE);
      years.add(Number(target.slice(0, 4)));
    }
    expect([Math.min(...years), Math.max(...years), years.size]).toEqual([1950, 2049, 100]);
    const longForms = all.filter(({ name }) =>
      name.includes('long weekday, in words, capitals, year in words'),
    );
    let longest = 0;
    for (let year = 1970; year < 2000; year++) {
      for (let one = 1; one <= 30; one++) {
        for (const form of longForms) {
          longest = Math.max(longest, form.write({ year, month: 9, day: one }).length);
        }
      }
    }
    expect(longest).toBe(LONGEST_DATE);
  });

  test('a fifth of the forms is held out, every part of which training has', () => {
    const names = (forms: (typeof DATE_FORMS)['seen']) =>
      [...forms.named, ...forms.digits].map(({ name }) => name);
    const [seen, held] = [names(DATE_FORMS.seen), names(DATE_FORMS.held)];
    expect([seen.length, held.length]).toEqual([476, 119]);
    expect(held.filter((name) => seen.includes(name))).toEqual([]);
    const parts = new Set(seen.flatMap((name) => name.split(', ')));
    for (const part of held.flatMap((name) => name.split(', '))) expect(parts).toContain(part);
    const tested = fixedDates('test').flatMap(({ dates }) => dates.map(({ form }) => form.name));
    expect(tested).toHaveLength(1024);
    expect(tested.filter((name) => seen.includes(name))).toEqual([]);
    expect(
      fixedDates('valid')
        .flatMap(({ dates }) => dates)
        .some(({ form }) => held.includes(form.name)),
    ).toBe(false);
  });

  test('come in batches of similar length, no character unknown', () => {
    const coder = dateCoder();
    const batches = dateBatches(new Random(2), coder, { forms: 'seen', batch: 16 });
    expect(batches).toHaveLength(8);
    const shapes = batches.map(({ arrays: [source] }) => source.shape[1]);
    expect(shapes).toEqual([...shapes].sort((a, b) => a - b));
    expect(new Set(shapes).size).toBeGreaterThan(1);
    for (const { dates, arrays } of batches) {
      const [source, lengths, inputs, targets] = arrays;
      expect(source.shape[1] % 16).toBe(0);
      expect([inputs.shape, targets.shape]).toEqual([
        [16, 11],
        [16, 11],
      ]);
      expect([...source.data, ...targets.data]).not.toContain(UNKNOWN);
      dates.forEach((date, row) => {
        const T = source.shape[1];
        expect(coder.decode([...source.data.slice(row * T, (row + 1) * T)].map(Number))).toBe(date.source);
        expect(lengths.data[row]).toBe(date.source.length + 1);
        const wanted = [...targets.data.slice(row * 11, (row + 1) * 11)].map(Number);
        expect([coder.decode(wanted), wanted[10], wanted.includes(PAD)]).toEqual([date.target, END, false]);
      });
    }
    expect(LONGEST_DATES).toEqual({ source: 80, target: 11 });
  });

  test('go on where they were saved', () => {
    const make = () => new DrawnDates(new Random(4), dateCoder(), 4);
    const source = make();
    const all = Array.from({ length: 30 }, () => text(source.next()));
    for (const at of [0, 5, 8, 13]) {
      const before = make();
      for (let i = 0; i < at; i++) before.next();
      const after = make();
      after.next();
      after.restore(again(before.save()) as never);
      expect(Array.from({ length: 12 }, () => text(after.next()))).toEqual(all.slice(at, at + 12));
    }
  });
});
