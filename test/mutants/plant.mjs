// Plants faults one at a time and runs the tests that should catch them: node test/mutants/plant.mjs host [WORDS],
// or wgsl. A fault is a line of host.mjs or wgsl.mjs. They are planted in a copy of the sources, so that what you work on
// stays as it is. Ends with 1 if a fault survives, or if what it replaces is no longer there once.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [list = 'host', ...words] = process.argv.slice(2);
const { MUTANTS, PROJECT } = await import(`./${list}.mjs`);
const chosen = MUTANTS.filter(({ name }) => words.every((word) => name.includes(word)));

const copy = mkdtempSync(join(tmpdir(), 'seqgpu-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true }));
process.on('SIGINT', () => process.exit(130));
const SHARED = ['node_modules', 'dist', 'examples', '.git'];
cpSync(root, copy, {
  recursive: true,
  filter: (path) => !SHARED.some((name) => path === join(root, name)),
});
for (const name of SHARED.slice(0, 3)) symlinkSync(join(root, name), join(copy, name));

/** Whether the tests pass. */
function passes(tests, match) {
  const named = match ? ['-t', match] : [];
  const words = [
    'vitest',
    'run',
    '--project',
    PROJECT,
    '--bail',
    '1',
    '--reporter',
    'dot',
    ...tests,
    ...named,
  ];
  const { status, stdout, stderr } = spawnSync('npx', words, {
    cwd: copy,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (/No test files found|no tests/i.test(stdout + stderr)) throw new Error(`no tests: ${words.join(' ')}`);
  return status === 0;
}

/** Faults that survive would show nothing if the tests failed without them. */
const suites = new Map(chosen.map(({ tests, match }) => [JSON.stringify([tests, match]), { tests, match }]));
for (const { tests, match } of suites.values()) {
  if (!passes(tests, match)) {
    console.error(`fails as it stands: ${tests.join(' ')} ${match ?? ''}`);
    process.exit(1);
  }
}

const found = { caught: 0, survived: 0, stale: 0 };
for (const { name, file, from, to, tests, match } of chosen) {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  const once = text.split(from).length === 2 && from !== to;
  let result = 'stale';
  if (once) {
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    result = passes(tests, match) ? 'survived' : 'caught';
    writeFileSync(path, text);
  }
  found[result]++;
  console.log(`${result.padEnd(8)}  ${file}: ${name}`);
}
console.log(
  `${chosen.length} faults: ${Object.entries(found)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ')}.`,
);
process.exitCode = found.survived + found.stale ? 1 : 0;
