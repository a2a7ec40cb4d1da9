// What --from names, as files to be read: a file, a folder with all that is in it, or several of them.

import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { reading, statAt } from '../files/reading.node';
import { fail } from '../graph/check';
import type { ByteSource } from './byteSource';
import { isPassedOver, nameBelow, wantedIn, type FromOptions } from './own/folders';

/** Bytes of a piece. */
const PIECE = 2 ** 20;

/**
 * The files of `--from`, by name. A folder stands for the files in it and in its folders, but for hidden ones and those
 * of node_modules; a file that is named itself is read whatever its ending is.
 */
export function filesFrom(paths: readonly string[], options: FromOptions): ByteSource[] {
  if (!paths.length) {
    fail(`data: no ${options.what} are named.`, { fix: 'give --from FILE or --from FOLDER.' });
  }
  const found = paths.flatMap((path) => {
    const stat = statAt(path);
    if (!stat) return fail(`data: ${path} is not there.`, { fix: 'give --from a file or a folder that is.' });
    if (!stat.isDirectory()) return [{ path, name: basename(path) }];
    const folder = basename(resolve(path));
    return wantedIn(path, filesIn(path), options).map((file) => ({
      path: file,
      name: nameBelow(folder, relative(path, file), paths.length > 1),
    }));
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

/** Every file in a folder and in its folders, in the order of their names' code units: the same on every machine. */
function filesIn(folder: string): string[] {
  const entries = reading(folder, () => readdirSync(folder, { withFileTypes: true }))
    .filter(({ name }) => !isPassedOver(name))
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
