// Which version of the program measures: a result names it, so that its kernels can be found again.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { name, version } from '../../package.json';
import { HERE, folderWhere } from '../files/folderAbove.node';

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
export function versionHere(from = HERE): string {
  const root = checkoutAround(from);
  const commit = root && commitOf(root);
  return commit ? `${version}+${commit}` : version;
}

/** Our own folder above, if it is under version control; null where the package lies in somebody else's project. */
function checkoutAround(from: string): string | null {
  const ours = folderWhere((folder) => {
    const own = join(folder, 'package.json');
    return existsSync(own) && JSON.parse(readFileSync(own, 'utf8')).name === name;
  }, from);
  return ours !== undefined && existsSync(join(ours, '.git')) ? ours : null;
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
