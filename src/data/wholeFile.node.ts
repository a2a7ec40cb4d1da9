// A file in the data folder: its sha256, and writing it so that the folder never holds a part of one.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail } from '../graph/check';
import { reason } from './download.node';

/** Writes beside the place and renames into it. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const partial = `${path}.${process.pid}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partial, bytes);
    renameSync(partial, path);
  } catch (error) {
    if (existsSync(partial)) rmSync(partial);
    fail(`data: ${path} cannot be written: ${reason(error)}.`, {
      fix: 'choose another folder with --data DIR.',
    });
  }
}

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');
