// `seqgpu generate` of sound and of words, from the folders of runs that were not trained for long: the WAV file, its
// picture, and what is refused.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readGenerateCommand } from '../../src/cli/generate/generate.node';
import { speech } from '../../src/cli/generate/generateSpeech.node';
import type { Recording } from '../../src/data/spokenDigits';
import { makeSettings, type Settings } from '../../src/runs/settings';
import { RunFolder } from '../../src/runs/runFolder.node';
import { encodeWav, decodeWav } from '../../src/data/wav';
import { makeTask } from '../../src/runs/outcome';
import { TABLES, taskCalled } from '../../src/runs/tables';
import { speechTask } from '../../src/tasks/speech/speechTask';
import { spokenWords } from '../../src/tasks/speech/spoken';
import { saveCheckpoint } from '../../src/train/saveCheckpoint';
import { openTestEngine } from '../harness/engine';

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});

const facts = { samples: { jackson: 1, george: 1 }, sha256: 'x' };
const small = { hidden: 4, skip: 4, levels: 2, length: 16 };
const others = { hidden: 4, levels: 1, length: 16 };
const folders: Record<string, Settings> = {
  both: makeSettings('digits', 'wavenet', small, facts),
  george: makeSettings('digits', 'wavenet', { ...small, speaker: 'george', condition: 'digit' }, facts),
  lstm: makeSettings('digits', 'lstm', others, facts),
  tcn: makeSettings('digits', 'tcn', { ...others, features: true }, facts),
  transformer: makeSettings('digits', 'transformer', { ...others, heads: 1 }, facts),
  own: makeSettings('sound', 'gru', others, { samples: 9, sha256: 'x' }),
};
const kept: Record<string, unknown> = {
  digits: { longest: { jackson: 100, george: 20 } },
  sound: { name: 'two', rate: 4000, classes: ['low rain', 'wind'] },
};
beforeAll(async () => {
  const engine = await openTestEngine();
  for (const [name, settings] of Object.entries(folders)) {
    const { kept: read } = taskCalled(settings.task, TABLES).data!;
    const content = read!(kept[settings.task], 'data.json');
    const { model } = makeTask(settings, content).program(settings);
    const stored = await saveCheckpoint(engine, { model, progress: { step: 1 } });
    const run = new RunFolder(at(name));
    run.save(settings, stored, stored);
    run.keep(kept[settings.task]);
  }
  engine.destroy();
});
const generate = (run: string, ...words: string[]) => readGenerateCommand([at(run), ...words])();

/** A data folder with recordings of a digit. */
function dataFolder(digit: number, ...speakers: readonly string[]): string {
  const data = mkdtempSync(join(folder, 'data-'));
  const wav = encodeWav({
    rate: 8000,
    samples: Float32Array.from({ length: 900 }, (_, t) => Math.sin(t / 9) / 2),
  });
  for (const speaker of speakers) new RunFolder(data).write(`fsdd/${digit}_${speaker}_0.wav`, wav);
  vi.stubEnv('SEQGPU_DATA', data);
  return data;
}
afterEach(() => void vi.unstubAllEnvs());

test('a WAV file of the digit, and its picture beside a recording', async () => {
  dataFolder(7, 'george');
  const [out, picture] = [at('seven.wav'), at('seven.svg')];
  const words = ['--digit', '7', '--speaker', 'george', '--seconds', '0.02', '--out', out];
  expect(await generate('both', ...words, '--spectrogram', picture, '--json')).toBe(0);
  const { rate, samples } = decodeWav(readFileSync(out));
  expect([rate, samples.length]).toEqual([8000, 160]);
  expect(new Set(samples).size).toBeGreaterThan(20);
  expect(lines[0]).toMatch(/seven\.wav$/);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({
    digit: 7,
    speaker: 'george',
    length: 160,
    spectrogram: picture,
  });
  const svg = readFileSync(picture, 'utf8');
  expect(svg).toMatch(/^<svg [^]*wavenet: “7” by george[^]*recording: 7_george_0\.wav[^]*<\/svg>\n$/);
  // Again: nothing is written over unless asked for, and the same seed says the same.
  const before = readFileSync(out);
  await expect(generate('both', ...words)).rejects.toThrow(/seven\.wav is there already[^]*--overwrite/);
  await generate('both', ...words, '--overwrite');
  expect(readFileSync(out)).toEqual(before);
});

test.each(['both', 'lstm', 'transformer'])('%s: into its folder, without the recordings', async (name) => {
  vi.stubEnv('SEQGPU_DATA', at('nowhere'));
  expect(await generate(name, '--digit', '3', '--length', '150', '--seed', '5')).toBe(0);
  expect(decodeWav(readFileSync(join(at(name), '3-jackson-s5.wav'))).samples).toHaveLength(150);
});

test('sound of a class of one’s own, at its own rate', async () => {
  expect(await generate('own', '--seconds', '0.01')).toBe(0);
  expect(await generate('own', '--class', 'low rain', '--length', '30')).toBe(0);
  expect(await generate('own', '--class', 'wind', '--length', '30')).toBe(0);
  const sounds = ['generated-s1', 'generated-low-rain-s1', 'generated-wind-s1'].map((name) => {
    return decodeWav(readFileSync(join(at('own'), `${name}.wav`)));
  });
  expect(sounds.map(({ rate, samples }) => [rate, samples.length])).toEqual([
    [4000, 40],
    [4000, 30],
    [4000, 30],
  ]);
  // The first class is the one that is taken where none is named, and the other sounds otherwise.
  const [first, low, wind] = sounds.map(({ samples }) => [...samples.subarray(0, 30)]);
  expect(low).toEqual(first);
  expect(wind).not.toEqual(low);
  await expect(generate('own', '--class', 'sea')).rejects.toThrow(
    /no class "sea"[^]*on "low rain", "wind"[^]*give --class one of them/,
  );
});

test('what cannot be made is refused before anything is written', async () => {
  const out = at('never.wav');
  const refusal = (run: string, ...words: string[]) =>
    generate(run, '--out', out, ...words).then(
      () => 'it was made',
      ({ message }: Error) => message,
    );
  expect(await refusal('nowhere')).toMatch(
    /no checkpoint in .*nowhere[^]*npx seqgpu train TASK --model NAME/,
  );
  expect(await refusal('tcn')).toMatch(/is told spectrum and pitch[^]*generate ITS_FOLDER --vocoder .*tcn/);
  expect(await refusal('george', '--speaker', 'george')).toMatch(
    /was not told the speaker[^]*--condition digit/,
  );
  expect(await refusal('both', '--length', '9', '--seconds', '1')).toMatch(
    /both say how long[^]*one of them/,
  );
  expect(await refusal('own', '--seconds', '1e9')).toMatch(/a WAV file does not hold 4000000000000 samples/);
  vi.stubEnv('SEQGPU_DATA', folder);
  expect(await refusal('both', '--spectrogram', at('x.svg'))).toMatch(/0_jackson_0\.wav is missing/);
  const settings = { ...folders.both, hidden: 8 };
  new RunFolder(at('both')).write('settings.json', JSON.stringify({ settings }));
  expect(await refusal('both')).toMatch(/is not the wavenet of digits that its settings ask for/);
  expect(await refusal('both', '--top-k', '3')).toMatch('--top-k does not go with digits');
  expect(await refusal('both', '--class', 'x')).toMatch('--class does not go with digits');
  expect(await refusal('own', '--digit', '3')).toMatch('--digit does not go with sound');
  expect(existsSync(out)).toBe(false);
  expect(() => readGenerateCommand([at('both'), '--digit', '10'])).toThrow('--digit "10" is unknown');
  expect(() => readGenerateCommand([at('both'), '--speaker', 'theo'])).toThrow('known: jackson, george');
});

test('words of a model of speech parameters: a WAV file and a picture for each, in a folder', async () => {
  const one = ['jackson', 'george'] as const;
  const list = one.flatMap((speaker) =>
    Array.from({ length: 10 }, (_, digit): Recording => {
      const codes = Uint8Array.from({ length: 200 + 80 * digit }, (__, t) => 128 + 60 * Math.sin(t / 9));
      return { digit, speaker, codes };
    }),
  );
  const content = spokenWords({ train: list, valid: list, test: list });
  const settings = makeSettings('speech', 'lstm', { hidden: 4, levels: 1 }, { recordings: 20, sha256: 'x' });
  const job = { settings, sample: { kind: 'speech' } as const, content, folder: at('words'), given: {} };
  const engine = await openTestEngine();
  try {
    const { model } = speechTask(content, 2).program(settings);
    dataFolder(7, 'george');
    const { json, length } = await speech.prepare({ ...job, given: { speaker: 'george' } })(engine, model);
    expect(json.words).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `${digit}-george`));
    const frames = content.durations[1];
    expect(length).toBe(frames.reduce((sum, own) => sum + own, 0));
    const { samples } = decodeWav(readFileSync(join(at('words'), 'speech/7-george.wav')));
    expect(samples.length).toBe((frames[7] - 1) * 80);
    const svg = readFileSync(join(at('words'), 'speech/7-george.svg'), 'utf8');
    expect(svg).toMatch(
      /^<svg [^]*“7” by george, made[^]*by way of the vocoder[^]*the recording[^]*<\/svg>\n$/,
    );
    // Of the other digits the data folder has no recording.
    const alone = readFileSync(join(at('words'), 'speech/6-george.svg'), 'utf8');
    expect(alone).toMatch(/“6” by george, made/);
    expect(alone).not.toMatch(/recording/);
    // A model of samples that was told features says the same words in place of the vocoder.
    const given = { digit: '3', vocoder: at('tcn'), out: at('sampled'), temperature: 0.5 };
    const sampled = await speech.prepare({ ...job, given })(engine, model);
    expect(sampled.json.words).toEqual(['3-jackson']);
    const said = decodeWav(readFileSync(join(at('sampled'), '3-jackson.wav'))).samples;
    expect(said.length).toBe((content.durations[0][3] - 1) * 80);
    expect(() => speech.prepare({ ...job, given: { ...given, vocoder: at('lstm'), out: at('x') } })).toThrow(
      /holds no model of samples that is told features/,
    );
  } finally {
    engine.destroy();
  }
  expect(() => speech.prepare({ ...job, given: { speaker: 'george' } })).toThrow('would be overwritten');
  expect(() => speech.prepare({ ...job, given: { temperature: 2 } })).toThrow(
    '--temperature does not go with speech',
  );
});
