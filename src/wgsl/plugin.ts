// Vite plugin: `import matmul from '../../shaders/matmul.wgsl'` gives a Kernel, reflected while building.

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { reflect } from './reflect';

const kernelModule = join(dirname(fileURLToPath(import.meta.url)), '../graph/kernel');

export function wgsl(): Plugin {
  let building = false;
  return {
    name: 'wgsl',
    enforce: 'pre',
    configResolved({ command }) {
      building = command === 'build';
    },
    async load(id) {
      const file = id.split('?')[0];
      if (!file.endsWith('.wgsl') || id.includes('?raw')) return null;
      const text = await readFile(file, 'utf8');
      const reflection = reflect(basename(file, '.wgsl'), building ? bare(text) : text);
      this.addWatchFile(file);
      return `import { Kernel } from ${JSON.stringify(kernelModule)};
export default /* @__PURE__ */ new Kernel(${JSON.stringify(reflection)});`;
    },
  };
}

/** Without comments and indentation, a fifth of the library's size; a line stays the line that it was. */
function bare(text: string): string {
  return text.replace(/^[ \t]+/gm, '').replace(/[ \t]*\/\/(?! @).*/g, '');
}
