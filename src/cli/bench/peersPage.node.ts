// The page in which the other engines run beside ours: installs them, builds and serves it.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PreviewServer } from 'vite';
import { fail } from '../../graph/check';
import type { Log } from '../browser/browser.node';
import { cloneFolder } from './clone.node';
import { servePage } from '../browser/page.node';

const FOLDER = 'examples/bench/peers';

/** Builds the page and serves it to this machine alone. */
export async function servePeersPage(log: Log): Promise<{ server: PreviewServer; address: string }> {
  const root = join(cloneFolder(`${FOLDER}/package.json`), FOLDER);
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) install(root, log);
  log('Building the page ...');
  return servePage(root, 'error');
}

function install(folder: string, log: Log): void {
  log(`Installing the other engines in ${FOLDER} (220 MB on disk) ...`);
  const words = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  // On Windows npm is a .cmd file, which only a shell can start; every word is a constant.
  const shell = process.platform === 'win32';
  const { status, stderr, error } = spawnSync('npm', words, { cwd: folder, encoding: 'utf8', shell });
  if (status === 0) return;
  fail('bench: the other engines could not be installed.', {
    given: error?.message ?? `npm ended with ${status}: ${stderr.trim().split('\n').slice(-3).join(' ')}`,
    fix: `see what \`npm ci\` says in ${folder}.`,
  });
}
