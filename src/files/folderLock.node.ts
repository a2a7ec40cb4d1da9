// One process at a time in a folder: the file `.lock` says which one has it. It goes when that process ends; where it
// was killed, or the machine went down, the next process sees that nobody is there any more, and takes the folder.
// A lock is made with all that it says at once (a link to a finished file), and a dead one is removed only by who has
// the lock on that: of several processes that find it, one takes the folder.

import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readFileSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
  readdirSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from '../graph/check';
import { makeFolder } from './wholeFile.node';
import { isHere, parseHolder, thisProcess, type Holder } from './lockHolder.node';

const LOCK = '.lock';
/** What is no whole lock after so long is what a kill left of one. */
const UNFINISHED_MS = 5000;

/** A folder that this process has. */
export interface FolderLock {
  /** Throws where another process has been given the folder meanwhile. */
  check(): void;
  /** Gives the folder back; the end of the process does so too. */
  release(): void;
}

/**
 * Takes a folder until the process ends or releases it; refuses it while another process has it. `command` is who
 * complains. `takeOver`: also from a holder of whom nobody here can tell whether it lives, as on another machine.
 */
export function lockFolder(folder: string, command: string, takeOver = false): FolderLock {
  const path = join(folder, LOCK);
  const made = !existsSync(folder);
  const text = take(path, folder, command, takeOver);
  removeRights(folder);
  const release = () => {
    process.off('exit', release);
    if (read(path) === text) rmSync(path, { force: true });
    if (made) removeEmpty(folder);
  };
  const check = () => {
    if (read(path) !== text) {
      fail(`${command}: ${folder} was given to another process.`, {
        given: read(path)?.trim() ?? `${path} is gone`,
        fix: 'let that one go on, or begin another run with another --out.',
      });
    }
  };
  process.once('exit', release);
  return { check, release };
}

/** Makes the lock, or refuses; gives what it says. */
function take(path: string, folder: string, command: string, takeOver: boolean): string {
  const text = `${JSON.stringify({ ...thisProcess(), key: randomBytes(8).toString('hex') })}\n`;
  while (!create(path, text)) {
    const found = read(path);
    if (found === null) continue;
    const holder = parseHolder(found);
    const here = holder ? isHere(holder) : isFresh(path);
    if (here === true || (here === undefined && !takeOver)) refuse(folder, command, holder, here);
    removeDead(path, found, folder, command, takeOver);
  }
  return text;
}

/**
 * Removes a lock that nobody holds. Every lock says something else, so the lock on this one's text is the right to
 * remove it, and whoever gets that right late sees that the text has gone.
 */
function removeDead(path: string, found: string, folder: string, command: string, takeOver: boolean): void {
  const right = `${path}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`;
  const mine = take(right, folder, command, takeOver);
  if (read(path) === found) rmSync(path, { force: true });
  if (read(right) === mine) rmSync(right, { force: true });
}

/** Removes what killed processes have left of rights to locks that are gone: the folder is ours, so all others are. */
function removeRights(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^\.lock(\.[0-9a-f]{16})+$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Whether there was no lock, so that it is ours now. */
function create(path: string, text: string): boolean {
  const whole = `${path}.${randomBytes(8).toString('hex')}.part`;
  try {
    makeFolder(dirname(path));
    writeFileSync(whole, text, { flag: 'wx' });
    try {
      return link(whole, path, text);
    } finally {
      rmSync(whole, { force: true });
    }
  } catch (error) {
    return fail(`${path} cannot be written: ${(error as Error).message}.`, {
      fix: 'name another folder with --out, or make room.',
    });
  }
}

function link(whole: string, path: string, text: string): boolean {
  try {
    linkSync(whole, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EOPNOTSUPP'].includes(code)) throw error;
  }
  // A file system without links: exclusive, but not at once.
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null where there is none any more. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const isFresh = (path: string): boolean =>
  Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < UNFINISHED_MS;

function refuse(folder: string, command: string, holder: Holder | null, here: true | undefined): never {
  if (!holder) {
    fail(`${command}: another process is taking ${folder} just now.`, { fix: 'name another --out.' });
  }
  const { pid, host, since, command: words } = holder;
  const given = `process ${pid} on ${here ? 'this machine' : host}, since ${since}: ${words}`;
  if (here) {
    fail(`${command}: ${folder} is in use by another process.`, {
      given,
      fix: `wait for its end, stop it (kill ${pid}), or name another --out.`,
    });
  }
  fail(`${command}: ${folder} is in use by another process, which cannot be seen from here.`, {
    given,
    fix: 'if it does not run there any more, add --take-over; otherwise name another --out.',
  });
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EPERM', 'EBUSY', 'EACCES'].includes(code)) throw error;
  }
}
