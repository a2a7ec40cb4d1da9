// Starts a headless Chrome that has WebGPU: for the tests, and for the comparison with other engines.

import type { Browser, LaunchOptions } from 'puppeteer';
import { findOrInstallChrome, type Log } from './browser.node.ts';

const FLAGS = [
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
];

/** The adapter that computes on the CPU, which every Chrome brings. */
const SOFTWARE = ['--use-webgpu-adapter=swiftshader'];

/** A headless Chrome on Linux reaches a GPU by Vulkan only, and only when it is told to. */
const HARDWARE = process.platform === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan'] : [];

/** How a Chrome is started: puppeteer's options besides. */
export interface ChromeOptions extends LaunchOptions {
  readonly log: Log;
  /** Which adapter its pages get. */
  readonly adapter: 'software' | 'hardware';
}

/** A headless Chrome, which nobody but this process can speak to. */
export async function launchChrome({ log, adapter, ...options }: ChromeOptions): Promise<Browser> {
  const executablePath = await findOrInstallChrome({ log });
  const { launch } = await import('puppeteer');
  const args = [...FLAGS, ...(adapter === 'software' ? SOFTWARE : HARDWARE)];
  const start = (more: readonly string[]) =>
    launch({ executablePath, args: [...args, ...more], pipe: true, ...options });
  return sandboxed(start, { root: process.getuid?.() === 0, log });
}

/** Without its sandbox only where Chrome has none: for root, and where the system does not let it make one. */
export async function sandboxed<T>(
  start: (more: readonly string[]) => Promise<T>,
  { root, log }: { readonly root: boolean; readonly log: Log },
): Promise<T> {
  if (root) return start(WITHOUT);
  try {
    return await start([]);
  } catch (error) {
    if (!/sandbox|namespace|zygote/i.test((error as Error).message)) throw error;
    log(
      'Chrome cannot make its sandbox on this system: it is started without, for pages of this program alone.',
    );
    return start(WITHOUT);
  }
}

const WITHOUT = ['--no-sandbox'];
