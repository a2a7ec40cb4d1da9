// Checkpoints as files: written and read tensor by tensor, so that they may be larger than what one array or one call
// of the system holds.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fail } from '../graph/check';
import { readSafetensors, safetensorsParts, type Stored } from '../train/safetensors';
import { writeWhole } from '../files/wholeFile.node';

/** The most bytes that one call may read: the system gives no more than 2 GiB. */
const AT_ONCE = 2 ** 30;

/** Writes a checkpoint whole, or not at all. */
export const writeStored = (path: string, stored: Stored): void => writeWhole(path, safetensorsParts(stored));

/** `atOnce`: bytes that are asked of the system at a time. */
export function readStored(path: string, atOnce = AT_ONCE): Stored {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return readSafetensors({ size, read: (from, to) => readRange(file, from, to, atOnce, path) }, path);
  } finally {
    closeSync(file);
  }
}

function readRange(
  file: number,
  from: number,
  to: number,
  atOnce: number,
  path: string,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(to - from);
  for (let at = 0; at < bytes.length;) {
    const read = readSync(file, bytes, at, Math.min(bytes.length - at, atOnce), from + at);
    if (read === 0) fail(`${path}: it became shorter while it was read.`, { fix: 'use another copy.' });
    at += read;
  }
  return bytes;
}
