// npm run mutate [-- --mutate 'src/train/**/*.ts']: changes the sources in every way that Stryker knows and runs the
// tests that reach the change. Stryker has 160 packages that nobody else needs, so it is installed apart, when it is asked
// for. What is known from an earlier run, by .cache/mutants/incremental.json, is not done again.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = '.cache/mutants';
const TOOLS = ['@stryker-mutator/core@9.6.1', '@stryker-mutator/vitest-runner@9.6.1'];
const stryker = `${folder}/node_modules/@stryker-mutator/core/bin/stryker.js`;

const run = (command, ...words) => {
  const { status } = spawnSync(command, words, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

// Vitest is the one of this package: the tools are below it, and bring none of their own.
const APART = [
  '--prefix',
  folder,
  '--no-save',
  '--no-package-lock',
  '--legacy-peer-deps',
  '--ignore-scripts',
];
if (!existsSync(`${root}/${stryker}`)) run('npm', 'install', ...APART, '--no-audit', '--no-fund', ...TOOLS);
run(process.execPath, stryker, 'run', 'test/mutants/stryker.config.mjs', ...process.argv.slice(2));
