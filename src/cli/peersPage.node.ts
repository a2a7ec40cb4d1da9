// The page in which the other engines run beside ours: installs them, builds the page, serves it, opens it.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'puppeteer';
import type { PreviewServer } from 'vite';
import { fail } from '../graph/check';
import type { Log } from './browser.node';
import { cloneFolder } from './clone.node';
import { launchChrome } from './launch.node';

const FOLDER = 'examples/bench/peers';

/** Builds the page and serves it to this machine alone. */
export async function servePage(log: Log): Promise<{ server: PreviewServer; address: string }> {
  const root = join(cloneFolder(`${FOLDER}/package.json`), FOLDER);
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) install(root, log);
  log('Building the page ...');
  const { build, preview } = await import('vite');
  const config = { root, configFile: join(root, 'vite.config.ts'), logLevel: 'error' as const };
  await build(config);
  const server = await preview(config);
  const address = server.resolvedUrls?.local[0];
  return { server, address: address ?? fail('bench: the page has no address.', { fix: 'free a port.' }) };
}

function install(folder: string, log: Log): void {
  log(`Installing the other engines in ${FOLDER} (220 MB on disk) ...`);
  const words = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  // On Windows npm is a .cmd file, which only a shell can start; every word is a constant.
  const shell = process.platform === 'win32';
  const { status, stderr, error } = spawnSync('npm', words, { cwd: folder, encoding: 'utf8', shell });
  if (status === 0) return;
  fail('bench: the other engines could not be installed.', {
    given: error?.message ?? `npm ended with ${status}: ${stderr.trim().split('\n').slice(-3).join(' ')}`,
    fix: `see what \`npm ci\` says in ${folder}.`,
  });
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
    ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
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
  const { navigator } = globalThis as unknown as { navigator: { gpu?: GPU } };
  return Boolean(await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' }));
};
