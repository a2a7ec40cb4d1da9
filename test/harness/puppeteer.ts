// Vitest's browser provider on puppeteer: opens the test page in a headless Chrome that has WebGPU.

import { defineBrowserProvider } from '@vitest/browser';
import type { Browser, Page } from 'puppeteer';
import { launchChrome } from '../../src/cli/browser/launch.node.ts';

export function puppeteer() {
  return defineBrowserProvider({
    name: 'puppeteer',
    supportedBrowser: ['chrome'],
    providerFactory() {
      let browser: Promise<Browser> | null = null;
      const pages = new Map<string, Page>();
      return {
        name: 'puppeteer',
        supportsParallelism: false,
        getCommandsContext: (id) => ({ page: pages.get(id) }),
        async openPage(id, url) {
          browser ??= launchChrome({ adapter: 'software', log: (line) => console.error(line) });
          const page = await (await browser).newPage();
          pages.set(id, page);
          page.on('pageerror', (error) => console.error(error));
          // Without this, the tests of a page that crashed would be waited for in silence.
          page.on('error', (error) => console.error(`The page crashed: ${error.message}`));
          await page.goto(url);
        },
        async close() {
          await (await browser)?.close();
        },
      };
    },
  });
}
