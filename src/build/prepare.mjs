// What npm runs behind `npm install` and `npm ci` in a clone: builds the package, and the live page in it, where what
// builds them is installed. With `--omit=dev` it is not, and what was built before stays.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return false;
  }
}

function run(script) {
  const { status } = spawnSync('npm', ['run', script], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return status ?? 1;
}

if (isInstalled('vite')) {
  // The page lies in the folder that the build empties.
  process.exitCode = run('build') || (isInstalled('preact') ? run('live') : 0);
} else {
  process.stdout.write('seqgpu: without the development packages nothing is built.\n');
}
