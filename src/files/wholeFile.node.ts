// Files that are whole or not there: written beside their place under a name that nobody else has, forced to the disk,
// and renamed into it. Whatever interrupts that, a full disk too, leaves what was there before.

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fail } from '../graph/check';

/** What a file is to hold: a text, in UTF-8; bytes; or parts that stand one behind the other. */
export type Content = string | Uint8Array | readonly Uint8Array[];

/** The most bytes that one call may write: the system takes no more than 2 GiB. */
const AT_ONCE = 2 ** 30;
const PARTIAL = /^\.?.+\.[0-9a-f]{16}\.part$/;

/** Writes a file with all that belongs to it, or leaves what is at the path as it is and says why. */
export function writeWhole(path: string, content: Content, fix = FIX): void {
  try {
    makeFolder(dirname(path));
    const partial = `${path}.${randomBytes(8).toString('hex')}.part`;
    // Exclusive: a link that somebody has put there is not followed.
    const file = openSync(partial, 'wx');
    try {
      writeAndClose(file, content);
      renameSync(partial, path);
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
  } catch (error) {
    fail(`${path} cannot be written: ${(error as Error).message}.`, { fix });
  }
}

function writeAndClose(file: number, content: Content): void {
  try {
    for (const bytes of partsOf(content)) writeAll(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const FIX = 'name another folder with --out, or make room.';

/** Adds to the end of a file all of a text, or nothing of it. `lasting`: forces it to the disk. */
export function appendWhole(path: string, text: string, fix = FIX, lasting = true): void {
  try {
    makeFolder(dirname(path));
    const file = openSync(path, 'a');
    try {
      const { size } = fstatSync(file);
      try {
        writeAll(file, Buffer.from(text));
        if (lasting) fsyncSync(file);
        if (lasting && size === 0) syncFolder(dirname(path));
      } catch (error) {
        ftruncateSync(file, size);
        throw error;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    fail(`${path} cannot be written: ${(error as Error).message}.`, { fix });
  }
}

/** Removes what killed processes have left of files in a folder that is this process's alone. */
export function removePartials(folder: string): void {
  for (const name of readdirSync(folder)) if (PARTIAL.test(name)) rmSync(join(folder, name), { force: true });
}

function partsOf(content: Content): readonly Uint8Array[] {
  if (typeof content === 'string') return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/** The system may take fewer bytes than it is given. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const written = writeSync(file, bytes, at, Math.min(bytes.length - at, AT_ONCE));
    if (written === 0) throw new Error('no more bytes are taken');
    at += written;
  }
}

/** Makes a folder, and those above it, so that they last. */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    // One by one: asked for all at once, Node says of a read-only disk that there is no such folder.
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  syncFolder(dirname(path));
}

/** Makes a new name in a folder last; a system that cannot do that for folders is left alone. */
export function syncFolder(folder: string): void {
  let file: number | undefined;
  try {
    file = openSync(folder, 'r');
    fsyncSync(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'EBADF'].includes(code)) throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
