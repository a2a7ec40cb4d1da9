// A page of the bench: built by Vite, served to this machine alone, and opened in a headless Chrome.

import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import type { PreviewServer } from 'vite';
import { fail } from '../../graph/check';
import type { Log } from './browser.node';
import { launchChrome } from './launch.node';

/** Builds the page in `root` by its own configuration and serves it; the server holds the process until it closes. */
export async function servePage(
  root: string,
  logLevel: 'warn' | 'error',
): Promise<{ server: PreviewServer; address: string }> {
  const { build, preview } = await import('vite');
  const config = { root, configFile: join(root, 'vite.config.ts'), logLevel };
  await build(config);
  const server = await preview(config);
  const address = server.resolvedUrls?.local[0];
  return { server, address: address ?? fail('bench: the page has no address.', { fix: 'free a port.' }) };
}

/** The page in a Chrome of its own: on a GPU, or on the software adapter where a Chrome finds no GPU. */
export async function openPage(address: string, log: Log): Promise<{ browser: Browser; page: Page }> {
  const hardware = await openOn('hardware', address, log);
  if (await hardware.page.evaluate(hasAdapter)) return hardware;
  await hardware.browser.close();
  return openOn('software', address, log);
}

async function openOn(adapter: 'hardware' | 'software', address: string, log: Log) {
  const browser = await launchChrome({
    log,
    adapter,
    // A case may take minutes; its own limit is kept by who asks for it.
    protocolTimeout: 0,
    // Puppeteer's own handlers close the browser and leave this program waiting for its answer.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => log(`The page: ${(error as Error).message ?? error}`));
    await page.goto(address);
    return { browser, page };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Runs in the page. */
const hasAdapter = async (): Promise<boolean> => {
  const navigator: { gpu?: GPU } = Reflect.get(globalThis, 'navigator');
  return Boolean(await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }));
};
