// What npm runs behind `npm install` and `npm ci` in a clone: builds the package, where what builds it is installed.
// With `--omit=dev` it is not, and what was built before stays.

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

if (isInstalled('vite')) {
  const { status } = spawnSync('npm', ['run', 'build'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
} else {
  process.stdout.write('seqgpu: without the development packages nothing is built.\n');
}
