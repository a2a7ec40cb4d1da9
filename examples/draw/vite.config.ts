// Serves the page: `npx vite examples/draw`.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { shared } from '../../vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** As the package has it, but from the sources. */
const alias = { ...shared.resolve.alias, seqgpu: here('../../src/index.ts') };

export default defineConfig({
  ...shared,
  resolve: { alias },
  root: here('.'),
  base: './',
  build: { target: 'es2022', outDir: here('../../dist/draw-page'), emptyOutDir: true },
});
