// The library's kernels in one module of the built package, dist/shaders.js: alike as they are, they compress best side
// by side, and a bundler still drops those that a page does not use.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { shortNames } from './shortNames.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'shaders');
const TOGETHER = join(root, 'src/shaders.js');

/** What is used of seqgpu/vite: the expression of a kernel, and its code without comments and blanks. */
interface Shortening {
  readonly kernelText: (name: string, text: string) => string;
  readonly shrink: (text: string) => string;
}

/** What is imported from the file of the shader x is `x` of that module. */
export function shaders(shortening: Shortening): Plugin {
  return {
    name: 'shaders',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (id === TOGETHER ? id : null),
    load(id) {
      if (id === TOGETHER) return together(shortening);
      if (!id.startsWith(folder) || !id.endsWith('.wgsl')) return null;
      return `export { ${basename(id, '.wgsl')} as default } from ${JSON.stringify(TOGETHER)};`;
    },
  };
}

function together({ kernelText, shrink }: Shortening): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wgsl'))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  const names = files.map((file) => basename(file, '.wgsl'));
  const codes = files.map((file) => squeezed(shrink(readFileSync(join(folder, file), 'utf8'))));
  const short = shortNames(codes);
  const lines = names.map((name, i) => `export const ${name} = ${kernelText(name, short[i])};`);
  return [`import { Kernel } from ${JSON.stringify(join(root, 'src/graph/kernel'))};`, ...lines].join('\n');
}

/** Without empty lines; only a mark and what follows it need lines of their own. */
const squeezed = (code: string): string => code.replace(/\n+/g, '\n').trim();
