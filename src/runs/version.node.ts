// Which version of the program measures: a result names it, so that its kernels can be found again.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { name, version } from '../../package.json';

/** What a result says of who computed it, and when. */
export interface Stamp {
  /** See versionHere. */
  readonly version: string;
  /** The day: 2026-11-28. */
  readonly date: string;
}

/** The stamp of this program, today. */
export const stampHere = (): Stamp => ({
  version: versionHere(),
  date: new Date().toISOString().slice(0, 10),
});

/** `0.1.0+1a2b3c4` from a checkout, with `.changed` where files differ from the commit; `0.1.0` from a package. */
export function versionHere(from = dirname(fileURLToPath(import.meta.url))): string {
  const root = checkoutAround(from);
  const commit = root && commitOf(root);
  return commit ? `${version}+${commit}` : version;
}

/** Our own folder above, if it is under version control; null where the package lies in somebody else's project. */
function checkoutAround(folder: string): string | null {
  const own = join(folder, 'package.json');
  if (existsSync(own) && JSON.parse(readFileSync(own, 'utf8')).name === name) {
    return existsSync(join(folder, '.git')) ? folder : null;
  }
  const above = dirname(folder);
  return above === folder ? null : checkoutAround(above);
}

function commitOf(root: string): string | null {
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src', 'shaders');
    return `${git('rev-parse', '--short=7', 'HEAD')}${changed ? '.changed' : ''}`;
  } catch {
    // Without git nothing can be said.
    return null;
  }
}
