// The library's kernels in one module of the built package, dist/shaders.js: alike as they are, they compress best side
// by side, and a bundler still drops those that a page does not use.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'shaders');
const TOGETHER = join(root, 'src/shaders.js');

/** What is imported from the file of the shader x is `x` of that module. `kernelText`: of seqgpu/vite. */
export function shaders(kernelText: (name: string, text: string) => string): Plugin {
  return {
    name: 'shaders',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (id === TOGETHER ? id : null),
    load(id) {
      if (id === TOGETHER) return together(kernelText);
      if (!id.startsWith(folder) || !id.endsWith('.wgsl')) return null;
      return `export { ${basename(id, '.wgsl')} as default } from ${JSON.stringify(TOGETHER)};`;
    },
  };
}

function together(kernelText: (name: string, text: string) => string): string {
  const names = readdirSync(folder).flatMap((file) =>
    file.endsWith('.wgsl') ? [basename(file, '.wgsl')] : [],
  );
  const lines = names.sort().map((name) => {
    const text = readFileSync(join(folder, `${name}.wgsl`), 'utf8');
    return `export const ${name} = ${kernelText(name, text)};`;
  });
  return [`import { Kernel } from ${JSON.stringify(join(root, 'src/graph/kernel'))};`, ...lines].join('\n');
}
