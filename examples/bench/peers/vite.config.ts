// Builds the page into dist/peers-page, our engine from its sources, and serves it, for
// `npx seqgpu bench --peers`.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { isolated as headers, shared } from '../../../vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  ...shared,
  root: here('.'),
  base: './',
  build: {
    target: 'es2022',
    outDir: here('../../../dist/peers-page'),
    emptyOutDir: true,
    minify: false,
    chunkSizeWarningLimit: 100_000,
  },
  preview: { host: '127.0.0.1', headers },
});
