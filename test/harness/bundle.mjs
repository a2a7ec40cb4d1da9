// `node bundle.mjs BUNDLER FILE`: bundles the program in the file for a page, minified, and prints its bytes, gzipped.
// `node bundle.mjs BUNDLER FILE OUT` writes it, with its source map, into a file of its own.
// Packages come from the folder that the file is in.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [bundler, file, out] = process.argv.slice(2);

const BUNDLERS = {
  async vite(file) {
    const { build } = await import('vite');
    const built = await build({
      ...{ configFile: false, logLevel: 'silent', root: dirname(file) },
      build: {
        ...{ target: 'es2022', write: false, modulePreload: false, reportCompressedSize: false },
        sourcemap: out ? 'inline' : false,
        rolldownOptions: { input: file, preserveEntrySignatures: 'strict' },
      },
    });
    return [built].flat().flatMap(({ output }) => output.flatMap(({ code = '' }) => code));
  },

  async esbuild(file) {
    const { build } = await import('esbuild');
    const { outputFiles } = await build({
      ...{ entryPoints: [file], bundle: true, minify: true, format: 'esm', target: 'es2022', write: false },
      ...{ sourcemap: out ? 'inline' : false, outfile: out },
    });
    return outputFiles.map(({ contents }) => contents);
  },

  async webpack(file) {
    const { default: webpack } = await import('webpack');
    const path = join(dirname(file), 'webpacked');
    const compiler = webpack({
      ...{ mode: 'production', context: dirname(file), entry: file, target: ['web', 'es2022'] },
      ...{ performance: false, experiments: { outputModule: true } },
      devtool: out ? 'inline-source-map' : false,
      output: { path, clean: true, module: true, library: { type: 'module' } },
    });
    const stats = await new Promise((done, failed) => {
      compiler.run((error, found) => (error ? failed(error) : done(found)));
    });
    if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
    return readdirSync(path).map((name) => readFileSync(join(path, name)));
  },
};

const codes = await BUNDLERS[bundler](file);
if (out) writeFileSync(out, codes[0]);
else console.log(codes.reduce((sum, code) => sum + gzipSync(code, { level: 9 }).length, 0));
