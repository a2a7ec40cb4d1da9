// The live page in a Chrome of its own, as `seqgpu live` serves it. It is built once for all tests of a process.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import { build } from 'vite';
import { expect } from 'vitest';
import { launchChrome } from '../../src/cli/browser/launch.node';
import { serve } from '../../src/cli/live/live.node';
import { filesOfData, filesOfSite } from '../../src/cli/live/site.node';
import { TABLES } from '../../src/runs/tables';

let built: Promise<string> | undefined;

/** The folder of the built page, and of what a test writes. */
export function liveSite(): Promise<string> {
  return (built ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seqgpu-live-'));
    process.once('exit', () => rmSync(folder, { recursive: true }));
    const live = 'examples/live';
    const config = { root: live, configFile: join(live, 'vite.config.ts'), logLevel: 'error' as const };
    await build({ ...config, build: { outDir: join(folder, 'site'), emptyOutDir: true } });
    return folder;
  })());
}

/** A Chrome that is at the page, and what has gone wrong in it. */
export interface LivePage {
  readonly browser: Browser;
  readonly address: string;
  readonly complaints: readonly string[];
  /** The page in another tab, when it has found its adapter. */
  open(hash?: string): Promise<Page>;
  close(): Promise<void>;
}

/** Serves the page and starts a Chrome. */
export async function openLive(): Promise<LivePage> {
  const folder = await liveSite();
  const files = new Map([...filesOfSite(join(folder, 'site')), ...filesOfData(TABLES, join(folder, 'data'))]);
  const served: { server: Server; address: string } = await serve(files, 0);
  const complaints: string[] = [];
  const log = (line: string) => void complaints.push(line);
  const browser = await launchChrome({ adapter: 'software', log, protocolTimeout: 120_000 });
  const open = async (hash = '') => {
    const page = await browser.newPage();
    page.on('pageerror', (error) => log(String(error)));
    page.on('console', (message) => void (message.type() === 'error' && log(message.text())));
    await page.goto(`${served.address}#${hash}`);
    await page.waitForSelector('.device:not(.looking)');
    return page;
  };
  const close = async () => {
    await browser.close();
    served.server.close();
  };
  return { browser, address: served.address, complaints, open, close };
}

/** Clicks the button with these words, or of this label. */
export const click = (page: Page, words: string): Promise<unknown> =>
  page.evaluate(`(() => {
    const named = (one) => one.textContent === ${JSON.stringify(words)};
    [...document.querySelectorAll('button')].find(named).click();
  })()`);

/** The texts of all elements of a selector. */
export const textsOf = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map(({ textContent }) => textContent ?? ''));

/** What axe finds, in a theme and at a width. */
export async function violations(page: Page, theme: 'light' | 'dark', width: number): Promise<unknown[]> {
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: theme },
    // Colours that are still on their way have any contrast.
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await page.setViewport({ width, height: 800 });
  await page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
  const found = (await page.evaluate(`axe.run().then(({ violations }) => violations.map(
    ({ id, nodes }) => [id, ...nodes.map(({ target }) => String(target))]))`)) as unknown[];
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  return found;
}
