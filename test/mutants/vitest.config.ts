// The tests that Stryker runs: those of the node project that need neither an adapter, nor a built library, nor the
// sources as they are written.

import { defineConfig } from 'vitest/config';
import { shared } from '../../vite.config.ts';

const NEEDS_MORE = ['cli.e2e', 'dawn', 'folderLock', 'bench', 'style', 'mutants'].map(
  (name) => `test/node/${name}.test.ts`,
);

export default defineConfig({
  ...shared,
  test: { include: ['test/node/**/*.test.ts'], exclude: NEEDS_MORE, testTimeout: 30_000 },
});
