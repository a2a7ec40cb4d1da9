// How much a page downloads for the engine: dist/index.js and all it imports, minified and gzipped.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** KiB. */
export const BUNDLE_TARGET = { must: 60, stretch: 40 };

/** The size, or why there is none. Vite, which makes the bundle, is there in a clone and not in a package. */
export async function bundleSize(
  entry = join(dirname(fileURLToPath(import.meta.url)), 'index.js'),
): Promise<{ bytes: number } | { missing: string }> {
  if (!existsSync(entry)) return { missing: `${entry} is not built` };
  let vite: typeof import('vite');
  try {
    vite = await import('vite');
  } catch {
    return { missing: 'Vite is not installed: run it in a clone of the repository, after `npm ci`' };
  }
  const built = await vite.build({
    configFile: false,
    logLevel: 'silent',
    root: dirname(entry),
    build: {
      ...{ target: 'es2022', minify: true, write: false, modulePreload: false, reportCompressedSize: false },
      // Exports are what a bundle is for: without this, nothing is used and all is dropped.
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict' },
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
