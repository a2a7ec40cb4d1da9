// A user's own files, end to end: trained on for a few steps, and gone on with from what the run keeps of them alone.

import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesAsSource, type ByteSource } from '../../src/data/byteSource';
import type { Music } from '../../src/data/music';
import type { PairCorpus } from '../../src/data/translation/corpus';
import { END } from '../../src/data/translation/symbols';
import { translate } from '../../src/decode/beams';
import { generateFrames } from '../../src/decode/frames';
import { generateTokens } from '../../src/decode/tokens';
import type { TextData } from '../../src/data/text';
import type { LabelledCorpus } from '../../src/data/labelled/corpus';
import type { OwnSound } from '../../src/data/own/sound';
import { encodeWav } from '../../src/data/wav';
import { SoundModel } from '../../src/models/soundModel';
import { drawSounds } from '../../src/tasks/digits/soundGeneration';
import { midiFile } from '../../src/report/midi';
import { makeTask } from '../../src/runs/outcome';
import { run } from '../../src/runs/run';
import { makeSettings, type Given, type Settings } from '../../src/runs/settings';
import { TABLES, taskCalled } from '../../src/runs/tables';
import { ofClasses } from '../../src/tasks/classification/answers';
import { classify, newSequences } from '../../src/tasks/classification/classify';
import { sequencesIn } from '../../src/tasks/classification/read';
import { ofPairs } from '../../src/tasks/pairsProgram';
import { series as forecastRows } from '../../src/cli/generate/generateSeries.node';
import { forecast, mostRows } from '../../src/tasks/series/forecast';
import type { SeriesData } from '../../src/tasks/series/index';
import { loadCheckpoint } from '../../src/train/checkpoint';
import type { Stored } from '../../src/train/safetensors';
import type { Module } from '../../src/nn/module';
import type { Stepwise } from '../../src/nn/stepwise';
import { PYTHON, fileOf } from '../fixtures/ownFiles';
import { check } from '../../src/graph/check';
import { contextOfRun } from '../../src/studies/context/contextOfRun';
import type { Context } from '../../src/runs/study';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

/** Trains a few steps, and gives the model again, made of settings, checkpoint and what was kept, without the files. */
async function trained(task: string, model: string, files: readonly ByteSource[], given: Given) {
  const spec = taskCalled(task, TABLES);
  const { read, facts, keep, kept, notes } = spec.data!;
  const small = { batch: 2, hidden: 8, steps: 6, evaluateEvery: 3, ...given } as Given;
  const content = await read(files, small as never);
  const settings: Settings = makeSettings(task, model, small, { ...facts(content), sha256: 'x' } as never);
  let best: Stored | undefined;
  const { valid, test: held } = await run({
    engine,
    task: makeTask(settings, content),
    recipe: settings,
    onSave: async (_last, found) => void (best = found ?? best),
  });
  const alone = kept!(JSON.parse(JSON.stringify(keep!(content))), 'data.json');
  const again = makeTask(settings, alone).program(settings).model;
  loadCheckpoint(engine, best!, 'best', { model: again });
  return {
    alone,
    settings,
    valid,
    held,
    model: again as typeof again & Stepwise,
    notes: notes?.(content) ?? [],
    content,
    best: best!,
  };
}

const SETUP = { budget: 'small', seed: 1 } as const;

/** What study `context` finds of a run. */
async function contextOf({ settings, best, content }: Awaited<ReturnType<typeof trained>>) {
  const study = contextOfRun({ settings, stored: best, where: 'a run', content, tables: TABLES });
  const [cell] = study.cells(SETUP, new Map());
  const host: Pick<Context, 'engine' | 'progress'> = { engine: async () => engine, progress() {} };
  const result = await study.run(cell, host as Context);
  expect(result.losses.every((loss) => loss > 0 && loss < 100)).toBe(true);
  return { ...result, ...study.findings(SETUP, new Map([[cell.id, result]])) };
}

describe('text', () => {
  test.each(['character', 'word', 'bpe'])('%s, and it goes on as Python', async (unit) => {
    const { alone, model, valid } = await trained('text', 'lstm', [fileOf('a.py', PYTHON.repeat(30))], {
      unit,
      bptt: 8,
      learningRate: 0.02,
    });
    const { writing } = alone as TextData;
    const prompt = writing.encode('def f(x):\n    if', '--prompt');
    const { sequences } = await generateTokens(engine, model, { prompt, length: 12 });
    expect(writing.decode([...prompt, ...sequences[0]])).toMatch(/^def f\(x\):\n {4}if/);
    expect(Object.values(valid).every(Number.isFinite)).toBe(true);
  });

  test('what a run needs to see, beside what counting comes to', async () => {
    const found = await trained('text', 'lstm', [fileOf('a.py', PYTHON.repeat(60))], { bptt: 8 });
    const { sights, baselines, rows, remark } = await contextOf(found);
    expect(sights.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(baselines.map(({ name }) => name)).toEqual(['unigram', 'bigram', 'trigram']);
    expect(rows).toHaveLength(sights.length + 3);
    // After six steps.
    expect(remark).toMatch(/^The LSTM \([\d.]+ nats per token\) is no better than trigram/);
    const seen = await trained('text', 'transformer', [fileOf('a.py', PYTHON.repeat(60))], {
      bptt: 12,
      heads: 2,
    });
    expect((await contextOf(seen)).sights).toEqual([1, 2, 4, 8, 12]);
  });

  test('300 characters that validate are enough', async () => {
    const text = PYTHON.repeat(100).slice(0, 6000);
    const { valid } = await trained('text', 'transformer', [fileOf('a.py', text)], {
      bptt: 64,
      heads: 2,
      sampling: 'random',
    });
    expect(valid['nats per character']).toBeLessThan(4);
  });
});

test('pairs of sentences, and one is translated by what the run keeps', async () => {
  const lines = Array.from({ length: 60 }, (_, i) => `the ${i}th day\tle jour ${i}`);
  const small = { heads: 2, levels: 1, merges: 40, batch: 8, batchTokens: 0, smoothing: 0.1, warmup: 2 };
  const { alone, model, held } = await trained(
    'translation',
    'transformer',
    [fileOf('a.txt', lines.join('\n'))],
    small,
  );
  expect(held['perplexity of subwords']).toBeGreaterThan(1);
  expect(Object.keys(held)).toEqual([
    'perplexity of subwords',
    'nats per token',
    'BLEU greedy',
    'chrF greedy',
  ]);
  const { coder } = alone as PairCorpus;
  const source = [...coder.encode('the 7th day'), END];
  const { translations } = await translate(engine, ofPairs(model), [source], { beam: 2, length: 6 });
  expect(typeof coder.decode(translations[0][0].tokens)).toBe('string');
});

// Tokens repeat with the number, so that some of them are asked for more than 16 tokens behind the beginning.
const LONG = Array.from({ length: 60 }, (_, i) => `${i} a day\t${'le jour '.repeat(1 + (i % 3))}${i}`);

test.each(['seq2seq', 'transformer'])('how many target tokens a %s needs', async (name) => {
  const small = { levels: 1, unit: 'character', batch: 8, batchTokens: 0, warmup: 2, dropout: 0 };
  const own: Given = name === 'transformer' ? { heads: 2 } : {};
  const pairs = [fileOf('a.txt', LONG.join('\n'))];
  const found = await trained('translation', name, pairs, { ...small, ...own });
  const { sights, losses, places, baselines, notes } = await contextOf(found);
  expect(sights.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
  expect(baselines.map((one) => one.name)).toEqual(['unigram', 'bigram', 'trigram']);
  expect(notes![1]).toMatch(/^The source is in sight as a whole/);
  // All places with all tokens in sight are teacher forcing, and no window shorter than all is.
  expect(places).toBeLessThan(2048);
  const [first, last] = [losses[0], losses.at(-1)!];
  expect(last).toBeCloseTo(found.valid['nats per token'], 4);
  expect(Math.abs(first - last)).toBeGreaterThan(1e-3);
});

test('a ConvS2S needs the tokens that its convolutions see, wherever they stand', async () => {
  const small = { levels: 1, decoderLevels: 1, kernelSize: 3, unit: 'character', batch: 8, batchTokens: 0 };
  const pairs = [fileOf('a.txt', LONG.join('\n'))];
  const { sights, losses } = await contextOf(await trained('translation', 'convs2s', pairs, small));
  const all = losses.at(-1)!;
  expect(Math.abs(losses[1] - all)).toBeGreaterThan(1e-4);
  // One layer of three taps: from three tokens on nothing is missing.
  for (const loss of losses.slice(sights.indexOf(4))) expect(loss).toBeCloseTo(all, 5);
});

test('music of MIDI files', async () => {
  const song = (i: number) => {
    const steps = Array.from({ length: 12 }, (_, t) => [40 + ((t + i) % 5), 52 + (t % 3)]);
    return bytesAsSource(`${i}.mid`, midiFile(steps, 120, ''));
  };
  const files = [
    ...Array.from({ length: 10 }, (_, i) => song(i)),
    bytesAsSource('one.mid', midiFile([[3]], 120, '')),
  ];
  const found = await trained('music', 'transformer', files, {
    ...{ stepsPerBeat: 1, heads: 2, levels: 1, validPart: 0.3 },
  });
  const { alone, model, held, notes } = found;
  const { sights, baselines } = await contextOf(found);
  expect([sights[0], baselines.length]).toEqual([1, 2]);
  expect(notes).toEqual(['1 piece of one step is left out: there is nothing to predict in it']);
  expect(held['nats per step']).toBeLessThan(88);
  const [first] = (alone as Music).test;
  const prompt = Array.from({ length: 88 }, (_, key) => Number(first[0].includes(key)));
  const { sequences } = await generateFrames(engine, model, { prompt, channels: 88, length: 5 });
  expect(sequences[0]).toHaveLength(5 * 88);
});

test('sound of WAV files in folders, and a recording of a class', async () => {
  const tone = (folder: string, i: number) => {
    const hertz = (folder === 'high' ? 800 : 200) + i;
    const samples = Float32Array.from(
      { length: 800 },
      (_, t) => 0.4 * Math.sin((2 * Math.PI * hertz * t) / 16_000),
    );
    return bytesAsSource(`${folder}/${i}.wav`, encodeWav({ rate: 16_000, samples }));
  };
  const files = ['low', 'high'].flatMap((folder) => Array.from({ length: 4 }, (_, i) => tone(folder, i)));
  const small = { length: 64, levels: 3, skip: 8 };
  const { alone, model, held, notes, ...rest } = await trained('sound', 'wavenet', files, small);
  expect(notes).toEqual(['8 files are converted from 16000 to 8000 samples per second']);
  expect(held['nats per sample']).toBeLessThan(6);
  expect((alone as OwnSound).classes).toEqual(['high', 'low']);
  const draw = async (one: Module) => {
    check(one instanceof SoundModel, 'the model of sound');
    const [codes] = await drawSounds(engine, one, { told: [[1, 0]], length: 40, seed: 1 });
    return codes.length;
  };
  expect(await draw(model)).toBe(40);
  // Eight samples are in its sight.
  const seen = await contextOf({ alone, model, held, notes, ...rest });
  expect(seen.sights).toEqual([1, 2, 4, 8]);
  expect(seen.rows[0].metric).toBe('nats per sample');
  const told = await trained('sound', 'gru', files, { length: 32, embedding: 8, levels: 1 });
  expect(told.held['bits per sample']).toBeGreaterThan(0);
  expect((await contextOf(told)).sights).toEqual([1, 2, 4, 8, 16, 32]);
  expect(await draw(told.model)).toBe(40);
  // Its pieces have 32 samples, and so it has as many positions: behind them it begins again.
  const positions = { length: 32, embedding: 8, levels: 1, heads: 2 };
  expect(await draw((await trained('sound', 'transformer', files, positions)).model)).toBe(40);
});

test('music of a published .mat file', async () => {
  const file = bytesAsSource('tiny.mat', readFileSync('test/fixtures/tinyMusic.mat'));
  const { valid } = await trained('music', 'rnn', [file], {});
  expect(valid['nats per step']).toBeGreaterThan(0);
});

async function rowsOf<T>(rows: AsyncGenerator<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

describe('series', () => {
  const rows = Array.from({ length: 200 }, (_, t) => {
    const wave = 20 + 5 * Math.sin(t / 4);
    return `${t},${wave.toFixed(4)},${wave > 20 ? 'warm' : 'cold'}`;
  });
  const file = fileOf('a.csv', `hour,degrees,kind\n${rows.join('\n')}\n`);
  const small = { length: 8, batch: 4, learningRate: 0.02, steps: 60, evaluateEvery: 60 };

  test('numbers: errors in their units beside the last value, and a forecast in sight of them', async () => {
    const found = await trained('series', 'gru', [file], { ...small, columns: ['degrees'] });
    const { alone, model, held, notes } = found;
    expect(notes).toEqual([]);
    const { sights, losses, rows, baselines } = await contextOf(found);
    // The mean square of the wave's steps is about a sixteenth of its variance.
    expect(baselines.map(({ name }) => name)).toEqual(['the last value']);
    expect(Math.abs(baselines[0].placed! - 1 / 16)).toBeLessThan(0.03);
    // Of windows of 8 there are too few with 7 rows before the last.
    expect(sights).toEqual([1, 2, 4]);
    expect(rows[0].metric).toBe('mean squared error in deviations');
    // One value does not say whether it rises.
    expect(losses[0]).toBeGreaterThan(losses[2]);
    const wave = (t: number) => 20 + 5 * Math.sin(t / 4);
    const off = Array.from({ length: 20 }, (_, i) => wave(180 + i) - wave(179 + i));
    const naive = Math.sqrt(off.reduce((sum, x) => sum + x * x, 0) / off.length);
    expect(held['RMSE of degrees, last value']).toBeCloseTo(naive, 3);
    expect(held['RMSE of degrees']).toBeLessThan(held['RMSE of degrees, last value']);
    expect(held['MAE of degrees']).toBeLessThan(held['RMSE of degrees'] + 1e-6);
    const { series } = alone as SeriesData;
    const said = await rowsOf(forecast(engine, model, { series, length: 8, steps: 4 }));
    said.forEach(([degrees], i) => {
      expect(Math.abs(Number(degrees) - (20 + 5 * Math.sin((200 + i) / 4)))).toBeLessThan(2.5);
    });
  });

  test('several targets, one of which goes in alone; and classes', async () => {
    const two = await trained('series', 'tcn', [file], {
      ...small,
      steps: 3,
      evaluateEvery: 3,
      targets: ['degrees'],
    });
    expect(two.notes).toEqual(['no numbers, and left out: kind ("cold")']);
    const { series } = two.alone as SeriesData;
    expect(mostRows(series)).toBe(1);
    const job = {
      settings: two.settings,
      sample: { kind: 'series' },
      content: two.alone,
      folder: '.',
    } as const;
    for (const given of [{ temperature: 2 }, { seed: 3 }] as Given[])
      expect(() => forecastRows.prepare({ ...job, given: { ...given } })).toThrow(
        /does not go with series[^]*nothing .* drawn/,
      );
    expect(() => forecastRows.prepare({ ...job, given: { json: true, length: 2e6 } })).toThrow(
      'too many for --json',
    );
    // Before anything is shown.
    expect(() => forecastRows.prepare({ ...job, given: { length: 2 } })).toThrow(
      'only the next can be predicted',
    );
    const ask = (steps: number) => rowsOf(forecast(engine, two.model, { series, length: 8, steps }));
    expect(await ask(1)).toHaveLength(1);
    await expect(ask(2)).rejects.toThrow('only the next can be predicted');
    const kinds = await trained('series', 'lstm', [file], {
      ...small,
      columns: ['degrees'],
      classColumn: 'kind',
    });
    expect(kinds.held.accuracy).toBeGreaterThan(0.7);
    expect(kinds.held['accuracy, last class']).toBeGreaterThan(0.8);
    const options = { series: (kinds.alone as SeriesData).series, length: 8, steps: 1 };
    const next = await rowsOf(forecast(engine, kinds.model, options));
    expect(['warm', 'cold']).toContain(next[0][0]);
  });
});

describe('classification', () => {
  const words = ['sun', 'rain'];
  const TEXTS = `text,class\n${Array.from({ length: 60 }, (_, i) => `${`${words[i % 2]} `.repeat(1 + (i % 5))},${'ab'[i % 2]}\n`).join('')}`;
  const wave = (i: number, t: number) => (i % 2 ? 1 : -1) * Math.sin(t / 2);
  const SERIES = `class,${Array.from({ length: 12 }, (_, t) => `t${t}`).join()}\n${Array.from(
    { length: 60 },
    (_, i) =>
      `${'uv'[i % 2]},${Array.from({ length: 12 }, (_, t) => (t < 6 + (i % 7) ? wave(i, t) : 'NaN')).join()}\n`,
  ).join('')}`;
  const recordings = Array.from({ length: 24 }, (_, i) => {
    const samples = Float32Array.from({ length: 800 + 10 * i }, (_, t) => Math.sin(t * (i % 2 ? 0.2 : 1)));
    return bytesAsSource(`${i % 2 ? 'low' : 'high'}/${i}.wav`, encodeWav({ rate: 8000, samples }));
  });

  test.each([
    ['texts', 'lstm', [fileOf('a.csv', TEXTS)]],
    ['texts', 'transformer', [fileOf('a.csv', TEXTS)]],
    ['series', 'tcn', [fileOf('a.csv', SERIES)]],
    ['recordings', 'gru', recordings],
  ])('%s by a %s: what the run keeps says the classes of others', async (_what, model, files) => {
    const given = { batch: 8, steps: 60, evaluateEvery: 20, learningRate: 0.02, levels: 1, heads: 2 };
    const found = await trained('classification', model, files, given);
    const { held, notes } = found;
    expect(held).toMatchObject({ error: 0, accuracy: 1, 'balanced accuracy': 1 });
    expect(notes[0]).toMatch(/^2 classes of (text|numbers|sound)$/);
    const alone = found.alone as LabelledCorpus;
    const again = newSequences(sequencesIn(files, {}, { known: alone, unlabelled: true }), alone);
    expect(again.cut).toBe(0);
    const chances = await classify(engine, ofClasses(found.model), again, alone);
    const wanted = sequencesIn(files, {}).sequences.map(({ label }) => label);
    expect(chances.map(([best]) => best.class)).toEqual(wanted);
    for (const all of chances) {
      expect(all.map((one) => one.class).sort()).toEqual(alone.classes);
      expect(all.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 5);
    }
  });

  test('what a run needs to see of the ends of its sequences, beside the frequencies of classes', async () => {
    // The first step says the class, the others are noise: all of them are needed.
    const first = Array.from({ length: 80 }, (_, i) => {
      const noise = Array.from({ length: 4 + (i % 3) }, (_one, t) => Math.sin(i * 7 + t * 3));
      return `${'uv'[i % 2]},${[i % 2 ? 5 : -5, ...noise, NaN, NaN].slice(0, 7).join()}`;
    });
    const table = `class,a,b,c,d,e,f,g\n${first.join('\n')}\n`;
    const given = { batch: 16, steps: 80, evaluateEvery: 40, learningRate: 0.03, levels: 1 };
    const found = await trained('classification', 'lstm', [fileOf('a.csv', table)], given);
    const { sights, losses, baselines, places, remark, rows, notes } = await contextOf(found);
    expect(sights).toEqual([1, 2, 4, 7]);
    expect(places).toBe(8);
    expect(baselines).toEqual([{ name: 'frequencies of classes', placed: expect.closeTo(Math.LN2, 5) }]);
    expect(losses.at(-1)).toBeLessThan(0.1);
    expect(losses[2]).toBeGreaterThan(1);
    expect(remark).toMatch(/^The LSTM needs all 7 inputs that it was shown: \S+ nats per sequence, and/);
    expect(rows).toHaveLength(sights.length + 1);
    expect(notes?.[0]).toContain('the 8 sequences of the validation data');
    // What is measured with all in sight is what the run was measured by.
    expect(losses.at(-1)).toBeCloseTo(found.valid['cross-entropy'], 4);
  });
});
