// Files that are whole or not there: on a full disk, with a system that takes a few bytes at a time, over links.

import * as fs from 'node:fs';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cutTorn, wholeLines } from '../../src/files/lines.node';
import { appendWhole, writeWhole } from '../../src/files/wholeFile.node';
import { readStored, writeStored } from '../../src/runs/storedFile.node';
import type { Stored } from '../../src/train/safetensors';

/** What the system does in place of what it was asked. */
const system = vi.hoisted(() => ({ atMost: Infinity, room: Infinity, synced: [] as number[] }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    writeSync(file: number, bytes: Uint8Array, at: number, length: number) {
      if (system.room <= 0)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const written = real.writeSync(file, bytes, at, Math.min(length, system.atMost, system.room));
      system.room -= written;
      return written;
    },
    fsyncSync(file: number) {
      real.fsyncSync(file);
      system.synced.push(file);
    },
  };
});

let folder: string;
const path = () => join(folder, 'file');
const text = () => readFileSync(path(), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seqgpu-whole-'));
  Object.assign(system, { atMost: Infinity, room: Infinity, synced: [] });
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is written whole though the system takes three bytes at a time', () => {
  system.atMost = 3;
  writeWhole(path(), 'a whole file');
  expect(text()).toBe('a whole file');
  appendWhole(path(), ', and more');
  expect(text()).toBe('a whole file, and more');
});

test('a full disk leaves what was there, and nothing else', () => {
  writeWhole(path(), 'before');
  system.room = 4;
  expect(() => writeWhole(path(), 'afterwards')).toThrow(/file cannot be written: ENOSPC[^]*make room/);
  expect(text()).toBe('before');
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a line that does not fit is taken back', () => {
  appendWhole(path(), 'one\n');
  system.room = 2;
  expect(() => appendWhole(path(), 'another\n', 'make room, and run it again.')).toThrow(
    /ENOSPC[^]*run it again/,
  );
  expect(text()).toBe('one\n');
});

test('the file and then its folder are forced to the disk', () => {
  writeWhole(path(), 'x');
  expect(system.synced).toHaveLength(2);
});

test('no link is followed: neither one at the place nor one that waits where a part is written', () => {
  writeFileSync(join(folder, 'mine'), 'mine');
  symlinkSync(join(folder, 'mine'), `${path()}.part`);
  symlinkSync(join(folder, 'mine'), path());
  writeWhole(path(), 'new');
  expect(text()).toBe('new');
  expect(readFileSync(join(folder, 'mine'), 'utf8')).toBe('mine');
});

test('a place where no file can be is told', () => {
  writeFileSync(path(), '');
  expect(() => writeWhole(join(path(), 'below'), 'x')).toThrow('cannot be written');
  expect(() => writeWhole(folder, 'x')).toThrow('cannot be written');
  expect(readdirSync(folder)).toEqual(['file']);
  expect(existsSync(folder)).toBe(true);
});

test('a checkpoint is read in pieces, where the system gives no more at a time', () => {
  const stored: Stored = {
    tensors: new Map([
      ['a', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['b', { shape: [1], data: Float32Array.of(-0) }],
    ]),
    metadata: { format: 'pt' },
  };
  system.atMost = 5;
  writeStored(path(), stored);
  for (const atOnce of [1, 7, 2 ** 30]) expect(readStored(path(), atOnce)).toEqual(stored);
});

test('lines are read a piece at a time, whatever lies across two pieces; what is behind the last end is cut off', () => {
  const path = join(folder, 'lines');
  expect([...wholeLines(path)]).toEqual([]);
  cutTorn(path);
  expect(existsSync(path)).toBe(false);
  // Two bytes a letter, so that one lies across the 65,536th; then one line of several pieces, and an empty one.
  for (const lines of [
    ['a', 'b'],
    ['', '', 'x'],
    [`.${'é'.repeat(40_000)}`, 'ü', 'z'.repeat(200_000), ''],
  ]) {
    for (const torn of ['', 'torn', 'q'.repeat(70_000)]) {
      writeFileSync(path, `${lines.join('\n')}\n${torn}`);
      expect([...wholeLines(path)]).toEqual(lines);
      cutTorn(path);
      expect(readFileSync(path, 'utf8')).toBe(`${lines.join('\n')}\n`);
    }
  }
  for (const nothing of ['', 'q', 'q'.repeat(70_000)]) {
    writeFileSync(path, nothing);
    cutTorn(path);
    expect(readFileSync(path, 'utf8')).toBe('');
  }
  // Who stops in the middle leaves no file open.
  writeFileSync(path, 'a\nb\n');
  const open = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  const before = open();
  for (const line of wholeLines(path)) if (line === 'a') break;
  expect(open()).toBe(before);
});
