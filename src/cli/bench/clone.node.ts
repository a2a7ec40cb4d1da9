// The folder of the repository, for what only a clone of it has.

import { fail } from '../../graph/check';
import { HERE, folderAbove } from '../../files/folderAbove.node';

/** The nearest folder above the program that has `path` in it, and the packages that build it. */
export function cloneFolder(path: string): string {
  const needed = [path, 'vite.config.ts'];
  const found = folderAbove(needed);
  if (found !== undefined) return found;
  fail('bench: that needs a clone of the repository.', {
    given: `no folder above ${HERE} has ${needed.join(' and ')}`,
    fix: 'clone seqgpu, run `npm ci` there, and then the same command.',
  });
}
