// How much a page downloads for the engine: what a program needs of dist/index.js, minified and gzipped.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { HERE, folderAbove } from '../../files/folderAbove.node';

/** Sizes that a bundle with one model must not exceed, and that would be better, in KiB. */
export const BUNDLE_TARGET = { must: 60, stretch: 40 };

/** Programs by what a report says of them: all that there is, and what a page takes that trains one model. */
export const PROGRAMS = {
  all: "export * from 'seqgpu';",
  'one LSTM': `import { array, crossEntropy, nn, open, optim } from 'seqgpu';
export const used = [array, crossEntropy, nn.Embedding, nn.LSTM, nn.Linear, nn.Sequential, open, optim.Adam];`,
  'one TCN': `import { array, crossEntropy, nn, open, optim } from 'seqgpu';
export const used = [array, crossEntropy, nn.Linear, nn.TCN, open, optim.Adam];`,
  'a product': `export { array, matmul, open } from 'seqgpu';`,
} as const;

/** The size, or why there is none. Vite, which makes the bundle, is there in a clone and not in a package. */
export async function bundleSize(
  program: string,
  entry = join(folderAbove(['dist/index.js']) ?? HERE, 'dist/index.js'),
): Promise<{ bytes: number } | { missing: string }> {
  if (!existsSync(entry)) return { missing: `${entry} is not built` };
  let vite: typeof import('vite');
  try {
    vite = await import('vite');
  } catch {
    return { missing: 'Vite is not installed: run it in a clone of the repository, after `npm ci`' };
  }
  const page = '\0page';
  const built = await vite.build({
    configFile: false,
    logLevel: 'silent',
    root: dirname(resolve(entry)),
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === 'page' ? page : id === 'seqgpu' ? resolve(entry) : null),
        load: (id) => (id === page ? program : null),
      },
    ],
    build: {
      target: 'es2022',
      minify: true,
      write: false,
      modulePreload: false,
      reportCompressedSize: false,
      // Exports are what a bundle is for: without this, nothing is used and all is dropped.
      rolldownOptions: { input: 'page', preserveEntrySignatures: 'strict' },
    },
  });
  if (!('output' in built) && !Array.isArray(built)) return { missing: 'Vite gave no bundle' };
  const chunks = [built].flat().flatMap(({ output }) => output);
  const bytes = chunks.reduce(
    (sum, one) => sum + ('code' in one ? gzipSync(one.code, { level: 9 }).length : 0),
    0,
  );
  return { bytes };
}
