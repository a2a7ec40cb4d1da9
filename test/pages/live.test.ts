// The live page in a Chrome, as `seqgpu live` serves it: every scene runs, and its numbers are those of the command line
// that it shows; nothing is loaded from elsewhere; it can be used without eyes, in both themes and on a phone.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { longestTask } from '../../examples/live/seen/longestTask.node';
import { shellOf, zippedKiB } from '../../examples/live/seen/shell.node';
import { rgbOf } from '../../examples/live/shell/hex';
import { Looks } from '../../examples/live/work/gate';
import { launchChrome } from '../../src/cli/browser/launch.node';
import { readCommand } from '../../src/cli/commands';
import { serve } from '../../src/cli/live/live.node';
import { filesOfData, filesOfSite } from '../../src/cli/live/site.node';
import { readMidi } from '../../src/data/own/midi';
import { decodeWav, encodeWav } from '../../src/data/wav';
import type { Engine } from '../../src/gpu/engine';
import { notesOf } from '../../src/report/midi';
import { TABLES } from '../../src/runs/tables';
import { liveSite, violations } from '../harness/livePage';

// All runs of the command line take one engine, so that kernels of the same text are compiled once.
const opened = vi.hoisted(() => ({ shared: true, engine: undefined as Promise<Engine> | undefined }));
vi.mock('../../src/cli/engine/adapter.node', async (original) => {
  const real = await original<typeof import('../../src/cli/engine/adapter.node')>();
  const openOnce = async () => Object.assign(await real.openEngine(), { destroy: () => {} });
  // Tests of other files, which have this module too, take engines of their own.
  const openEngine: typeof real.openEngine = (options) =>
    opened.shared ? (opened.engine ??= openOnce()) : real.openEngine(options);
  return { ...real, openEngine };
});

const folder = mkdtempSync(join(tmpdir(), 'seqgpu-live-'));
let site: string;
let served: { server: Server; address: string };
let browser: Browser;
let page: Page;
const asked: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  site = join(await liveSite(), 'site');
  const files = new Map([...filesOfSite(site), ...filesOfData(TABLES, join(folder, 'data'))]);
  served = await serve(files, 0);
  const log = (line: string) => complaints.push(line);
  browser = await launchChrome({ adapter: 'software', log, protocolTimeout: 120_000 });
  page = await browser.newPage();
  // In Chrome's list of requests those of workers are not.
  page.on('workercreated', (worker) => void asked.push(worker.url()));
  page.on('request', (request) => void asked.push(request.url()));
  page.on('pageerror', (error) => void complaints.push(String(error)));
  page.on('console', (said) => void (said.type() === 'error' && complaints.push(said.text())));
  await page.goto(served.address);
  await page.waitForSelector('.device:not(.looking)');
}, 120_000);

afterAll(async () => {
  await browser?.close();
  served?.server.close();
  (await opened.engine)?.device.destroy();
  opened.shared = false;
  rmSync(folder, { recursive: true });
});
afterEach(() => void vi.restoreAllMocks());

/** Goes to a scene by its address. */
async function go(hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  const name = hash.split('?')[0];
  await page.waitForSelector(`nav a[href$="${name}"][aria-current]`);
  await page.waitForSelector('article h1');
}

const click = (words: string): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll('button')].find((one) => one.textContent === '${words}').click()`,
  );

const textsOf = (selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map(({ textContent }) => textContent ?? ''));

/** Waits until an expression is true on the page; `rows`: what its table says of the steps of every run. */
const until = (expression: string): Promise<unknown> =>
  page.waitForFunction(
    `((rows) => ${expression})(
      [...document.querySelectorAll('.numbers tbody tr')].map((row) => row.children[2].textContent))`,
    { timeout: 90_000 },
  );

/** Goes to a scene, and starts by a button what it trains; resolves when its command lines are there. */
async function begin(hash: string, button = 'Start'): Promise<string[]> {
  await go(hash);
  await page.waitForSelector('button.main:enabled');
  await click(button);
  await until(
    `document.querySelector('.status.wrong') || document.querySelectorAll('.commands .command').length === rows.length`,
  );
  expect(await textsOf('.status.wrong')).toEqual([]);
  return textsOf('.commands code');
}

/** The numbers of the scene when all that it trains has ended. */
async function results(): Promise<number[]> {
  await until(`document.querySelector('.status.wrong')
    || [...document.querySelectorAll('.result')].every((one) => one.textContent !== '–')`);
  expect(await textsOf('.status.wrong')).toEqual([]);
  return (await textsOf('.result')).map(Number);
}

/** What the command line says, of the same numbers. */
async function inTerminal(line: string): Promise<number> {
  const said: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text) => said.push(String(text)));
  const placed = line.replace(/--from (?!\/)/, `--from ${join(site, 'samples')}/`);
  const words = placed.split(' ').slice(2);
  const out = mkdtempSync(join(folder, 'run-'));
  expect(await readCommand([...words, '--quiet', '--json', '--out', join(out, 'run')])()).toBe(0);
  vi.restoreAllMocks();
  return (JSON.parse(said.at(-1)!) as { testMetric: number }).testMetric;
}

/** The page's numbers beside those of its command lines, which run meanwhile. */
async function compare(commands: readonly string[]): Promise<void> {
  const shown = results();
  const wanted: number[] = [];
  for (const command of commands) wanted.push(await inTerminal(command));
  const here = await shown;
  expect(here).toHaveLength(commands.length);
  for (const [i, command] of commands.entries()) {
    const off = Math.abs(here[i] / wanted[i] - 1);
    expect(off, `${command}: ${here[i]} here, ${wanted[i]} there`).toBeLessThan(1e-5);
  }
  expect(await violations(page, 'dark', 1200)).toEqual([]);
  expect(await violations(page, 'light', 360)).toEqual([]);
}

/** The same of a scene whose address has a seed that it does not begin with. */
async function compareSeeded(hash: string): Promise<void> {
  const commands = await begin(hash);
  for (const command of commands) expect(command).toContain(' --seed 3');
  await compare(commands);
}

/** Presses a button that saves a file, and gives its bytes. */
async function saved(button: string, name: string): Promise<Uint8Array> {
  const client = await page.createCDPSession();
  await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  await click(button);
  await vi.waitFor(() => expect(existsSync(join(folder, name))).toBe(true), 5000);
  return readFileSync(join(folder, name));
}

/** Folders of recordings in a folder, by their names, with what systems leave in folders besides. */
function recordings(name: string, classes: readonly string[]): string {
  const place = join(folder, name);
  for (const [c, one] of classes.entries()) {
    mkdirSync(join(place, one), { recursive: true });
    writeFileSync(join(place, one, '.DS_Store'), 'none of them');
    for (let i = 0; i < 6; i++) {
      const samples = Float32Array.from({ length: 800 + 80 * i }, (_, t) =>
        Math.sin((1 + c) * t * (0.2 + i / 99)),
      );
      writeFileSync(join(place, one, `${i}.wav`), encodeWav({ rate: 8000, samples }));
    }
  }
  return place;
}

/** Drops files and folders on the place for them, as a person does. */
async function drop(...files: string[]): Promise<void> {
  const client = await page.createCDPSession();
  const place = await page.waitForSelector('.drop');
  await place!.scrollIntoView();
  const { x, y } = await place!.clickablePoint();
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await client.send('Input.dispatchDragEvent', { type, x, y, data });
  }
}

/** How many files of one's own each run has that the browser keeps. */
const keptCounts = (): Promise<unknown> =>
  page.evaluate(`(async () => {
    const counts = [];
    const origin = await navigator.storage.getDirectory();
    for await (const run of (await origin.getDirectoryHandle('seqgpu-runs')).values()) {
      let own = 0;
      for await (const name of run.keys()) if (name.startsWith('data-')) own++;
      counts.push(own);
    }
    return counts;
  })()`);

/** Hands the bench a file: one is too few for three splits, which only who has read it can say; three can be trained. */
async function takesIn(hash: string, ending: string, bytes: Uint8Array): Promise<void> {
  await go(hash);
  const paths = ['a', 'b', 'c'].map((name) => join(folder, `${name}.${ending}`));
  for (const path of paths) writeFileSync(path, bytes);
  const input = await page.waitForSelector('.drop input');
  await input!.uploadFile(paths[0]);
  await page.waitForFunction(
    `document.querySelector('.note.wrong')?.textContent.includes('for three splits: 1.')`,
  );
  await input!.uploadFile(...paths);
  await page.waitForSelector('button.main:enabled');
  expect((await textsOf('.drop p'))[0]).toMatch(/^a\.\w+ \(\d+ kB\), b\.\w+ .*, c\./);
  expect(await textsOf('.note.wrong')).toEqual([]);
  expect((await textsOf('.commands code'))[0]).toContain('--from PATH');
}

describe('scenes', () => {
  const SCENES = [
    '#k?model=rnn&hidden=16&steps=20&k=3&seed=3',
    '#stable?hidden=8&steps=20&seed=3',
    '#writing?model=rnn&steps=20&seed=3',
    '#attention?steps=4&seed=3',
  ];

  test.each(SCENES)('%s: its numbers are those of its command line, of that seed', compareSeeded);

  test('#music: the same; what it plays is saved as MIDI, and MIDI files of one’s own come in', async () => {
    await compareSeeded('#music?model=rnn&steps=10&seed=3');
    const bytes = await saved('Save as MIDI', 'music-10.mid');
    const { pieces } = readMidi(bytes, { stepsPerBeat: 1 });
    // Eight steps are given.
    const played = notesOf(pieces[0]).filter(({ to }) => to > 8);
    const [told] = await page.$$eval('canvas', (all) => all.map((one) => one.getAttribute('aria-label')));
    expect([pieces.length, told]).toEqual([
      1,
      `Behind step 10: ${played.length} notes in the 56 steps that it plays.`,
    ]);
    expect(played.length).toBeGreaterThan(5);
    await takesIn('#bench?task=music&model=rnn', 'mid', bytes);
  });

  test('#sound: the same; what it says is saved as WAV, and WAV files of one’s own come in', async () => {
    await compareSeeded('#sound?steps=4&seconds=0.1&seed=3');
    const bytes = await saved('Save as WAV', 'eight-4.wav');
    const { rate, samples } = decodeWav(bytes);
    expect([rate, samples.length]).toEqual([8000, 800]);
    expect(new Set(samples).size).toBeGreaterThan(20);
    await takesIn('#bench?task=sound&model=wavenet', 'wav', bytes);
  });

  test('#copy: no task of the page takes 50 ms while two models are trained, to the numbers of two commands', async () => {
    await go('#copy?length=10&steps=20');
    await page.waitForSelector('button.main:enabled');
    // The page's own, and before anybody starts one for each model.
    const workers = () => expect(page.workers()).toHaveLength(3);
    await vi.waitFor(workers, 10_000);
    await page.tracing.start({ categories: ['toplevel'] });
    const commands = await begin('#copy?length=10&steps=20');
    workers();
    await until(`rows.every((text) => Number.parseInt(text) > 3)`);
    const { tasks, longest } = longestTask((await page.tracing.stop())!);
    expect([tasks > 100, longest < 50], `${longest} ms, the longest of ${tasks}`).toEqual([true, true]);
    await compare(commands);
  });

  test('#bench: a run takes one step, waits, and goes on to the number of its command; another is stopped', async () => {
    const commands = await begin('#bench?task=copy&model=rnn&length=10&hidden=8&steps=6', 'One step');
    await until(`rows[0].startsWith('1 ')`);
    await click('One step');
    await until(`rows[0].startsWith('2 ')`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await textsOf('.numbers tbody td'))[1]).toBe('2 / 6');
    await click('Go on');
    await compare(commands);
    await click('Start again');
    await click('Stop');
    expect(await textsOf('button.main')).toEqual(['Start']);
  });

  test('#bench: folders are classes: of one that is chosen, and of several that are dropped at once', async () => {
    const place = recordings('sounds', ['high', 'low']);
    const hash = '#bench?task=classification&model=rnn&hidden=8&steps=4&batch=4&seed=3';
    await go(hash);
    const input = await page.waitForSelector('.drop label + label input');
    await input!.uploadFile(place);
    await page.waitForSelector('button.main:enabled');
    const [files] = await textsOf('.drop p');
    expect(files).toBe('sounds (14 files, 25 kB)');
    expect(await textsOf('.remark')).toContain('2 classes of sound');
    const [command] = await begin(hash);
    await compare([command.replace('PATH', place)]);
    // The browser keeps copies of what was read, and of nothing else.
    expect(await keptCounts()).toContain(12);
    expect(await keptCounts()).not.toContain(14);

    // Those two again, and a third.
    recordings('sounds', ['high', 'low', 'middle']);
    await drop(...['high', 'low', 'middle'].map((one) => join(place, one)));
    await page.waitForFunction(`document.body.textContent.includes('3 classes of sound')`);
    expect((await textsOf('.drop p'))[0]).toMatch(
      /^high \(7 files, \d+ kB\), low \(7 files, .*, middle \(7 files/,
    );
    await go('#field');
    const [another] = await begin(hash);
    const from = ['high', 'low', 'middle'].map((one) => `--from ${join(place, one)}`).join(' ');
    await compare([another.replace('--from PATH', from)]);

    mkdirSync(join(folder, 'others'));
    writeFileSync(join(folder, 'others', 'a.pdf'), '%PDF');
    await drop(join(folder, 'others'));
    await page.waitForSelector('.note.wrong');
    expect((await textsOf('.note.wrong')).join()).toMatch(/others has no sequences\.[^]*1 files: 1 \.pdf/);
  });

  test('#field: outputs that move are as many as the dilations add up to', async () => {
    await go('#field?levels=3&kernelSize=3&place=10');
    await page.waitForFunction(`document.querySelector('[data-model=tcn]')?.textContent.includes('moved')`);
    const [tcn, wavenet, lstm] = await textsOf('[data-model]');
    // Two convolutions a level: 1 + 2 · 2 · (1 + 2 + 4); one: 1 + 2 · (1 + 2 + 4).
    expect(tcn).toBe('sees 29 steps by its dilations; 29 of 86 outputs from there on moved');
    expect(wavenet).toBe('sees 15 steps by its dilations; 15 of 86 outputs from there on moved');
    expect(lstm).toMatch(/^sees no edge; \d+ of 86/);
    // Weights of another seed move other outputs by other amounts, and the first ones are there again.
    const picture = `document.querySelector('canvas').toDataURL()`;
    const before = JSON.stringify(await page.evaluate(picture));
    await go('#field?levels=3&kernelSize=3&place=10&seed=3');
    await page.waitForFunction(`${picture} !== ${before}`);
    expect(await textsOf('[data-model]')).toEqual([tcn, wavenet, expect.stringMatching(/^sees no edge/)]);
    await page.evaluate(`(() => {
      const seed = document.querySelectorAll('.control input')[3];
      seed.value = 1;
      seed.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await page.waitForFunction(`${picture} === ${before}`);
    // What is as it begins stands in no address.
    expect(await page.evaluate('location.hash')).toBe('#field?levels=3&kernelSize=3&place=10');
    expect(await violations(page, 'light', 1200)).toEqual([]);
    expect(await violations(page, 'dark', 360)).toEqual([]);
  });
});

test('nonsense in the address is told, and what cannot be is refused with its reason', async () => {
  await go('#copy?length=ten&depth=3');
  expect(await textsOf('.note.wrong')).toEqual([
    '“depth” in the address is no setting of this scene.',
    '“length=ten” in the address: it can be from 10 to 200 in steps of 10; it is 50 here.',
  ]);
  await go('#bench?task=jsb&model=tcn');
  await page.waitForSelector('.note.wrong');
  expect((await textsOf('.note.wrong')).join()).toContain('npx seqgpu data');
});

test('looks are due when the run has told its first numbers, not before', () => {
  const looks = new Looks(async () => {});
  expect(looks.due).toBe(false);
  looks.begin();
  expect(looks.due).toBe(true);
});

test('a colour is the same when a build has shortened it', () => {
  expect([rgbOf('#fff'), rgbOf('#1d2430'), rgbOf('#A0c')]).toEqual([
    [255, 255, 255],
    [29, 36, 48],
    [170, 0, 204],
  ]);
});

test('no request goes elsewhere, and nothing fails', () => {
  expect(complaints).toEqual([]);
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((url) => !url.startsWith(served.address) && !url.startsWith('data:'))).toEqual([]);
});

test('the shell is at most 40 KiB: what the page loads at once, and uPlot', () => {
  const files = filesOfSite(site);
  const shell = shellOf(files);
  expect(shell.filter((path) => path.endsWith('.js')).length).toBeGreaterThanOrEqual(2);
  const sizeOf = (path: string) => zippedKiB(files.get(path)!);
  expect(shell.map(sizeOf).reduce((sum, size) => sum + size)).toBeLessThan(40);
  // Scenes do not bring parts of it along.
  const others = [...files.keys()].filter((path) => path.endsWith('.js') && !shell.includes(path));
  const scenes = others.filter((path) => !path.includes('/worker'));
  expect(scenes.length).toBeGreaterThan(5);
  expect(Math.max(...scenes.map(sizeOf))).toBeLessThan(4);
});

test('the server gives nothing but the page, to nobody but this machine', async () => {
  const ask = (path: string, headers = {}) => fetch(new URL(path, served.address), { headers });
  const first = await ask('/');
  expect(first.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(first.headers.get('content-security-policy')).not.toContain('unsafe');
  expect(await (await ask('/data/index.json')).json()).toEqual([]);
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/%', '/assets', '/data/mnist/x']) {
    expect((await ask(path)).status, path).toBe(404);
  }
});

test('without WebGPU the page says what to use', async () => {
  const other = await browser.newPage();
  await other.evaluateOnNewDocument(`delete Navigator.prototype.gpu`);
  await other.goto(served.address);
  await other.waitForSelector('.note.wrong');
  const said = await other.$eval('.note.wrong', ({ textContent }) => textContent);
  for (const name of ['Chrome', 'Safari', 'Firefox']) expect(said).toContain(name);
  await other.close();
});
