// Starts a headless Chrome that has WebGPU: for the tests, and for the comparison with other engines.

import type { Browser, LaunchOptions } from 'puppeteer';
import { findOrInstallChrome, type Log } from './browser.node.ts';

const FLAGS = [
  '--no-sandbox',
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

/** Starts a headless Chrome that has WebGPU, installing one where there is none. */
export async function launchChrome({ log, adapter, ...options }: ChromeOptions): Promise<Browser> {
  const executablePath = await findOrInstallChrome({ log });
  const { launch } = await import('puppeteer');
  const args = [...FLAGS, ...(adapter === 'software' ? SOFTWARE : HARDWARE)];
  return launch({ executablePath, args, ...options });
}
