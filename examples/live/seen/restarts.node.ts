// What fifty restarts of a run leave behind in memory.

import type { Page } from 'puppeteer';
import { BUTTON, MOST_MS, press } from './page.node';
import { memoryOf } from './processes.node';

const RESTARTS = 50;
/** So many steps of each are taken, and the last runs are those that are compared. */
const [STEPS, LAST] = [10, 10];
const MINUTE_MS = 60_000;

/** MiB by process, and of all together. */
type Memory = Readonly<Record<string, number>>;

/** MiB of the whole Chrome in runs of the first minute, and in the last ones, while they train. */
export async function restart(page: Page) {
  const { pid } = page.browser().process()!;
  await page.evaluate(`location.hash = '#bench?task=adding&model=tcn&length=50&steps=5000'`);
  await page.waitForSelector(BUTTON);
  const begin = performance.now();
  let early = 0;
  const all: Memory[] = [];
  for (let i = 0; i <= RESTARTS; i++) {
    // Not by a mouse: runs that are kept meanwhile are told above it, and move it.
    await page.evaluate(`document.querySelector('${BUTTON}').click()`);
    await page.waitForFunction(
      `parseInt(document.querySelectorAll('.numbers tbody td')[1].textContent) >= ${STEPS}`,
      { timeout: MOST_MS },
    );
    all.push(memoryOf(pid!));
    if (performance.now() - begin < MINUTE_MS) early = all.length;
    await press(page, 'Stop');
    await page.waitForSelector(BUTTON);
  }
  const [first, last] = [meanOf(all.slice(0, early)), meanOf(all.slice(-LAST))];
  const totals = all.map(total);
  return {
    restarts: RESTARTS,
    ...{ firstMinute: rounded(total(first)), last: rounded(total(last)) },
    ...{ most: rounded(Math.max(...totals)), ratio: rounded(total(last) / total(first), 3) },
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
