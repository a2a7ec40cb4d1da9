// The lock of a folder: refused while its holder is there, taken over when it is not.

import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockFolder } from '../../src/files/folderLock.node';

let above: string;
let folder: string;
let path: string;
let other: ChildProcess;

beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'seqgpu-lock-'));
  folder = join(above, 'run');
  path = join(folder, '.lock');
  other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
});
afterEach(async () => {
  await end(other);
  rmSync(above, { recursive: true });
});

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill('SIGKILL');
  });
}

const holder = (changes: object = {}) => ({
  ...{ pid: other.pid!, host: hostname(), since: '2026-01-02T03:04:05.000Z', command: 'npx seqgpu study x' },
  ...changes,
});

function held(by: object | string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, typeof by === 'string' ? by : JSON.stringify(by));
}

/** As if it had been there for a minute. */
function old(): void {
  const before = new Date(Date.now() - 60_000);
  utimesSync(path, before, before);
}

test('it is this process that has it, until it is released', () => {
  const { release } = lockFolder(folder, 'study');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  expect(() => lockFolder(folder, 'study')).toThrow(`process ${process.pid} on this machine`);
  release();
  expect(existsSync(folder)).toBe(false);
  lockFolder(folder, 'study').release();
});

test('what is in the folder stays', () => {
  const { release } = lockFolder(folder, 'study');
  writeFileSync(join(folder, 'results.jsonl'), '');
  release();
  expect(readdirSync(folder)).toEqual(['results.jsonl']);
});

test('a process that is there is named, and nothing of its is touched', async () => {
  held(holder());
  expect(() => lockFolder(folder, 'study')).toThrow(
    new RegExp(
      `^study: ${folder} is in use by another process.\\s+process ${other.pid} on this machine, ` +
        `since 2026-01-02T03:04:05.000Z: npx seqgpu study x\\s+fix: .*kill ${other.pid}.*--out`,
    ),
  );
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(holder());
  expect(readdirSync(folder)).toEqual(['.lock']);

  await end(other);
  const { release } = lockFolder(folder, 'study');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test.runIf(existsSync('/proc/self/stat'))('an id that was used again is another process', () => {
  const { release } = lockFolder(folder, 'study');
  const { born } = JSON.parse(readFileSync(path, 'utf8'));
  expect(born).toMatch(/ \d+$/);
  release();
  held(holder({ pid: process.pid, born: `${born}1` }));
  lockFolder(folder, 'study').release();
});

describe('a process that cannot be seen', () => {
  const elsewhere = { host: 'elsewhere', pid: 2 ** 22 + 5 };
  const refused = () =>
    expect(() => lockFolder(folder, 'train')).toThrow(/cannot be seen from here[^]*--take-over/);

  test('on another machine: refused, until somebody says that it does not run there any more', () => {
    held(holder(elsewhere));
    refused();
    expect(() => lockFolder(folder, 'train')).toThrow('on elsewhere, since');
    lockFolder(folder, 'train', true).release();
    // One that is seen to be there is not taken from.
    held(holder());
    expect(() => lockFolder(folder, 'train', true)).toThrow(`kill ${other.pid}`);
  });

  test.runIf(existsSync('/proc/self/ns/pid'))('in another namespace, as in a container', () => {
    held(holder({ ...own(), pid: 1, namespace: 'pid:[1]', born: undefined }));
    refused();
  });

  test.runIf(existsSync('/proc/self/ns/pid'))('under another name of this machine it is seen', async () => {
    held(holder({ ...own(), pid: other.pid, host: 'elsewhere', born: undefined }));
    expect(() => lockFolder(folder, 'train')).toThrow('on this machine');
    await end(other);
    lockFolder(folder, 'train').release();
  });

  test.runIf(existsSync('/proc/self/ns/pid'))(
    'before the machine started again: gone; of another start elsewhere: unknown',
    () => {
      held(holder({ ...own(), pid: process.pid, boot: 'another' }));
      lockFolder(folder, 'train').release();
      held(holder({ ...own(), pid: process.pid, boot: 'another', host: 'elsewhere' }));
      refused();
    },
  );

  /** Of this machine, this start and this namespace. */
  function own(): object {
    const lock = lockFolder(join(above, 'own'), 'train');
    const { boot, namespace } = JSON.parse(readFileSync(join(above, 'own/.lock'), 'utf8'));
    lock.release();
    return { boot, namespace };
  }
});

test.each([0, -1, 1.5, '7', null])('an id of %j is that of no process', (pid) => {
  held(holder({ pid }));
  expect(() => lockFolder(folder, 'study')).toThrow('is taking');
  old();
  lockFolder(folder, 'study').release();
});

test('who lost the folder is told before it writes again', () => {
  const lock = lockFolder(folder, 'study');
  lock.check();
  held(holder());
  expect(() => lock.check()).toThrow(/was given to another process\.\s+\{"pid"/);
  rmSync(path);
  expect(() => lock.check()).toThrow('.lock is gone');
  lock.release();
});

test('a part of a lock: somebody is writing it, or was killed doing so', () => {
  held('{"pid": 12');
  expect(() => lockFolder(folder, 'study')).toThrow('is taking');
  old();
  lockFolder(folder, 'study').release();
});

test('it is not taken from another when it is released', () => {
  const { release } = lockFolder(folder, 'study');
  held(holder());
  release();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(holder());
});

test('a place that cannot have a folder', () => {
  writeFileSync(join(above, 'file'), '');
  expect(() => lockFolder(join(above, 'file/run'), 'study')).toThrow('cannot be written');
});
