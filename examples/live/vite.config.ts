// Builds the live page into dist/site: `npm run live`. Any static host can serve it, under any path.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { licences, packageOf } from '../../src/build/licences.ts';
import { isolated as headers, shared, shortShaders } from '../../vite.config.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Packages in the bundles of the page and of its worker. */
const packages = new Set<string>();
const gather = (): Plugin => ({ name: 'gather', moduleParsed: ({ id }) => void packages.add(packageOf(id)) });
/** Their licences, beside the page. */
const tell: Plugin = {
  name: 'licences',
  apply: 'build',
  writeBundle: ({ dir }) =>
    writeFileSync(join(dir!, 'LICENSES.txt'), licences([...packages].filter(Boolean).sort())),
};

export default defineConfig({
  ...shared,
  plugins: [...shared.plugins, gather(), tell],
  root: here('.'),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  // A worker is built by plugins of its own.
  worker: { format: 'es', plugins: () => [shortShaders(), ...shared.plugins, gather()] },
  build: {
    target: 'es2022',
    outDir: here('../../dist/site'),
    emptyOutDir: true,
    // The polyfill of module preloading is not needed by browsers that have WebGPU.
    modulePreload: { polyfill: false },
    // The engine with all models and tasks is one chunk of the worker.
    chunkSizeWarningLimit: 2000,
  },
  preview: { host: '127.0.0.1', headers },
  server: { host: '127.0.0.1', headers },
});
