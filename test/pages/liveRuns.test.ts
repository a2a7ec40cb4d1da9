// Runs of the live page that outlive what happens to them: a tab that is killed, a device that is lost. And what goes in
// and out of the page: weights as files, pinned runs, addresses.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { READY } from '../../examples/live/work/ready';
import { readCommand } from '../../src/cli/commands';
import { Random } from '../../src/random';
import { readJson } from '../../src/train/json';
import { decodeSafetensors, encodeSafetensors, type Stored } from '../../src/train/safetensors';
import type { Point } from '../../src/train/fit';
import { click, liveSite, openLive, textsOf, violations, type LivePage } from '../harness/livePage';

/** In the long run, `npm run trust -- tabs`, it is 10. */
const KILLS = Number(import.meta.env.VITE_TABS ?? 2);
const [STEPS, EVERY] = [150 * KILLS, 30];
/** What a kill and what comes of it, and runs of so many steps, may take on cores that others use too. */
const KILL_MS = 60_000;
const MOST_MS = KILL_MS * KILLS;
/** How long the lock of a killed tab stays: longer than it takes to look for runs a few times. */
const HELD_MS = 1500;
const OPTIONS = { length: 12, hidden: 8, steps: STEPS, evaluateEvery: EVERY, learningRate: 0.01 };
/** A run with other settings, as an address. */
const runWith = (changes: object): string =>
  `bench?task=adding&model=gru&${Object.entries({ ...OPTIONS, ...changes })
    .map(([name, value]) => `${name}=${value}`)
    .join('&')}`;
const RUN = runWith({});

let live: LivePage;
let folder: string;
/** The uninterrupted run, and its tab. */
let page: Page;
let calm: Kept;

/** What the browser keeps of a run, but for the time that it took. */
interface Kept {
  readonly last: readonly (readonly [string, Float32Array])[];
  readonly best: readonly (readonly [string, Float32Array])[];
  readonly optimizer: string;
  readonly progress: unknown;
}

beforeAll(async () => {
  live = await openLive();
  folder = join(await liveSite(), 'downloads');
  mkdirSync(folder, { recursive: true });
  page = await live.open(RUN);
  await start(page);
  await ended(page);
  calm = await kept(page);
}, MOST_MS);
afterAll(() => live?.close());
afterEach(() => void vi.restoreAllMocks());

async function start(tab: Page): Promise<void> {
  await tab.waitForSelector('button.main:enabled');
  await click(tab, 'Start');
}

/** Waits until something holds in a page; says what the page shows instead, where it does not in time. */
async function until(tab: Page, condition: string): Promise<void> {
  await tab.waitForFunction(condition, { polling: 5, timeout: KILL_MS }).catch(async (cause: Error) => {
    const shown = await textsOf(tab, 'article p, .run, .numbers, .kept').catch(String);
    throw new Error(`not ${condition} within ${KILL_MS} ms, but the page shows: ${shown}`, { cause });
  });
}

async function ended(tab: Page): Promise<void> {
  await tab.waitForFunction(
    `document.querySelector('.result')?.textContent !== '–' || document.querySelector('.status.wrong')`,
    { timeout: MOST_MS },
  );
  expect(await textsOf(tab, '.status.wrong')).toEqual([]);
}

/** What is kept of the run that was kept last. */
async function kept(tab: Page): Promise<Kept> {
  const [last, best] = (await tab.evaluate(`(async () => {
    const runs = await (await navigator.storage.getDirectory()).getDirectoryHandle('seqgpu-runs');
    const text = async (run, name) => (await (await run.getFileHandle(name)).getFile());
    let newest = { at: 0 };
    for await (const run of runs.values()) {
      const { at } = JSON.parse(await (await text(run, 'run.json')).text());
      if (at > newest.at) newest = { at, run };
    }
    const files = ['last.safetensors', 'best.safetensors'];
    const bytes = async (name) => [...new Uint8Array(await (await text(newest.run, name)).arrayBuffer())];
    return Promise.all(files.map(bytes));
  })()`)) as number[][];
  const [a, b] = [last, best].map((bytes, i) => decodeSafetensors(Uint8Array.from(bytes), `file ${i}`));
  const values = ({ tensors }: Stored) => [...tensors].map(([name, { data }]) => [name, data] as const);
  const progress = { ...(readJson(a.metadata.progress) as object), seconds: 0 };
  return { last: values(a), best: values(b), optimizer: a.metadata.optimizer, progress };
}

const stepOf = `Number.parseInt(document.querySelectorAll('.numbers tbody td')[1].textContent)`;

test('the last time that a run is kept is behind its last step', () => {
  expect(calm.progress).toMatchObject({ step: STEPS });
});

test(
  'a tab that is killed and a device that is lost cost nothing: the run ends with the same bits',
  async () => {
    const result = await textsOf(page, '.result');
    let tab = await live.open(RUN);
    await start(tab);
    const random = new Random(KILLS);
    let done = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      const moment = Math.max(EVERY + 1, done + 1 + random.integer(STEPS / KILLS / 3));
      await until(tab, `${stepOf} >= ${moment}`);
      if (kill % 2) await tab.close();
      else await crash(tab);
      tab = await live.open('bench');
      await until(tab, `document.querySelector('.kept li')`);
      // The run that is open in the first tab is not offered.
      const [offered, ...others] = await textsOf(tab, '.kept li span');
      expect(others).toEqual([]);
      expect(offered).toMatch(new RegExp(`^GRU, The adding problem, T = 12: step \\d+ of ${STEPS} `));
      done = Number(/step (\d+)/.exec(offered)![1]);
      // What was validated is kept.
      expect(done).toBeGreaterThanOrEqual(EVERY * Math.floor((moment - 1) / EVERY));
      if (KILLS > 2) console.log(`killed at step ${moment} or behind it: it goes on from ${done}`);
      await click(tab, 'Go on');
      await until(tab, `location.hash.includes('hidden=8')`);
      if (kill === 1) await loseDevice(tab, done);
    }
    await ended(tab);
    expect(await textsOf(tab, '.result')).toEqual(result);
    expect(await kept(tab)).toEqual(calm);
    await tab.close();
  },
  MOST_MS,
);

test('a run whose tab the browser takes long to clear away is offered as soon as its lock is gone', async () => {
  // Of another tab: what asks for the lock of a run that is under way gets it when that is killed, and lets go later.
  const locks = `navigator.locks.query().then(({ held }) => held.map(({ name }) => name))`;
  const before = (await page.evaluate(locks)) as string[];
  const first = await live.open(runWith({ steps: 100_000, seed: 7 }));
  await start(first);
  await until(first, `document.querySelector('article').textContent.includes('it goes on from there')`);
  const [name, ...others] = ((await page.evaluate(locks)) as string[]).filter((one) => !before.includes(one));
  expect(others).toEqual([]);
  await page.evaluate(`void navigator.locks.request(${JSON.stringify(name)},
    () => new Promise((resolve) => (globalThis.letGo = resolve)))`);
  await crash(first);
  await until(page, 'globalThis.letGo');
  const tab = await live.open('bench');
  // It is there, and somebody is at it.
  const offered = () => textsOf(tab, '.kept li span');
  await tab.waitForSelector('.controls');
  await new Promise((resolve) => setTimeout(resolve, HELD_MS));
  expect((await offered()).filter((text) => text.includes('of 100000 '))).toEqual([]);
  await page.evaluate('globalThis.letGo()');
  await vi.waitFor(async () => expect((await offered())[0]).toContain(' of 100000 '), 20_000);
  // It is the newest, and those behind this test do not ask for it.
  await click(tab, 'Remove');
  await until(tab, `!document.querySelector('.kept')?.textContent.includes(' of 100000 ')`);
  await tab.close();
});

test('a run that lost its patience shows the numbers of its best parameters again, from another tab', async () => {
  // So fast that it stops behind validations that are worse: what it ends with is not what it was last.
  const hasty = { steps: 1000, evaluateEvery: 5, patience: 2, learningRate: 0.3 };
  const first = await live.open(runWith(hasty));
  await start(first);
  await ended(first);
  const result = await textsOf(first, '.result');
  const before = await kept(first);
  const { step, evaluations } = before.progress as Record<'step', number> & { evaluations: Point[] };
  expect(step).toBeLessThan(hasty.steps);
  const [best] = [...evaluations].sort((a, b) => a.value - b.value);
  expect(best.step).toBeLessThan(step);
  await first.close();
  const tab = await live.open('bench');
  await tab.waitForSelector('.kept li');
  expect((await textsOf(tab, '.kept li span'))[0]).toContain(`: step ${step} of ${hasty.steps} `);
  await click(tab, 'Go on');
  await ended(tab);
  expect(await textsOf(tab, '.result')).toEqual(result);
  expect(await kept(tab)).toEqual(before);
  await tab.close();
});

/** What the worker of the next run has compiled since it was watched, and its device. */
const WATCH = `(() => {
  globalThis.compiled = 0;
  for (const name of ['createComputePipeline', 'createComputePipelineAsync']) {
    const make = GPUDevice.prototype[name];
    GPUDevice.prototype[name] = function (...given) {
      globalThis.compiled++;
      globalThis.device = this;
      return make.apply(this, given);
    };
  }
})()`;

test('what is set is made ready before start: then nothing is compiled, and it is the run of the command line', async () => {
  // Whose validation has kernels that training has not.
  const task = { task: 'copy', steps: 30 };
  const tab = await live.open(runWith({ ...task, seed: 2 }));
  const worker = () => tab.workers().at(-1)!;
  const ready = (times: number) =>
    vi.waitFor(
      async () =>
        expect(await worker().evaluate(`performance.getEntriesByName('${READY}').length`)).toBe(times),
      { timeout: 20_000, interval: 50 },
    );
  const set = (changes: object) => tab.evaluate(`location.hash = ${JSON.stringify(runWith(changes))}`);
  const asInTerminal = async (seed: number) => {
    const [line] = await textsOf(tab, '.commands code');
    expect(line).toContain(` --seed ${seed}`);
    const words = [...line.split(' ').slice(2), '--quiet', '--out', join(folder, `run-${seed}`)];
    const { testMetric } = await json<{ testMetric: number }>(words);
    const [shown] = (await textsOf(tab, '.result')).map(Number);
    expect(Math.abs(shown / testMetric - 1), line).toBeLessThan(1e-5);
  };
  await ready(1);
  await worker().evaluate(WATCH);
  // Other settings take its place, in the same worker; their device is lost before they start.
  await set({ ...task, seed: 3, hidden: 6 });
  await ready(2);
  await worker().evaluate('globalThis.device.destroy()');
  await tab.waitForSelector('.run .note');
  await start(tab);
  await ended(tab);
  await asInTerminal(3);
  // Beside the run that has ended another one is made ready.
  const workers = tab.workers().length;
  await set({ ...task, seed: 4, hidden: 6 });
  await vi.waitFor(() => expect(tab.workers()).toHaveLength(workers + 1), 10_000);
  await ready(1);
  await worker().evaluate(WATCH);
  await set({ ...task, seed: 5, hidden: 6 });
  await ready(2);
  await click(tab, 'Start again');
  await tab.waitForFunction(`document.querySelector('.commands code').textContent.includes('--seed 5')`);
  await ended(tab);
  expect(await worker().evaluate('globalThis.compiled')).toBe(0);
  await asInTerminal(5);
  await tab.close();
});

/** Has the device of a run destroyed behind its back, a few steps behind that one. */
async function loseDevice(tab: Page, step: number): Promise<void> {
  await until(tab, `${stepOf} > ${step}`);
  await tab.workers().at(-1)!.evaluate(`(() => {
    const { createCommandEncoder } = GPUDevice.prototype;
    let calls = 0;
    GPUDevice.prototype.createCommandEncoder = function (...given) {
      if (++calls === 5) this.destroy();
      return createCommandEncoder.apply(this, given);
    };
  })()`);
  await until(tab, `document.querySelector('.run .note')?.textContent.includes('goes on')`);
  const [told] = await textsOf(tab, '.run .note');
  expect(told).toMatch(
    /^The GPU was lost \(destroyed\).* It is open again; the run goes on from step \d+\.$/,
  );
}

/** Kills the process of a tab. */
async function crash(tab: Page): Promise<void> {
  const client = await tab.createCDPSession();
  client.send('Page.crash').catch(() => {});
  await new Promise((resolve) => tab.once('error', resolve));
  await tab.close();
}

/** The line that a command ends with. */
async function json<T = Record<string, Record<string, number>>>(words: readonly string[]): Promise<T> {
  const said: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text) => said.push(String(text)));
  expect(await readCommand([...words, '--json'])()).toBe(0);
  return JSON.parse(said.at(-1)!);
}

/** Hands the page a file of weights. */
async function hand(path: string): Promise<void> {
  const input = await page.waitForSelector('.weights input');
  await input!.uploadFile(path);
}

test('weights go out to the command line and come in again; those of another model change nothing', async () => {
  await page.bringToFront();
  const client = await page.createCDPSession();
  await client.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
  await click(page, 'Save the weights');
  const name = `adding-gru-s1-${STEPS}.safetensors`;
  await vi.waitFor(() => expect(readdirSync(folder)).toContain(name), 5000);
  const path = join(folder, name);
  const { test: measured } = await json(['eval', path]);
  const [shown] = (await textsOf(page, '.result')).map(Number);
  expect(Math.abs(shown / Object.values(measured)[0] - 1)).toBeLessThan(1e-5);

  const before = await page.$eval('article', ({ innerHTML }) => innerHTML);
  const wrong = join(folder, 'wrong.safetensors');
  const refused = async () => {
    await page.waitForSelector('.weights .note.wrong');
    const [said] = await textsOf(page, '.weights .note.wrong');
    await click(page, 'Leave it');
    expect(await page.$eval('article', ({ innerHTML }) => innerHTML)).toBe(before);
    return said;
  };
  writeFileSync(wrong, 'no weights at all');
  await hand(wrong);
  expect(await refused()).toContain('wrong.safetensors: ');
  const { tensors, metadata } = decodeSafetensors(readFileSync(path), name);
  writeFileSync(wrong, encodeSafetensors({ tensors: new Map([...tensors].slice(1)), metadata: {} }));
  await hand(wrong);
  expect(await refused()).toMatch(/wrong\.safetensors: it has no .*\[\d/);
  const settings = { ...JSON.parse(metadata['seqgpu.settings']), model: 'lstm' };
  writeFileSync(
    wrong,
    encodeSafetensors({ tensors, metadata: { 'seqgpu.settings': JSON.stringify(settings) } }),
  );
  await hand(wrong);
  expect(await refused()).toContain('wrong.safetensors is a lstm of adding, not a gru of adding.');

  await hand(path);
  await page.waitForFunction(
    `document.querySelector('.weights .status')?.textContent.includes('begins with')`,
  );
});

test('pinned runs have one cursor, and the settings in which they differ', async () => {
  await page.bringToFront();
  await click(page, 'Pin this run');
  await click(page, 'Begin as the seed has it');
  await page.waitForFunction(`!document.querySelector('.weights .status')`);
  await page.evaluate(`location.hash = ${JSON.stringify(runWith({ hidden: 4, steps: 40 }))}`);
  await page.waitForFunction(`document.querySelector('#option-hidden')?.value === '4'`);
  await click(page, 'Start again');
  await page.waitForFunction(`document.querySelectorAll('.numbers td')[1].textContent === '40 / 40'`);
  await ended(page);
  await page.waitForSelector('.differences');
  expect(await textsOf(page, '.differences th, .differences td')).toEqual(
    [
      ['setting', 'GRU, now', 'GRU'],
      ['steps', '40', String(STEPS)],
      ['hidden', '4', '8'],
    ].flat(),
  );
  await page.focus('.compare .uplot');
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
  const legends = await page.$$eval('.compare .chart', (charts) =>
    charts.map((chart) => [...chart.querySelectorAll('.u-value')].map(({ textContent }) => textContent)),
  );
  const [loss, validation] = legends.map(([at, ...values]) => ({ at: Number(at), values }));
  expect(loss.at).toBeGreaterThan(STEPS / 4);
  // The cursor is at the nearest validation.
  expect(Math.abs(validation.at - loss.at)).toBeLessThanOrEqual(EVERY / 2);
  expect([...loss.values, ...validation.values].map(Number).every((value) => value > 0)).toBe(true);
  expect(await violations(page, 'dark', 1200)).toEqual([]);
  expect(await violations(page, 'light', 360)).toEqual([]);
});

test('an address says what of it is nonsense and why, and can hide the controls', async () => {
  await page.bringToFront();
  const go = (hash: string) => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  const said = async (hash: string, first: string) => {
    await go(hash);
    await page.waitForFunction(`document.querySelector('.note.wrong')?.textContent.startsWith('${first}')`);
    return textsOf(page, '.note.wrong');
  };
  const range = 'from 10 to 200 in steps of 10';
  expect(await said('copy?length=55&constructor=1&hide=all', '“hide')).toEqual([
    '“hide=all” in the address: what can be hidden is controls.',
    '“constructor” in the address is no setting of this scene.',
    `“length=55” in the address: it can be ${range}; it is 50 here.`,
  ]);
  expect(await said('bench?task=adding&model=gru&hidden=many&depth=3', '“hidden')).toEqual([
    '“hidden=many” in the address: hidden is a whole number of at least 1.',
    '“depth=3” in the address is no setting here.',
  ]);
  expect((await said('bench?task=adding&model=gru&hidden=-3', '--hidden')).join()).toContain(
    '--hidden -3 is not a whole number of at least 1.',
  );
  await go('writing?hide=controls&seed=4');
  await page.waitForFunction(`document.querySelector('h1')?.textContent === 'Learning to write'`);
  expect(await page.$$('.control, .drop, .links')).toEqual([]);
  expect(await page.$$('button.main')).toHaveLength(1);
  await page.$eval('main > .remark a', (link) => link.click());
  await page.waitForSelector('.control');
  expect(await page.evaluate('location.hash')).toBe('#writing?seed=4');
  expect(live.complaints).toEqual([]);
});
