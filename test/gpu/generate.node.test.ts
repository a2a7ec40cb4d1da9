// `seqgpu generate wavenet` from the folder of a run that was not trained for long: the WAV file, its picture, and what is
// refused.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readGenerateCommand } from '../../src/cli/generate/generate.node';
import { speech } from '../../src/cli/generate/generateSpeech.node';
import type { Recording } from '../../src/data/spokenDigits';
import { makeSettings, type Settings } from '../../src/runs/settings';
import { RunFolder } from '../../src/runs/runFolder.node';
import { encodeWav, decodeWav } from '../../src/data/wav';
import { SoundModel } from '../../src/models/soundModel';
import { speechTask } from '../../src/tasks/speech/speechTask';
import { spokenWords } from '../../src/tasks/speech/spoken';
import { saveCheckpoint } from '../../src/train/checkpoint';
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
const folders: Record<string, Settings> = {
  both: makeSettings('digits', 'wavenet', small, facts),
  george: makeSettings('digits', 'wavenet', { ...small, speaker: 'george', condition: 'digit' }, facts),
  lstm: makeSettings('digits', 'lstm', { hidden: 4, length: 16 }, facts),
};
beforeAll(async () => {
  const engine = await openTestEngine();
  for (const [name, settings] of Object.entries(folders)) {
    const stored = await saveCheckpoint(engine, { model: new SoundModel(settings), progress: { step: 1 } });
    new RunFolder(at(name)).save(settings, stored, stored);
  }
  engine.destroy();
});
const generate = (run: string, ...words: string[]) =>
  readGenerateCommand(['wavenet', '--run', at(run), ...words])();

test('a WAV file of the digit, and its picture beside a recording', async () => {
  const data = mkdtempSync(join(folder, 'data-'));
  new RunFolder(data).write('fsdd/7_george_0.wav', encodeWav({ rate: 8000, samples: new Float32Array(900) }));
  const [out, picture] = [at('seven.wav'), at('seven.svg')];
  const words = ['--digit', '7', '--speaker', 'george', '--seconds', '0.02', '--out', out];
  expect(await generate('both', ...words, '--spectrogram', picture, '--data', data)).toBe(0);
  const { rate, samples } = decodeWav(readFileSync(out));
  expect([rate, samples.length]).toEqual([8000, 160]);
  expect(new Set(samples).size).toBeGreaterThan(20);
  expect(lines.join('\n')).toMatch(/seven\.wav: "7" by george, 0\.02 s, \d.* samples\/s, 5 in sight/);
  const svg = readFileSync(picture, 'utf8');
  expect(svg).toMatch(/^<svg [^]*WaveNet: “7” by george[^]*recording: 7_george_0\.wav[^]*<\/svg>$/);
  // Again: nothing is written over unless asked for, and the same seed says the same.
  const before = readFileSync(out);
  await expect(generate('both', ...words)).rejects.toThrow(/seven\.wav is there already[^]*--overwrite/);
  await generate('both', ...words, '--overwrite');
  expect(readFileSync(out)).toEqual(before);
});

test('what cannot be made is refused before anything is written', async () => {
  const out = at('never.wav');
  const refusal = (run: string, ...words: string[]) =>
    generate(run, '--out', out, ...words).then(
      () => 'it was made',
      ({ message }: Error) => message,
    );
  expect(await refusal('nowhere')).toMatch(
    /no trained wavenet in .*nowhere[^]*npx seqgpu train digits --model wavenet/,
  );
  expect(await refusal('lstm')).toMatch(/holds the run of a lstm on digits, not of a wavenet on digits/);
  expect(await refusal('george', '--speaker', 'george')).toMatch(
    /was not told the speaker[^]*--condition digit/,
  );
  expect(await refusal('both', '--spectrogram', at('x.svg'), '--data', folder)).toMatch(
    /0_jackson_0\.wav is missing/,
  );
  const settings = { ...folders.both, hidden: 8 };
  new RunFolder(at('both')).write('settings.json', JSON.stringify({ settings }));
  expect(await refusal('both')).toMatch(/is \[10, 32\] there|but \[.*\] in this model/);
  expect(existsSync(out)).toBe(false);
  expect(() => readGenerateCommand(['wavenet', '--top-k', '3'])).toThrow('--top-k does not go with speech');
  expect(() => readGenerateCommand([at('both'), '--run', 'x'])).toThrow('--run goes with `generate wavenet`');
  expect(() => readGenerateCommand(['wavenet', '--digit', '10'])).toThrow('--digit "10" is unknown');
  expect(() => readGenerateCommand(['wavenet', '--speaker', 'theo'])).toThrow('known: jackson, george');
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
    const { json, length } = await speech.prepare({ ...job, given: { speaker: 'george' } })(engine, model);
    expect(json.words).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `${digit}-george`));
    const frames = content.durations[1];
    expect(length).toBe(frames.reduce((sum, own) => sum + own, 0));
    const { samples } = decodeWav(readFileSync(join(at('words'), 'speech/7-george.wav')));
    expect(samples.length).toBe((frames[7] - 1) * 80);
    const svg = readFileSync(join(at('words'), 'speech/7-george.svg'), 'utf8');
    expect(svg).toMatch(
      /^<svg [^]*“7” by george, made[^]*by way of the vocoder[^]*the recording[^]*<\/svg>$/,
    );
  } finally {
    engine.destroy();
  }
  expect(() => speech.prepare({ ...job, given: { speaker: 'george' } })).toThrow('would be overwritten');
  expect(() => speech.prepare({ ...job, given: { temperature: 2 } })).toThrow(
    '--temperature does not go with speech',
  );
});
