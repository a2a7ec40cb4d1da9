// Command lines from their words to their codes, files and messages, one behind the other in this process: with one
// engine, so that kernels of the same text are compiled once. As processes of the built program: cli.e2e.test.ts.

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMidi } from 'midi-file';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runProgram } from '../../src/cli/runProgram';
import type { Engine } from '../../src/gpu/engine';
import { TINY_TEXTS } from '../fixtures/tinyText';
import { TINY, bitsOf, linesOf, type Ended } from '../harness/runsOfProgram';

const opened = vi.hoisted(() => ({ engine: undefined as Promise<Engine> | undefined }));
vi.mock('../../src/cli/engine/adapter.node', async (original) => {
  const real = await original<typeof import('../../src/cli/engine/adapter.node')>();
  const openOnce = async () => Object.assign(await real.openEngine(), { destroy: () => {} });
  return { ...real, openEngine: () => (opened.engine ??= openOnce()) };
});

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-program-'));
const from = process.cwd();
beforeAll(async () => {
  process.chdir(folder);
  const { code, error } = await seqgpu(`${TINY} --steps 3 --out short`);
  if (code !== 0) throw new Error(error);
}, 60_000);
afterAll(async () => {
  process.chdir(from);
  (await opened.engine)?.device.destroy();
  rmSync(folder, { recursive: true });
});

/** Runs a command line, and gives what it has said. */
async function seqgpu(line: string): Promise<Ended> {
  const [out, error]: string[][] = [[], []];
  const write: typeof process.stdout.write = (text: unknown, done?: unknown) => {
    out.push(String(text).replace(/\n$/, ''));
    if (typeof done === 'function') done();
    return true;
  };
  vi.spyOn(console, 'log').mockImplementation((text) => out.push(String(text)));
  vi.spyOn(console, 'error').mockImplementation((text) => error.push(`${text}\n`));
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  try {
    const code = await runProgram(line.split(' '));
    return { code, out: out.join('\n').trimEnd().split('\n'), error: error.join('') };
  } finally {
    vi.restoreAllMocks();
  }
}

async function inTurn(...lines: readonly string[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const line of lines) ended.push(await seqgpu(line));
  return ended;
}

test('text: a run goes on with the state that it carried; a text that is too short is refused', async () => {
  mkdirSync(join(folder, 'texts/wikitext-2'), { recursive: true });
  for (const [split, text] of Object.entries(TINY_TEXTS)) {
    writeFileSync(join(folder, `texts/wikitext-2/${split}.txt`), text);
  }
  const base = 'train wikitext2 --model rnn --data texts';
  const tiny = `${base} --hidden 4 --embedding 3 --cutoffs 8,20 --batch 9 --bptt 5 --evaluate-every 2 --dropout 0.1`;
  const [{ code, error, out }] = await inTurn(
    `${tiny} --steps 5 --out text --schedule plateau --json`,
    `${tiny} --steps 3 --out half --schedule plateau`,
  );
  expect({ code, error }).toEqual({ code: 0, error: '' });
  expect(JSON.parse(out.at(-1)!)).toMatchObject({ task: 'wikitext2', metric: 'perplexity', steps: 5 });
  const [again, short] = await inTurn(
    `${base} --steps 5 --out half --resume`,
    `${tiny} --batch 100 --out short-text`,
  );
  expect({ code: again.code, error: again.error }).toEqual({ code: 0, error: '' });
  expect(bitsOf(folder, 'half')).toEqual(bitsOf(folder, 'text'));
  expect(Object.keys(bitsOf(folder, 'half'))).toContain('carried.h_l0');

  expect(short.code).toBe(1);
  expect(short.error).toMatch(/training text has \d+ tokens, too few[^]*batch 100 · \(bptt 5 \+ 1\) = 600/);
}, 120_000);

test('text from a checkpoint: seeds, prompts, and what cannot be', async () => {
  const base = 'generate text --data texts --length 12';
  const sampled = `${base} --seed 4 --prompt ferry --top-k 9 --top-p 0.9 --temperature 0.8`;
  const [made, again] = await inTurn(`${sampled} --json`, sampled);
  expect(made.code).toBe(0);
  expect(made.error).toMatch(/steps\/s, 12 steps in/);
  const { text, ...facts } = JSON.parse(made.out.at(-1)!);
  expect(facts).toMatchObject({ task: 'wikitext2', model: 'rnn', seed: 4, temperature: 0.8, length: 12 });
  expect(facts.stepsPerSecond).toBeGreaterThan(0);
  expect(text).toMatch(/^ferry/);
  expect(made.out.slice(0, -1).join('\n').trimEnd()).toBe(text.trimEnd());
  expect(again.out.join('\n')).toBe(text.trimEnd());

  // The likeliest word every time, whatever the seed, in three ways.
  const [greedy, ...others] = await inTurn(
    ...['--temperature 0 --seed 1', '--top-k 1 --seed 2', '--top-p 0.001 --seed 3'].map(
      (flags) => `${base} --prompt ferry ${flags}`,
    ),
  );
  for (const other of others) expect(other.out).toEqual(greedy.out);
  expect(again.out).not.toEqual(greedy.out);

  writeFileSync(join(folder, 'taken.txt'), 'mine');
  // The settings of one run beside the parameters of another.
  mkdirSync(join(folder, 'mixed'));
  copyFileSync(join(folder, 'text/settings.json'), join(folder, 'mixed/settings.json'));
  copyFileSync(join(folder, 'short/best.safetensors'), join(folder, 'mixed/best.safetensors'));
  const [strange, taken, nowhere, cold, silent, mixed] = await inTurn(
    ...[`${base} --prompt boats`, `${base} --out taken.txt`, 'generate nowhere'],
    ...['generate text --temperature 0.0001', 'generate short', 'generate mixed --data texts'],
  );
  expect(strange.code).toBe(1);
  expect(strange.error).toMatch(
    /words that WikiText-2 does not know: "boats"[^]*use other words, or write <unk>/,
  );
  expect(taken.error).toContain('is there already');
  expect(readFileSync(join(folder, 'taken.txt'), 'utf8')).toBe('mine');
  expect(nowhere).toMatchObject({ code: 1, error: expect.stringContaining('no checkpoint in nowhere') });
  expect(cold).toMatchObject({ code: 2 });
  expect(silent.error).toContain('a run of copy, which makes nothing to read');
  expect(mixed.code).toBe(1);
  expect(mixed.error).toMatch(
    /the checkpoint in mixed is not the rnn of wikitext2 that its settings ask for[^]*encoder.weight/,
  );
}, 240_000);

test('music from a checkpoint: a MIDI file and its picture', async () => {
  const piece = (by: number) => Array.from({ length: 20 }, (_, t) => [30 + ((t * by) % 9), 50 + by]);
  const split = [piece(1), piece(2), piece(3)];
  const music = { name: 'Tiny', keys: 88, train: split, valid: split, test: split };
  mkdirSync(join(folder, 'texts/poly-music'), { recursive: true });
  writeFileSync(join(folder, 'texts/poly-music/jsb-chorales.json'), JSON.stringify(music));
  const train = 'train jsb --model tcn --data texts --hidden 8 --levels 2 --steps 3 --out tunes';
  expect((await seqgpu(train)).code).toBe(0);
  const tune = 'generate tunes --data texts --length 24 --prompt 1 --prompt-steps 4';
  const made = await seqgpu(`${tune} --tempo 90 --json`);
  expect(made.code).toBe(0);
  const { midi, picture, promptSteps, stepsPerSecond } = JSON.parse(made.out.at(-1)!);
  expect(promptSteps).toBe(4);
  expect(stepsPerSecond).toBeGreaterThan(0);
  const bytes = readFileSync(join(folder, midi));
  const { header, tracks } = parseMidi(bytes);
  expect(header).toMatchObject({ format: 0, ticksPerBeat: 480 });
  // 90 beats a minute.
  expect(tracks[0]).toContainEqual(
    expect.objectContaining({ type: 'setTempo', microsecondsPerBeat: 666_667 }),
  );
  const ticks = tracks[0].reduce((sum, { deltaTime }) => sum + deltaTime, 0);
  expect(ticks).toBe(28 * 480);
  const first = tracks[0].filter(({ type, deltaTime }) => type === 'noteOn' && deltaTime === 0).slice(0, 2);
  // The prompt's first step: keys 30 and 52 of a piano whose lowest is note 21.
  expect(first.map((event) => 'noteNumber' in event && event.noteNumber)).toEqual([51, 73]);
  expect(readFileSync(join(folder, picture), 'utf8')).toMatch(/^<svg [^]*<\/svg>\s*$/);

  const [again, , narrowed, none] = await inTurn(
    ...[tune, `${tune} --tempo 90 --out again.mid`],
    ...['generate tunes --data texts --top-k 3', 'generate tunes --data texts --prompt 7 --out x.mid'],
  );
  expect(again.error).toContain('is there already');
  expect(readFileSync(join(folder, 'again.mid'))).toEqual(bytes);
  expect(narrowed.error).toContain('--top-k does not go with jsb');
  expect(none.error).toContain('no test piece "7"');
}, 240_000);

test('eval: a trained run measures what it measured, on its own splits and on other data', async () => {
  mkdirSync(join(folder, 'others/poly-music'), { recursive: true });
  const piece = Array.from({ length: 9 }, (_, t) => [40 + t]);
  const music = { name: 'Other', keys: 88, train: [piece], valid: [piece], test: [piece] };
  writeFileSync(join(folder, 'others/poly-music/jsb-chorales.json'), JSON.stringify(music));
  const [own, split, other, none] = await inTurn(
    ...['eval text --data texts --json', 'eval tunes --data texts --split test --json'],
    ...['eval tunes --data others --json', 'eval nowhere'],
  );
  const results = (run: string) => JSON.parse(readFileSync(join(folder, run, 'results.json'), 'utf8'));
  const said = ({ out }: Ended) => JSON.parse(out.at(-1)!);
  const { valid, test: tested } = results('text');
  expect(said(own)).toMatchObject({ task: 'wikitext2', otherData: false, valid, test: tested });
  expect(said(split)).toMatchObject({ otherData: false, test: results('tunes').test });
  expect(said(split)).not.toHaveProperty('valid');
  expect(other.out.join('\n')).toContain('other data than those of the run');
  expect(said(other).otherData).toBe(true);
  expect(said(other).test).not.toEqual(results('tunes').test);
  expect(none).toMatchObject({ code: 1, error: expect.stringContaining('no checkpoint in nowhere') });
}, 120_000);

test('eval --whole: all of a file that is named, which is too short for parts', async () => {
  writeFileSync(join(folder, 'mine.txt'), 'the ferry and the pier. '.repeat(40));
  writeFileSync(join(folder, 'held.txt'), 'the pier and the ferry.');
  const train = 'train text --model rnn --from mine.txt --hidden 4 --batch 2 --bptt 8 --steps 3 --out mine';
  const [trained, parts, whole, own, both, unnamed] = await inTurn(
    ...[train, 'eval mine --from held.txt', 'eval mine --from held.txt --whole --json'],
    ...['eval mine --from mine.txt --whole', 'eval mine --whole --split test --from held.txt'],
    'eval mine --whole',
  );
  expect({ code: trained.code, error: trained.error }).toEqual({ code: 0, error: '' });
  expect(parts).toMatchObject({ code: 1, error: expect.stringContaining('too few') });
  expect(whole.code).toBe(0);
  expect(whole.out.join('\n')).toContain('all of them are measured');
  expect(whole.out.join('\n')).toMatch(/bits per character, all/);
  const { test: found, ...facts } = JSON.parse(whole.out.at(-1)!);
  expect(facts).toMatchObject({ otherData: true, whole: true });
  expect(facts).not.toHaveProperty('valid');
  expect(Object.values(found)[0]).toBeGreaterThan(0);
  expect(own.out.join('\n')).toContain('most of them were trained on');
  expect(both).toMatchObject({ code: 1, error: expect.stringContaining('--whole and --split') });
  expect(unnamed).toMatchObject({ code: 1, error: expect.stringContaining('name others by --from') });
}, 60_000);

test('eval --whole: a few rows of another table, in the units of the run', async () => {
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, t) => from + (t % 4)).join('\n');
  writeFileSync(join(folder, 'rows.csv'), `x\n${rows(0, 60)}\n`);
  for (const from of [0, 100]) writeFileSync(join(folder, `rows-${from}.csv`), `x\n${rows(from, 5)}\n`);
  const train =
    'train series --model rnn --from rows.csv --hidden 4 --batch 2 --length 8 --steps 3 --out rows';
  const [trained, near, far] = await inTurn(
    train,
    ...[0, 100].map((from) => `eval rows --from rows-${from}.csv --whole --json`),
  );
  expect({ code: trained.code, error: trained.error }).toEqual({ code: 0, error: '' });
  const errorOf = ({ out }: Ended) => Number(Object.values(JSON.parse(out.at(-1)!).test)[0]);
  expect(errorOf(near)).toBeGreaterThan(0);
  expect(errorOf(far)).toBeGreaterThan(20 * errorOf(near));
}, 60_000);

test('--init: the weights of a file are where a run starts', async () => {
  const started = `${TINY} --steps 1 --learning-rate 1e-30 --init short/best.safetensors --out started`;
  const [{ code, error }, none] = await inTurn(started, `${TINY} --init nowhere.safetensors --out none`);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  // A step of that size changes nothing.
  expect(bitsOf(folder, 'started', 'best')).toEqual(bitsOf(folder, 'short', 'best'));
  expect(JSON.parse(readFileSync(join(folder, 'started/settings.json'), 'utf8')).settings.init).toBe(
    'short/best.safetensors',
  );
  expect(none).toMatchObject({
    code: 1,
    error: expect.stringContaining('--init nowhere.safetensors is no file'),
  });
}, 120_000);

test('a training that diverges ends with 1, with the step and the op', async () => {
  const { code, error } = await seqgpu(`${TINY} --steps 9 --learning-rate 1e30 --out diverged`);
  expect({ code, error }).toMatchObject({ code: 1, error: expect.stringMatching(/at step \d\.\n/) });
  expect(error).toMatch(/causalConv is the first to make one:\n +y .* NaN[^]*fix: lower the learning rate/);
  expect(readdirSync(join(folder, 'diverged'))).toEqual(['metrics.jsonl']);
});

test('data: what is known, and what of it is there', async () => {
  const { code, out, error } = await seqgpu('data --data texts');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const lines = out.join('\n');
  for (const name of ['jsb', 'nottingham', 'wikitext-2', 'mnist']) expect(lines).toContain(name);
});

test('a study ends with its table, its report and one JSON object; run again, it does nothing twice', async () => {
  const { code, out, error } = await seqgpu('study unstable --out unstable --json');
  expect({ code, error }).toEqual({ code: 0, error: '' });
  const { rows, ...rest } = JSON.parse(out.at(-1)!);
  expect(rest).toEqual({ study: 'unstable', budget: 'small', adapter: expect.any(String), seed: 1 });
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(['model', 'task', 'setting', 'metric', 'ours', 'published']);
  }
  expect(readdirSync(join(folder, 'unstable')).sort()).toEqual([
    ...['report.html', 'results.json', 'results.jsonl', 'settings.json'],
  ]);
  const page = readFileSync(join(folder, 'unstable/report.html'), 'utf8');
  expect(page.match(/<svg /g)).toHaveLength(5);
  expect(page).not.toMatch(/<script|<link|src=|NaN|undefined/);

  // As a kill leaves it: whole lines, and a part of one.
  const before = linesOf(folder, 'unstable');
  const path = join(folder, 'unstable/results.jsonl');
  writeFileSync(path, `${before.slice(0, 20).join('\n')}\n${before[20].slice(0, 30)}`);
  const again = await seqgpu('study unstable --out unstable --json');
  expect(JSON.parse(again.out.at(-1)!)).toEqual({ ...rest, rows });
  expect(again.out[0]).toBe('unstable: 20 finished before');
  // Bytes and times of what was finished are those of the first run.
  expect(linesOf(folder, 'unstable').slice(0, 20)).toEqual(before.slice(0, 20));
  expect(linesOf(folder, 'unstable')).toHaveLength(before.length);

  const all = () =>
    readdirSync(join(folder, 'unstable')).map((name) => readFileSync(join(folder, 'unstable', name), 'utf8'));
  const untouched = all();
  const other = await seqgpu('study unstable --out unstable --seed 2');
  expect(other).toMatchObject({ code: 1, error: expect.stringContaining('seed: 1 there, 2 now') });
  expect(all()).toEqual(untouched);
}, 120_000);

test('a study refuses the folder of something else, and names what it does not know', async () => {
  await seqgpu(`${TINY} --steps 1 --out other`);
  const before = readdirSync(join(folder, 'other'));
  const [{ code, error }, unknown] = await inTurn('study unstable --out other', 'study unstabel');
  expect({ code, error }).toMatchObject({ code: 1, error: expect.stringContaining('holds something else') });
  expect(readdirSync(join(folder, 'other'))).toEqual(before);
  expect(unknown).toMatchObject({ code: 2, error: expect.stringContaining('did you mean unstable?') });
}, 120_000);
