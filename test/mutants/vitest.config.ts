// The tests that Stryker runs: those of the node project that need neither an adapter, nor a built library, nor the
// sources as they are written; or some of them, MUTANTS_TESTS='lab pairs', where a few reach all that is changed.

import { defineConfig } from 'vitest/config';
import { shared } from '../../vite.config.ts';

const NEEDS_MORE = ['cli.e2e', 'dawn', 'folderLock', 'bench', 'style', 'mutants'].map(
  (name) => `test/node/${name}.test.ts`,
);

const some = process.env.MUTANTS_TESTS?.split(' ').map((name) => `test/node/**/${name}.test.ts`);

export default defineConfig({
  ...shared,
  test: { include: some ?? ['test/node/**/*.test.ts'], exclude: some ? [] : NEEDS_MORE, testTimeout: 30_000 },
});
