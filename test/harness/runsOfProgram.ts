// What command lines leave behind: their words, the smallest training, and its files.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors } from '../../src/train/safetensors';

/** How a command line ended, and what it said: on standard output in lines. */
export interface Ended {
  code: number | null;
  out: string[];
  error: string;
}

/** A training of a second. */
export const TINY = 'train copy --model tcn --hidden 4 --levels 2 --kernel-size 3 --length 5 --batch 2';

/** Parameters and moments of a run in a folder, bit by bit. */
export function bitsOf(folder: string, run: string, which = 'last'): Record<string, string> {
  const path = join(folder, run, `${which}.safetensors`);
  const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(path)), path);
  return Object.fromEntries(
    [...tensors].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]),
  );
}

/** The lines of a study's or a search's log. */
export const linesOf = (folder: string, run: string): string[] =>
  readFileSync(join(folder, run, 'results.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1);
