// Plants faults one at a time and runs the tests that should catch them: node test/mutants/plant.mjs host [WORDS],
// or wgsl. A fault is an entry of host.mjs or wgsl.mjs. They are planted in a copy of the sources, so that what you work
// on stays as it is. Ends with 1 if a fault survives, or if what it replaces is no longer there once.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { planted } from './planted.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [list = 'host', ...words] = process.argv.slice(2);
const { MUTANTS, PROJECT } = await import(`./${list}.mjs`);
const chosen = MUTANTS.filter(({ file, name }) => words.every((word) => `${file} ${name}`.includes(word)));

const copy = mkdtempSync(join(tmpdir(), 'seqgpu-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true }));
process.on('SIGINT', () => process.exit(130));
const SHARED = ['node_modules', 'dist', '.cache', '.git'];
cpSync(root, copy, {
  recursive: true,
  filter: (path) => !SHARED.some((name) => path === join(root, name)),
});
for (const name of SHARED.slice(0, 2)) symlinkSync(join(root, name), join(copy, name));
process.chdir(copy);

/** Whether the tests pass; `changed`: files that are others than the last time. */
const passes = PROJECT === 'node' ? await inOneProcess() : inProcessesOfTheirOwn;

/** A device does not outlive the process of its tests: one for each fault. */
async function inProcessesOfTheirOwn(tests, match = '') {
  const words = ['vitest', 'run', '--project', PROJECT, '--bail', '1', ...tests, '-t', match];
  const { status, stdout } = spawnSync('npx', words, { encoding: 'utf8', timeout: 120_000 });
  if (!/Tests .*(passed|failed)/.test(stdout)) throw new Error(`no tests: ${words.join(' ')}\n${stdout}`);
  return status === 0;
}

/** All others are run in this process, which starts a run in a tenth of the time. */
async function inOneProcess() {
  const silent = { onInit() {} };
  const options = { root: copy, watch: false, project: PROJECT, bail: 1, reporters: [silent] };
  const vitest = await createVitest('test', options, { logLevel: 'silent' });
  return async (tests, match, changed = []) => {
    for (const file of changed) vitest.invalidateFile(join(copy, file));
    vitest.setGlobalTestNamePattern(match ?? '');
    const files = await vitest.globTestSpecifications(tests);
    if (!files.length) throw new Error(`no tests: ${tests.join(' ')}`);
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(files);
    const ran = testModules.some((one) => [...one.children.allTests('passed')].length);
    return ran && !unhandledErrors.length && testModules.every((one) => one.ok());
  };
}

/** Faults that survive would show nothing if the tests failed without them. */
const suites = new Map(chosen.map(({ tests, match }) => [JSON.stringify([tests, match]), [tests, match]]));
for (const suite of suites.values()) {
  if (await passes(...suite)) continue;
  console.error(`fails as it stands: ${suite.flat().join(' ')}`);
  process.exit(1);
}

let changed = '';
const found = { caught: 0, survived: 0, stale: 0 };
for (const fault of chosen) {
  const path = join(copy, fault.file);
  const text = readFileSync(path, 'utf8');
  const wrong = planted(text, fault);
  let result = 'stale';
  if (wrong !== null) {
    writeFileSync(path, wrong);
    result = (await passes(fault.tests, fault.match, [fault.file, changed])) ? 'survived' : 'caught';
    writeFileSync(path, text);
    changed = fault.file;
  }
  found[result]++;
  console.log(`${result.padEnd(8)}  ${fault.file}: ${fault.name}`);
}
const counts = Object.entries(found).map(([word, count]) => `${count} ${word}`);
console.log(`${chosen.length} faults: ${counts.join(', ')}.`);
process.exit(found.survived + found.stale ? 1 : 0);
