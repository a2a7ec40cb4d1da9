// Files that a command makes for a person: over another one only if asked to, whole or not at all.

import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fail } from '../graph/check';
import { writeWhole } from '../files/wholeFile.node';

/** Refuses a path that something is at, or where nothing can be written: before any work is done. */
export function checkNewFile(path: string, overwrite: boolean): void {
  if (existsSync(path) && !overwrite) {
    fail(`${path} is there already.`, { fix: 'name another file with --out, or add --overwrite.' });
  }
  const probe = `${path}.probe`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
  } catch (error) {
    fail(`${path} cannot be written: ${(error as Error).message}.`, { fix: 'name another file with --out.' });
  }
}

/** Gives the path as seen from here. */
export function writeNewFile(path: string, content: string | Uint8Array, overwrite: boolean): string {
  checkNewFile(path, overwrite);
  writeWhole(path, content);
  return relative('', path) || path;
}
