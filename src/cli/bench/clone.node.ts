// The folder of the repository, for what only a clone of it has.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '../../graph/check';

/** The nearest folder above this file that has `path` in it, and the packages that build it. */
export function cloneFolder(path: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, path)) && existsSync(join(folder, 'vite.config.ts'))) return folder;
    if (folder === dirname(folder)) {
      fail('bench: that needs a clone of the repository.', {
        given: `no folder above ${here} has ${path} and vite.config.ts`,
        fix: 'clone seqgpu, run `npm ci` there, and then the same command.',
      });
    }
  }
}
