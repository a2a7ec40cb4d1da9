// What lies beside the program, wherever the file is that asks: in the sources, or built into one of dist.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that a search for what comes with the program begins in. */
export const HERE = dirname(fileURLToPath(import.meta.url));

/** The nearest folder, from `here` upwards, that has all of these files or folders; undefined where none has. */
export const folderAbove = (paths: readonly string[], here = HERE): string | undefined =>
  folderWhere((folder) => paths.every((path) => existsSync(join(folder, path))), here);

/** The nearest folder, from `here` upwards, that fits; undefined where none does. */
export function folderWhere(fits: (folder: string) => boolean, here = HERE): string | undefined {
  for (let folder = here; ; folder = dirname(folder)) {
    if (fits(folder)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
