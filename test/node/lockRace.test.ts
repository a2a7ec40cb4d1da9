// A lock that was left behind, and three processes that find it: at every call of the system that the first makes
// on its way, and at every pair of them, the second and the third come between. Never do two of them have the folder.

import * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { SeqgpuError } from '../../src/graph/check';
import { lockFolder, type FolderLock } from '../../src/files/folderLock.node';

/** Called before every call of the system. */
const between = vi.hoisted(() => ({ call: () => {} }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const watched = [
    'existsSync',
    'linkSync',
    'readFileSync',
    'renameSync',
    'rmSync',
    'statSync',
    'writeFileSync',
  ] as const;
  const hooked = watched.map((name) => [
    name,
    (...args: unknown[]) => {
      if (String(args[0]).includes('.lock')) between.call();
      return (real[name] as (...args: unknown[]) => unknown)(...args);
    },
  ]);
  return { ...real, ...Object.fromEntries(hooked) };
});

/** Who has the folder when the second comes at one call of the first, and the third at a later one. */
function holders(second: number, third: number): { count: number; calls: number } {
  const above = mkdtempSync(join(tmpdir(), 'seqgpu-race-'));
  const folder = join(above, 'run');
  mkdirSync(folder);
  writeFileSync(
    join(folder, '.lock'),
    JSON.stringify({ pid: 2 ** 22 + 5, host: hostname(), since: '', command: '' }),
  );
  const locks: FolderLock[] = [];
  const take = () => {
    try {
      locks.push(lockFolder(folder, 'train'));
    } catch (error) {
      if (!(error instanceof SeqgpuError)) throw error;
    }
  };
  let calls = 0;
  between.call = () => {
    const [n, inside] = [calls++, between.call];
    between.call = () => {};
    if (n === second) take();
    if (n === third) take();
    between.call = inside;
  };
  take();
  between.call = () => {};
  locks.forEach(({ release }) => release());
  rmSync(above, { recursive: true });
  return { count: locks.length, calls };
}

test('of three processes one has it, whenever they come', () => {
  const { calls } = holders(-1, -1);
  expect(calls).toBeGreaterThan(5);
  const wrong: string[] = [];
  for (let second = 0; second < calls; second++) {
    for (let third = second; third < calls + 8; third++) {
      const { count } = holders(second, third);
      if (count !== 1) wrong.push(`${count} have it with ${second} and ${third}`);
    }
  }
  expect(wrong).toEqual([]);
});
