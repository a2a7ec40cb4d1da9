// Vitest's browser provider on puppeteer: opens the test page in a headless Chrome that has WebGPU.

import { defineBrowserProvider } from '@vitest/browser';
import type { Browser, Page } from 'puppeteer';
import { findOrInstallChrome } from '../../src/cli/browser.node.ts';

const FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

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
          browser ??= launchChrome();
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

async function launchChrome(): Promise<Browser> {
  const executablePath = await findOrInstallChrome({ log: (line) => console.error(line) });
  const { launch } = await import('puppeteer');
  return launch({ executablePath, args: FLAGS });
}
