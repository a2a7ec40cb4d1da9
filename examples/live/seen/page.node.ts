// The built page in a Chrome of its own, at one scene after the other.

import type { Page } from 'puppeteer';
import { launchChrome } from '../../../src/cli/browser/launch.node';
import { serve } from '../../../src/cli/live/live.node';
import { filesOfData, filesOfSite } from '../../../src/cli/live/site.node';
import { TABLES } from '../../../src/runs/tables';

/** Settings under which a scene shows something on two cores within minutes. */
export const SCENES: Readonly<Record<string, string>> = {
  copy: '?length=10&steps=80',
  k: '?steps=100',
  field: '',
  stable: '?steps=60',
  writing: '?steps=100',
  attention: '?steps=400',
  music: '?steps=60',
  sound: '?steps=40',
  bench: '?task=adding&model=tcn&length=50&steps=40',
};

/** The button that starts a run, when it can be pressed. */
export const BUTTON = 'button.main:enabled';
/** The longest that a scene may take, in milliseconds. */
export const MOST_MS = 900_000;

/** Opens the page as `npm run site` has built it, does something with it, and closes it. */
export async function withPage(act: (page: Page) => Promise<void>): Promise<void> {
  const files = new Map([...filesOfSite('dist/site'), ...filesOfData(TABLES)]);
  const { server, address } = await serve(files, 0);
  const browser = await launchChrome({ adapter: 'software', log: console.error, protocolTimeout: MOST_MS });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(error));
    await page.goto(address);
    await page.waitForSelector('.device:not(.looking)', { timeout: 60_000 });
    await act(page);
  } finally {
    await browser.close();
    server.close();
  }
}

/** Goes to a scene with its settings. */
export async function go(page: Page, scene: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#${scene}${SCENES[scene]}`)}`);
  await page.waitForSelector(`nav a[href$="#${scene}"][aria-current]`);
  await page.waitForSelector('article h1');
}

/** Presses the button with these words. */
export const press = (page: Page, words: string): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll('button')].find((one) => one.textContent === '${words}').click()`,
  );
