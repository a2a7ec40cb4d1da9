// Which drivers are asked for an adapter, in order: those of real GPUs first, then software, the fastest first.

import { isMainThread } from 'node:worker_threads';
import { bySpeed, type TimedDriver, type Timing } from './bySpeed.node';
import type { Drivers } from './dawn.node';
import { TIMING } from './timeProduct.node';
import {
  hardwareIcds,
  hasGpuDevice,
  loadVulkanLoader,
  softwareDrivers,
  softwareIcds,
  withoutNoise,
} from './vulkan.node';

/** A driver to ask, or several that the Vulkan loader finds. */
export interface Attempt extends Drivers {
  readonly name: string;
  /** A software driver, and what it has shown where it was timed. */
  readonly driver?: TimedDriver;
  /** The ICD file of the driver, where it is one. */
  readonly icd?: string;
  /** Only asked where nothing else works: another Chrome's SwiftShader, or whatever the loader finds. */
  readonly rest?: boolean;
}

/** What to try, in order. What is known without asking Dawn goes into `tried` right away. */
export async function* attempts(tried: string[], timing?: Timing): AsyncGenerator<Attempt> {
  if (process.platform !== 'linux') {
    yield { name: `the drivers of ${process.platform}`, software: false, environment: {} };
    return;
  }
  withoutNoise();
  const loader = loadVulkanLoader();
  tried.push(`Vulkan loader: ${loader ?? 'none (libvulkan.so.1; Debian: libvulkan1)'}`);
  if (!loader) return;

  const given = chosen();
  if (given) return void (yield given);
  if (!isMainThread) tried.push('a worker thread cannot choose the driver: set VK_ICD_FILENAMES outside it');
  if (hasGpuDevice()) {
    // Lavapipe counts as software and is asked last.
    const environment = { VK_LOADER_DRIVERS_DISABLE: '*lvp*' };
    yield { name: "the system's Vulkan drivers", software: false, environment };
    for (const icd of hardwareIcds()) yield { ...icdAttempt(icd), software: false };
  } else {
    tried.push('GPU under /dev: none');
  }
  yield* softwareAttempts(tried, timing);
}

/** The driver that the environment chooses. */
export function chosen(): Attempt | undefined {
  const variable = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'SEQGPU_ICD'].find((name) => process.env[name]);
  if (!variable) return undefined;
  const icd = process.env[variable]!;
  // The loader reads the other two by itself.
  const environment: Attempt['environment'] = variable === 'SEQGPU_ICD' ? { VK_ICD_FILENAMES: icd } : {};
  return { name: `${variable}=${icd}`, icd, software: /swiftshader|lvp/i.test(icd), environment };
}

async function* softwareAttempts(tried: string[], timing?: Timing): AsyncGenerator<Attempt> {
  const all = softwareIcds();
  if (all.length === 0) tried.push('SwiftShader: none (it comes with Chrome and Chromium)');
  const when = isMainThread && !process.env[TIMING] ? timing?.when : 'never';
  const drivers = await bySpeed(softwareDrivers(), { ...timing, when });
  const timed = drivers.flatMap(({ icd, shown }) => (shown ? `${icd} ${speedText(shown.gflops)}` : []));
  if (timed.length > 0) tried.push(`by speed, measured: ${timed.join(', ')}`);
  for (const driver of drivers) yield { ...icdAttempt(driver.icd), driver };
  const others = all.filter((icd) => !drivers.some((driver) => driver.icd === icd));
  for (const icd of others) yield { ...icdAttempt(icd), rest: true };
  yield { name: "the system's Vulkan drivers, software too", software: true, environment: {}, rest: true };
}

/** A speed in words. */
export const speedText = (gflops: number): string => `${Number(gflops.toPrecision(2))} GFLOP/s`;

const icdAttempt = (icd: string): Attempt => ({
  name: icd,
  icd,
  software: true,
  environment: { VK_ICD_FILENAMES: icd },
});
