// How the page feels while it trains, scene by scene; with what restarts leave behind, in one file.

import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { Page } from 'puppeteer';
import { READY } from '../work/ready';
import { filesOfSite } from '../../../src/cli/live/site.node';
import { longestTask } from './longestTask.node';
import { computed } from './processes.node';
import { BUTTON, go, MOST_MS, press, SCENES } from './page.node';
import { restart, trainOn } from './memory.node';
import { shellOf, zippedKiB } from './shell.node';

/** The file of the measurements. */
const FILE = 'examples/live/seen/measured.json';
/** How long somebody is watched behind the first curve. */
const WATCHED_MS = 8000;
/** The longest that start waits for a scene to be ready, how often that is looked at, and when for the first time. */
const [PATIENCE_MS, LOOK_MS, SETTLE_MS] = [90_000, 250, 1000];

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether every run has a first number of its curve. */
const CURVES = `[...document.querySelectorAll('.numbers tbody tr')].every(
  (row) => /^[1-9]/.test(row.children[2].textContent))`;

/** Presses start; milliseconds to the first number of a curve, and the longest between two frames from then on. */
const WATCH = `new Promise((resolve) => {
  const begin = performance.now();
  let [first, last, gap, frames] = [0, 0, 0, 0];
  document.querySelector('${BUTTON}').click();
  const look = (now) => {
    if (!first && ${CURVES}) first = performance.now() - begin;
    if (last && first) gap = Math.max(gap, now - last);
    last = now;
    frames++;
    const over = performance.now() - begin;
    if (first && over > first + ${WATCHED_MS}) resolve({ first, gap, frames: frames / over * 1000 });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

/** Waits until every worker of a run has all ready that is set; false where one has not in time. */
async function ready(page: Page): Promise<boolean> {
  const made = `performance.getEntriesByName('${READY}').length > 0`;
  // Those of the scene before have ended by then.
  await wait(SETTLE_MS);
  for (const begin = Date.now(); Date.now() - begin < PATIENCE_MS; await wait(LOOK_MS)) {
    // The first answers what the page asks of the tables.
    const [, ...own] = page.workers();
    const all = await Promise.all(own.map((worker) => worker.evaluate(made).catch(() => false)));
    if (all.length && all.every(Boolean)) return true;
  }
  return false;
}

/** What was measured of a scene: milliseconds, and frames a second. */
interface Felt {
  /** From coming there until all is ready for start, and what Chrome computes until then; null where it was not ready. */
  readonly ready: number | null;
  readonly readyComputing: number;
  /** From start, pressed then, on. */
  readonly firstCurve: number;
  /** What Chrome computes until then, on all cores: as good a number where others take the cores too. */
  readonly computing: number;
  readonly longestTask: number;
  readonly longestFrame: number;
  readonly frames: number;
}

const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

async function feel(page: Page, scene: string): Promise<Felt> {
  const { pid } = page.browser().process()!;
  const [begin, idle] = [Date.now(), computed(pid!)];
  await go(page, scene);
  await page.waitForSelector(BUTTON);
  const waited = (await ready(page)) ? Date.now() - begin : null;
  const readyComputing = computed(pid!) - idle;
  await page.tracing.start({ categories: ['toplevel'] });
  const before = computed(pid!);
  const watched = page.evaluate(WATCH) as Promise<Record<string, number>>;
  await page.waitForFunction(CURVES, { timeout: MOST_MS });
  const computing = computed(pid!) - before;
  const { first, gap, frames } = await watched;
  const { longest } = longestTask((await page.tracing.stop())!);
  await press(page, 'Stop').catch(() => {});
  return {
    ...{ ready: waited, readyComputing },
    ...{ firstCurve: rounded(first), computing, longestTask: rounded(longest, 1) },
    ...{ longestFrame: rounded(gap), frames: rounded(frames) },
  };
}

const when = () => ({
  date: new Date().toISOString().slice(0, 10),
  commit: execSync('git rev-parse --short HEAD').toString().trim(),
});

/** What the file has. */
const known = () => JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, unknown>>;

/** Measures scenes, and, where all are, the restarts and the shell: those go to a file. */
export async function measure(page: Page, named: readonly string[]): Promise<void> {
  const load = rounded(loadavg()[0], 1);
  const scenes: Record<string, Felt> = {};
  for (const scene of named) {
    // Nothing is started there.
    if (scene === 'field') continue;
    scenes[scene] = await feel(page, scene);
    console.log(scene, JSON.stringify(scenes[scene]));
  }
  if (named.length < Object.keys(SCENES).length) return;
  const files = filesOfSite('dist/site');
  const shell = shellOf(files).reduce((sum, path) => sum + zippedKiB(files.get(path)!), 0);
  const facts = {
    ...when(),
    adapter: await page.$eval('.device', ({ textContent }) => textContent),
    ...{ cores: cpus().length, loadBefore: load, shellKiB: rounded(shell, 1) },
  };
  const units =
    'milliseconds, frames a second, MiB; loadBefore: programs that ran beside it, a minute’s mean';
  const { training } = known();
  const write = (more: object) =>
    writeFileSync(FILE, `${JSON.stringify({ ...facts, units, scenes, ...more, training }, null, 2)}\n`);
  // What was measured stays where the restarts do not come to their end.
  write({});
  const memory = await restart(page);
  write({ memory });
  console.log(JSON.stringify({ ...facts, memory }));
}

/** Measures the restarts alone; the rest of the file stays as it is. */
export const restarts = async (page: Page): Promise<void> => replace('memory', await restart(page));

/** Measures half an hour of training alone. */
export const training = async (page: Page): Promise<void> => replace('training', await trainOn(page));

function replace(part: 'memory' | 'training', measured: object): void {
  const facts = { ...when(), ...measured };
  writeFileSync(FILE, `${JSON.stringify({ ...known(), [part]: facts }, null, 2)}\n`);
  console.log(JSON.stringify(facts));
}
