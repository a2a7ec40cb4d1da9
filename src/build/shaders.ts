// The library's kernels in one module of the built package, dist/shaders.js: alike as they are, they compress best side
// by side, and a bundler still drops those that a page does not use.

import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
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
    // A map of the module of all kernels would be a copy of it.
    generateBundle(_options, bundle) {
      const chunk = bundle['shaders.js'];
      if (chunk?.type !== 'chunk') return;
      delete bundle['shaders.js.map'];
      chunk.code = chunk.code.replace(/\/\/# sourceMappingURL=.*/, '');
    },
  };
}

function together({ kernelText, shrink }: Shortening): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wgsl'))
    .sort();
  const codes = files.map((file) => squeezed(shrink(readFileSync(join(folder, file), 'utf8')), shrink));
  const kernels = shortNames(codes).map((code, i) => {
    const name = basename(files[i], '.wgsl');
    return `export const ${name} = ${kernelText(name, joined(code))};`;
  });
  const start = `import { Kernel } from ${JSON.stringify(join(root, 'src/graph/kernel'))};`;
  return [start, ...likeBesideLike(kernels)].join('\n');
}

/** Without empty lines, blanks in loops that are to be written out, and zeros that numbers need not have. */
const squeezed = (code: string, shrink: Shortening['shrink']): string =>
  code
    .replace(/\n+/g, '\n')
    .replace(/(?<=^\/\/ @unroll\n).*/gm, shrink)
    .replace(/\b(\d+)\.0\b/g, '$1.')
    .replace(/\b0(?=\.\d)/g, '')
    .trim();

/** Lines of their own have constants, bindings, marks, and what follows a mark: these are looked for. */
export const joined = (code: string): string =>
  code.replace(/(?<!^\/\/ @(?!unroll).*\n.*)(?<=^(?!\/\/|@group).*)\n(?!\/\/|const |@group)/gm, '');

/** An order in which a text is followed by that which it says the most of. */
function likeBesideLike(texts: readonly string[]): string[] {
  const size = (text: string) => deflateRawSync(text).length;
  const sizes = new Map(texts.map((text) => [text, size(text)]));
  const left = new Set(texts);
  const order: string[] = [];
  for (let last = texts[0]; left.size > 0;) {
    order.push(last);
    left.delete(last);
    const news = new Map([...left].map((text) => [text, size(last + text) - sizes.get(text)!]));
    [last] = [...left].sort((a, b) => news.get(a)! - news.get(b)!);
  }
  return order;
}
