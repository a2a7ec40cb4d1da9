// Where a Chrome comes from and how it is started: nothing becomes root unasked, nothing of the folder at hand is run,
// and the sandbox stays where there is one. The programs are scripts that write down how they were called.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PUPPETEER, findOrInstallChrome } from '../../src/cli/browser/browser.node';
import { sandboxed } from '../../src/cli/browser/launch.node';

test('the puppeteer that is downloaded is the one of package-lock.json', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  expect(PUPPETEER).toBe(lock.packages['node_modules/puppeteer'].version);
});

describe('sandboxed', () => {
  const tried: string[][] = [];
  const lines: string[] = [];
  const start = (failure?: string) => (more: readonly string[]) => {
    tried.push([...more]);
    return failure && !more.length ? Promise.reject(new Error(failure)) : Promise.resolve('chrome');
  };
  const log = (line: string) => void lines.push(line);
  beforeEach(() => {
    tried.length = 0;
    lines.length = 0;
  });

  test('keeps the sandbox where Chrome starts with it', async () => {
    expect(await sandboxed(start(), { root: false, log })).toBe('chrome');
    expect([tried, lines]).toEqual([[[]], []]);
  });

  test('goes without for root, and says so where the system has none', async () => {
    await sandboxed(start(), { root: true, log });
    expect([tried.splice(0), lines]).toEqual([[['--no-sandbox']], []]);
    await sandboxed(start('No usable sandbox!'), { root: false, log });
    expect(tried).toEqual([[], ['--no-sandbox']]);
    expect(lines.join()).toContain('cannot make its sandbox');
  });

  test('tries nothing else after another failure', async () => {
    await expect(sandboxed(start('no such file'), { root: false, log })).rejects.toThrow('no such file');
    expect(tried).toEqual([[]]);
  });
});

describe.skipIf(process.platform === 'win32')('findOrInstallChrome', () => {
  let folder = '';
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seqgpu-chrome-'));
    lines.length = 0;
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'calls'), '');
    for (const name of ['npx', 'apt-get', 'sudo', 'env']) {
      const path = join(folder, 'bin', name);
      writeFileSync(path, `#!/bin/sh\necho "${name} $* in $PWD" >> "${join(folder, 'calls')}"\nexit 1\n`);
      chmodSync(path, 0o755);
    }
    vi.stubEnv('PATH', join(folder, 'bin'));
    vi.stubEnv('PUPPETEER_CACHE_DIR', join(folder, 'cache'));
    for (const name of ['PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH']) vi.stubEnv(name, '');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  test('downloads with a puppeteer of a stated version, in a folder that has nothing of its own', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(findOrInstallChrome({ log })).rejects.toThrow('Chrome: none was found');
    const [npx] = calls();
    const [, words, place] = /^npx (.*) in (.*)$/.exec(npx)!;
    expect(words).toBe(`--yes puppeteer@${PUPPETEER} browsers install chrome`);
    expect(place).toMatch(/seqgpu-npx-/);
    expect(existsSync(place)).toBe(false);
  });

  test('becomes root only when it is told to, and otherwise says the command', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    await expect(findOrInstallChrome({ log })).rejects.toThrow('none could be installed');
    expect(calls().map((call) => call.split(' ')[0])).toEqual(['npx']);
    expect(lines.at(-1)).toMatch(/sudo apt-get update && sudo apt-get install .* chromium$/);
    await expect(findOrInstallChrome({ log, sudo: true })).rejects.toThrow('none could be installed');
    expect(calls().at(-1)).toMatch(/^sudo -n env DEBIAN_FRONTEND=noninteractive apt-get update in /);
  });

  test('uses apt-get as it is for root', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    await expect(findOrInstallChrome({ log })).rejects.toThrow('none could be installed');
    expect(calls().at(-1)).toMatch(/^env DEBIAN_FRONTEND=noninteractive apt-get update in /);
  });
});
