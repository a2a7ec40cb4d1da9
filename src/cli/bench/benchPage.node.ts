// The page of the bench, examples/bench: built when asked for, served to this machine alone, and run by a
// headless Chrome. Vite does the first two, so it takes a clone of the repository.

import { join } from 'node:path';
import type { Report } from '../../bench/index';
import { cloneFolder } from './clone.node';
import { openPage, servePage } from '../browser/page.node';

/** What the page's `seqgpuBench.run` takes. */
export interface PageOptions {
  readonly names: readonly string[];
  readonly firstResult: boolean;
  readonly rounds?: number;
  readonly quick?: boolean;
  readonly kernels: boolean;
}

/** Hears how far a bench is: the case under way, and how many of all its runs are done. */
export type OnProgress = (what: string, done: number, all: number) => void;

/** Builds the page and serves it; the server holds the process until it is interrupted. */
export async function serveBenchPage(): Promise<number> {
  const { address } = await serve();
  console.log(`bench: ${address}`);
  console.log('Open it in a browser that has WebGPU. Ctrl-C ends it.');
  return 0;
}

function serve(): ReturnType<typeof servePage> {
  const root = join(cloneFolder('examples/bench/index.html'), 'examples/bench');
  console.error('Building the page ...');
  return servePage(root, 'warn');
}

/** The bench in a headless Chrome, through the page. */
export async function benchInChrome(
  options: PageOptions,
  { update, stop }: { update: OnProgress; stop: () => void },
): Promise<Report> {
  const { server, address } = await serve();
  // What Chrome says about looking for a GPU is no news; a Chrome that is installed now is.
  const log = (line: string) => line.startsWith('console: ') || console.error(line);
  try {
    const { browser, page } = await openPage(address, log);
    try {
      await page.exposeFunction('onBenchProgress', update);
      return (await page.evaluate(`seqgpuBench.run(${JSON.stringify(options)}, onBenchProgress)`)) as Report;
    } finally {
      await browser.close();
    }
  } finally {
    stop();
    // A server that goes on would keep the process.
    await server.close();
  }
}
