// What --from names, as files to be read: a file, a folder with all that is in it, or several of them.

import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { reading, statAt } from '../files/reading.node';
import { fail } from '../graph/check';
import type { ByteSource } from './byteSource';

/** Bytes of a piece. */
const PIECE = 2 ** 20;

/** Which files of a folder are meant, and what they are called. */
export interface FromOptions {
  /** Endings of the files of a folder that are read, without the dot, in small letters; default: all files. */
  readonly endings?: readonly string[];
  /** What is looked for, for messages: "MIDI files". */
  readonly what: string;
}

/**
 * The files of `--from`, by name. A folder stands for the files in it and in its folders, but for hidden ones and those
 * of node_modules; a file that is named itself is read whatever its ending is.
 */
export function filesFrom(paths: readonly string[], { endings, what }: FromOptions): ByteSource[] {
  if (!paths.length) fail(`data: no ${what} are named.`, { fix: 'give --from FILE or --from FOLDER.' });
  const found = paths.flatMap((path) => {
    const stat = statAt(path);
    if (!stat) return fail(`data: ${path} is not there.`, { fix: 'give --from a file or a folder that is.' });
    if (!stat.isDirectory()) return [{ path, name: basename(path) }];
    const all = filesIn(path);
    const wanted = all.filter((file) => !endings || endings.includes(endingOf(file)));
    if (wanted.length) return wanted.map((file) => ({ path: file, name: relative(path, file) }));
    return fail(`data: ${path} has no ${what}.`, {
      given: all.length ? `${all.length} files: ${endingsIn(all)}` : 'the folder is empty',
      fix: endings
        ? `what is looked for ends in ${endings.map((one) => `.${one}`).join(', ')}.`
        : 'name a folder that has some, or a file.',
    });
  });
  refuseTwice(found.map(({ path }) => path));
  return found.map(({ path, name }) => fileSource(path, name));
}

/** Refuses a file that is there twice: one of the two would be learned, and the other measured. */
function refuseTwice(paths: readonly string[]): void {
  const known = new Map<string, string>();
  for (const path of paths) {
    const real = reading(path, () => realpathSync(path));
    const before = known.get(real);
    if (before !== undefined) {
      fail(`data: ${path} is given twice.`, {
        given: before === path ? 'by --from' : `it is the same file as ${before}`,
        fix: 'name it once: what is learned of one would be measured on the other.',
      });
    }
    known.set(real, path);
  }
}

const endingOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1].toLowerCase() ?? '';

/** How many files have which ending, the most frequent first. */
function endingsIn(paths: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(endingOf(path), (counts.get(endingOf(path)) ?? 0) + 1);
  const ranked = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5);
  return ranked
    .map(([ending, count]) => `${count} ${ending ? `.${ending}` : 'without an ending'}`)
    .join(', ');
}

/** Every file in a folder and in its folders, in the order of their names' code units: the same on every machine. */
function filesIn(folder: string): string[] {
  const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true }))
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    const stat = entry.isSymbolicLink() ? statAt(path) : entry;
    if (stat?.isFile()) return [path];
    return entry.isDirectory() ? filesIn(path) : [];
  });
}

/** A file that is opened when its bytes are asked for. */
export function fileSource(path: string, name = path): ByteSource {
  const { size } = reading(path, () => statSync(path));
  return {
    name,
    size,
    *chunks() {
      const file = reading(path, () => openSync(path, 'r'));
      try {
        for (;;) {
          const piece = new Uint8Array(Math.min(PIECE, Math.max(1, size)));
          const count = reading(path, () => readSync(file, piece, 0, piece.length, null));
          if (!count) return;
          yield piece.subarray(0, count);
        }
      } finally {
        closeSync(file);
      }
    },
  };
}
