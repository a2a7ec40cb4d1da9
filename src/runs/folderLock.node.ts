// One process at a time in a folder: the file `.lock` says which one has it. It goes when that process ends; where it
// was killed, or the machine went down, the next process sees that nobody is there any more, and takes the folder.

import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fail } from '../graph/check';

const LOCK = '.lock';
/** What is no whole lock after so long is what a kill left of one. */
const UNFINISHED_MS = 5000;

/** What a lock says, in JSON. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells apart processes that had the same id, where the system says when they began. */
  readonly born?: string;
  readonly since: string;
  readonly command: string;
}

/** Takes a folder until the process ends or the result is called; refuses it while another process has it. */
export function lockFolder(folder: string, command: string): () => void {
  const path = join(folder, LOCK);
  const made = !existsSync(folder);
  const text = `${JSON.stringify(thisProcess())}\n`;
  while (!create(path, text)) {
    const found = read(path);
    if (found === null) continue;
    const holder = parse(found);
    if (isThere(path, holder)) refuse(folder, command, holder);
    discard(path, found);
  }
  const release = () => {
    process.off('exit', release);
    if (read(path) === text) rmSync(path);
    if (made) removeEmpty(folder);
  };
  process.once('exit', release);
  return release;
}

function thisProcess(): Holder {
  const { pid } = process;
  const words = ['npx seqgpu', ...process.argv.slice(2)];
  return {
    pid,
    host: hostname(),
    born: birthOf(pid),
    since: new Date().toISOString(),
    command: words.join(' '),
  };
}

/** Whether there was no lock, so that it is ours now. */
function create(path: string, text: string): boolean {
  try {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && existsSync(path)) return false;
    // Taken away since it was found.
    if (code === 'EEXIST' && statSync(join(path, '..')).isDirectory()) return false;
    return fail(`${path} cannot be written: ${message}.`, {
      fix: 'name another folder with --out, or make room.',
    });
  }
}

/** Null where there is none any more. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

/** Of another machine nobody here can tell: its processes count as alive. */
function isThere(path: string, holder: Holder | null): boolean {
  if (!holder) return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < UNFINISHED_MS;
  const { pid, host, born } = holder;
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = birthOf(pid);
  return now !== ENDED && (born === undefined || now === undefined || born === now);
}

const ENDED = 'ended';

/** When a process began, on Linux: its boot and the ticks since; ENDED if it only waits to be collected. */
function birthOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const boot = read('/proc/sys/kernel/random/boot_id');
  if (stat === null || boot === null) return undefined;
  // Behind the name, which may have spaces and brackets, stand the third field, its state, and those after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : `${boot.trim()} ${fields[22 - 3]}`;
}

/** Removes a lock that nobody holds, unless it is not the one that was read. */
function discard(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Another process was faster, and this is its lock.
  if (read(aside) !== text) renameSync(aside, path);
  else rmSync(aside);
}

function refuse(folder: string, command: string, holder: Holder | null): never {
  if (!holder) {
    fail(`${command}: another process is taking ${folder} just now.`, { fix: 'name another --out.' });
  }
  const { pid, host, since, command: words } = holder;
  const here = host === hostname();
  fail(`${command}: ${folder} is in use by another process.`, {
    given: `process ${pid} on ${here ? 'this machine' : host}, since ${since}: ${words}`,
    fix: here
      ? `wait for its end, stop it (kill ${pid}), or name another --out.`
      : `name another --out; or, if it does not run there any more, remove ${join(folder, LOCK)}.`,
  });
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has something in it now.
  }
}
