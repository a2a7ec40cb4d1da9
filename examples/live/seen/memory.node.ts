// What fifty restarts of a run leave behind in memory, and half an hour of one.

import type { Page } from 'puppeteer';
import { BUTTON, MOST_MS, press } from './page.node';
import { memoryOf } from './processes.node';

const RESTARTS = 50;
/** So many steps of each are taken, and the last runs are those that are compared. */
const [STEPS, LAST] = [10, 10];
const MINUTE_MS = 60_000;
/** How long one run trains, and how often it is looked at. */
const [MINUTES, LOOK_MS] = [30, 5000];
const RUN = '#bench?task=adding&model=tcn&length=50';

/** The step that a run of the page is at. */
const STEP = `parseInt(document.querySelectorAll('.numbers tbody td')[1].textContent)`;

/** MiB by process, and of all together. */
type Memory = Readonly<Record<string, number>>;

/** MiB of the whole Chrome in runs of the first minute, and in the last ones, while they train. */
export async function restart(page: Page) {
  const { pid } = page.browser().process()!;
  await page.evaluate(`location.hash = '${RUN}&steps=5000'`);
  await page.waitForSelector(BUTTON);
  const begin = performance.now();
  let early = 0;
  const all: Memory[] = [];
  for (let i = 0; i <= RESTARTS; i++) {
    // Not by a mouse: runs that are kept meanwhile are told above it, and move it.
    await page.evaluate(`document.querySelector('${BUTTON}').click()`);
    await page.waitForFunction(`${STEP} >= ${STEPS}`, { timeout: MOST_MS });
    all.push(memoryOf(pid!));
    if (performance.now() - begin < MINUTE_MS) early = all.length;
    await press(page, 'Stop');
    await page.waitForSelector(BUTTON);
  }
  return { restarts: RESTARTS, ...compared(all, all.slice(0, early), all.slice(-LAST)) };
}

/** MiB of the whole Chrome in the first minute of a run that trains for half an hour, and in the last. */
export async function trainOn(page: Page) {
  const { pid } = page.browser().process()!;
  await page.evaluate(`location.hash = '${RUN}&steps=10000000&evaluateEvery=200'`);
  await page.waitForSelector(BUTTON);
  await page.evaluate(`document.querySelector('${BUTTON}').click()`);
  await page.waitForFunction(`${STEP} >= ${STEPS}`, { timeout: MOST_MS });
  const begin = performance.now();
  const all: Memory[] = [];
  while (performance.now() - begin < MINUTES * MINUTE_MS) {
    all.push(memoryOf(pid!));
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const steps = Number(await page.evaluate(STEP));
  await press(page, 'Stop');
  const minute = MINUTE_MS / LOOK_MS;
  return { minutes: MINUTES, steps, ...compared(all, all.slice(0, minute), all.slice(-minute)) };
}

/** The most of all, the means of the first ones and the last, and by how much the last ones have more. */
function compared(all: readonly Memory[], early: readonly Memory[], late: readonly Memory[]) {
  const [first, last] = [meanOf(early), meanOf(late)];
  return {
    ...{ firstMinute: rounded(total(first)), last: rounded(total(last)) },
    ...{ most: rounded(Math.max(...all.map(total))), ratio: rounded(total(last) / total(first), 3) },
    byProcess: { firstMinute: each(first), last: each(last) },
  };
}

const total = (memory: Memory): number => Object.values(memory).reduce((sum, one) => sum + one, 0);
const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));
const each = (memory: Memory): Memory =>
  Object.fromEntries(Object.entries(memory).map(([name, value]) => [name, rounded(value, 1)]));

/** The mean of each process; one that is not there takes nothing. */
function meanOf(all: readonly Memory[]): Memory {
  const names = [...new Set(all.flatMap(Object.keys))];
  const mean = (name: string) => all.reduce((sum, one) => sum + (one[name] ?? 0), 0) / all.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)]));
}
