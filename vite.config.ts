// Builds the library into dist/: the engine for browsers (index.js) and for Node (node.js), the reflector for
// kernels of one's own (reflect.js), the measures of recurrence (lab.js), the command line (cli.js), and the types.
//
// Files that configuration imports are named with their extension: Vite is about to load configuration without a
// bundler.

import { chmodSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig, runnerImport, type Plugin, type UserConfig } from 'vite';
import { declarations } from './src/build/declarations.ts';
import { members } from './src/build/members.ts';
import { program } from './src/build/program.ts';
import { shaders } from './src/build/shaders.ts';
import { vendor } from './src/build/vendor.ts';

// wgsl_reflect's entry for Node is CommonJS under the name of an ES module and does not load. The alias avoids it,
// for the plugin too, which therefore cannot be a plain import of this file.
const resolve = { alias: { wgsl_reflect: 'wgsl_reflect/wgsl_reflect.module.js' } };
const plugin = fileURLToPath(new URL('src/wgsl/plugin.ts', import.meta.url));
const kernel = fileURLToPath(new URL('src/graph/own/ownKernel', import.meta.url));
const { kernelText, shrink, wgsl } = (
  await runnerImport<typeof import('./src/wgsl/plugin.ts')>(plugin, { resolve })
).module;

/** Kernels without comments and blanks, in one module. */
export const shortShaders = (): Plugin => shaders({ kernelText, shrink });

/** What the sources need wherever they are built or run, here and in the tests. */
export const shared = { resolve, plugins: [wgsl({ kernel })] } satisfies UserConfig;

/** Headers of an isolated page: its clock has 5 µs, any other's 100 µs, too coarse to measure an adapter with. */
export const isolated = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** By the name of the built module, what can be imported from the package, and the command line. */
const ENTRIES = {
  index: 'src/index.ts',
  nn: 'src/nn/index.ts',
  optim: 'src/optim/index.ts',
  node: 'src/index.node.ts',
  reflect: 'src/wgsl/reflect.ts',
  train: 'src/train/index.ts',
  testing: 'src/testing/index.ts',
  lab: 'src/lab/index.ts',
  bench: 'src/bench/index.ts',
  'bench-node': 'src/bench/index.node.ts',
  vite: 'src/wgsl/plugin.ts',
  cli: 'src/cli/main.ts',
};

/** Without types: the engine's own serve in Node too, and nobody imports the command line. */
const UNTYPED = [ENTRIES.node, ENTRIES['bench-node'], ENTRIES.cli];

/** Left as they stand, to be found where the package is used, or said to be missing. */
const packages = ['bullmq', 'puppeteer', 'vite', 'webgpu'];
const external = [/^node:/, ...builtinModules, ...packages];

// Without the alias, whose answers lose that what vendor() says is relative to the file: it has its own.
export default defineConfig({
  plugins: [
    shortShaders(),
    ...shared.plugins,
    namespaces(),
    members(),
    vendor(),
    program('cli.js', packages),
    executable('cli.js'),
    declarations(Object.values(ENTRIES).filter((entry) => !UNTYPED.includes(entry))),
  ],
  build: {
    target: 'es2022',
    sourcemap: true,
    minify: false,
    lib: { entry: ENTRIES, formats: ['es'] },
    rolldownOptions: {
      external,
      checks: { pluginTimings: false },
      // For plugins that change what is built and keep its source map right.
      experimental: { nativeMagicString: true },
      output: {
        banner: (chunk) => (chunk.isEntry && chunk.name === 'cli' ? '#!/usr/bin/env node' : ''),
        entryFileNames: '[name].js',
        // A module of ours stays a module: bundlers drop whole modules more surely than parts of one.
        ...{ preserveModules: true, preserveModulesRoot: 'src' },
      },
    },
  },
});

/**
 * `export * as nn` stays an import of a module of its own. As an object inside a chunk it would keep all layers alive
 * in the bundle of a page that uses one.
 */
function namespaces(): Plugin {
  return {
    name: 'namespaces',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer) {
      const name = importer?.endsWith('/src/index.ts') && /^\.\/(nn|optim)\/index$/.exec(source)?.[1];
      return name ? { id: `./${name}.js`, external: 'relative' } : null;
    },
  };
}

/** Gives a built file the right to be run as a program. */
function executable(fileName: string): Plugin {
  return {
    name: 'executable',
    apply: 'build',
    writeBundle: ({ dir }) => chmodSync(`${dir}/${fileName}`, 0o755),
  };
}
