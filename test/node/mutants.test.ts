// The lists of planted faults, test/mutants: each still has a place in the sources, and tests that are there.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Fault {
  readonly file: string;
  readonly name: string;
  readonly tests: readonly string[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const { '../mutants/planted.mjs': planting } = import.meta.glob<{
  planted(text: string, fault: Fault): string | null;
}>('../mutants/planted.mjs', { eager: true });
const lists = import.meta.glob<{ MUTANTS: readonly Fault[] }>('../mutants/{host,wgsl}.mjs', { eager: true });

test.each(Object.keys(lists))('%s', (list) => {
  const faults = lists[list].MUTANTS;
  const names = faults.map(({ file, name }) => `${file}: ${name}`);
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  const stale = faults.filter(
    (fault) =>
      planting.planted(readFileSync(join(root, fault.file), 'utf8'), fault) === null ||
      !fault.tests.every((path) => existsSync(join(root, path))),
  );
  expect(stale.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});
