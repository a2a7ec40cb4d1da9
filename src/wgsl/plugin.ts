// Vite plugin: `import matmul from '../../shaders/matmul.wgsl'` gives a Kernel, reflected while building.

import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { reflect } from './reflect';

const kernelModule = join(dirname(fileURLToPath(import.meta.url)), '../graph/kernel');

export function wgsl(): Plugin {
  return {
    name: 'wgsl',
    enforce: 'pre',
    async load(id) {
      const file = id.split('?')[0];
      if (!file.endsWith('.wgsl') || id.includes('?raw')) return null;
      const reflection = reflect(basename(file, '.wgsl'), await readFile(file, 'utf8'));
      this.addWatchFile(file);
      return `import { Kernel } from ${JSON.stringify(kernelModule)};
export default new Kernel(${JSON.stringify(reflection)});`;
    },
  };
}
