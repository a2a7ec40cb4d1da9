// WebGPU in Node: where a driver is looked for, and that waiting for the GPU leaves other users of setImmediate alone.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findChrome } from '../../src/cli/browser/browser.node';
import { backOffPolling } from '../../src/gpu/device/polling.node';
import { chromeFolders, softwareIcds, vulkanEnvironment } from '../../src/gpu/device/vulkan.node';

describe.skipIf(process.platform !== 'linux')('finding Chrome and its software GPU', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqgpu-dawn-'));
    for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES', 'SEQGPU_ICD', 'PUPPETEER_EXECUTABLE_PATH']) {
      vi.stubEnv(name, undefined);
    }
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** A program that ends with `code`, in a folder with SwiftShader's ICD file. */
  function fakeChrome(place: string, code = 0): string {
    mkdirSync(join(folder, place), { recursive: true });
    const path = join(folder, place, 'chrome');
    writeFileSync(path, `#!/bin/sh\nexit ${code}\n`);
    chmodSync(path, 0o755);
    writeFileSync(join(folder, place, 'vk_swiftshader_icd.json'), '{}');
    return path;
  }

  test('CHROME_PATH wins, and brings its SwiftShader', () => {
    const chrome = fakeChrome('mine');
    vi.stubEnv('CHROME_PATH', chrome);
    expect(findChrome()).toBe(chrome);
    expect(softwareIcds()[0]).toBe(join(folder, 'mine/vk_swiftshader_icd.json'));
  });

  test('a variable that names no program is said and passed over', () => {
    vi.stubEnv('CHROME_PATH', join(folder, 'nothing'));
    vi.stubEnv('PATH', folder);
    vi.stubEnv('PUPPETEER_CACHE_DIR', folder);
    const lines: string[] = [];
    expect(findChrome({ log: (line) => lines.push(line) })).toBeNull();
    expect(lines).toEqual([`CHROME_PATH=${folder}/nothing is not a program.`]);
  });

  test("in puppeteer's cache the newest Chrome that starts is taken", () => {
    vi.stubEnv('CHROME_PATH', undefined);
    vi.stubEnv('PATH', folder);
    vi.stubEnv('PUPPETEER_CACHE_DIR', folder);
    fakeChrome('chrome/linux-99.0/chrome-linux64');
    const newer = fakeChrome('chrome/linux-148.0/chrome-linux64');
    fakeChrome('chrome/linux-200.0/chrome-linux64', 127);
    expect(findChrome()).toBe(newer);
    expect(chromeFolders().filter((path) => path.startsWith(folder))).toHaveLength(3);
  });

  test('another program gets the driver that was chosen', () => {
    expect(vulkanEnvironment().XDG_RUNTIME_DIR).toBeTruthy();
    vi.stubEnv('SEQGPU_ICD', '/mine.json');
    expect(vulkanEnvironment().VK_ICD_FILENAMES).toBe('/mine.json');
    vi.stubEnv('VK_ICD_FILENAMES', '/theirs.json');
    expect(vulkanEnvironment().VK_ICD_FILENAMES).toBe('/theirs.json');
  });
});

describe('polling for the GPU', () => {
  class FakeBuffer {
    mapAsync() {}
  }
  class FakeQueue {
    onSubmittedWorkDone() {}
  }
  class FakeDevice {
    popErrorScope() {}
  }
  const queue = new FakeQueue();
  // Nameless and native, as Dawn's callbacks are.
  const native = (callback: () => void) =>
    new Proxy(callback, { get: (_, key) => (key === 'name' ? '' : undefined) });
  let stop: () => void;

  beforeEach(() => {
    stop = backOffPolling({ GPUBuffer: FakeBuffer, GPUQueue: FakeQueue, GPUDevice: FakeDevice });
  });
  afterEach(() => stop());

  /** Polls as the binding does, by re-arming setImmediate, for `ms`; how often it came to poll. */
  async function poll(ms: number): Promise<number> {
    const end = performance.now() + ms;
    let polls = 0;
    await new Promise<void>((resolve) => {
      const again = () => {
        polls++;
        if (performance.now() > end) resolve();
        else setImmediate(native(again));
      };
      setImmediate(native(again));
    });
    return polls;
  }

  test('a long wait polls from 1 ms timers', async () => {
    queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await poll(50)).toBeLessThanOrEqual(51);
  });

  test('a wait wakes the poll that sleeps', async () => {
    const order: string[] = [];
    setImmediate(native(() => order.push('poll')));
    queue.onSubmittedWorkDone();
    await new Promise<void>((resolve) => setImmediate(() => (order.push('immediate'), resolve())));
    expect(order).toEqual(['poll', 'immediate']);
  });

  test("other callbacks stay Node's own business", async () => {
    const ours = globalThis.setImmediate;
    expect(await promisify(setImmediate)('value')).toBe('value');
    expect(await new Promise((resolve) => setImmediate((a, b) => resolve([a, b]), 1, 2))).toEqual([1, 2]);
    const cancelled = vi.fn<() => void>();
    clearImmediate(setImmediate(cancelled));
    await promisify(setImmediate)();
    expect(cancelled).not.toHaveBeenCalled();
    stop();
    expect(globalThis.setImmediate).not.toBe(ours);
  });
});
