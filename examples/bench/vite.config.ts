// Builds the page of the bench into dist/bench-page and serves it to this machine: `npx seqgpu bench --page`.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { isolated as headers, shared } from '../../vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  ...shared,
  root: here('.'),
  base: './',
  build: {
    target: 'es2022',
    outDir: here('../../dist/bench-page'),
    emptyOutDir: true,
    // The shaders are in it twice: as kernels, and as the texts that the page shows.
    chunkSizeWarningLimit: 2000,
  },
  preview: { host: '127.0.0.1', headers },
  server: { host: '127.0.0.1', headers },
});
