// The plugin of `seqgpu/vite`: `import blur from './blur.wgsl'` gives a Kernel that was reflected while the page was
// built, so the page holds no reflector, and a shader that cannot be a kernel breaks the build. In development an
// edited file is a new kernel at once: for a module that accepts it (`import.meta.hot.accept('./blur.wgsl', …)`),
// otherwise the page is loaded again.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pack } from './pack';
import { reflect } from './reflect';
import { shrink } from './shrink';

export { shrink };

/** The options of the plugin. */
export interface WgslOptions {
  /** The module that exports `Kernel`. Default: 'seqgpu'. */
  readonly kernel?: string;
}

/** What Vite, Rollup and Rolldown take as a plugin. */
export interface WgslPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  configResolved(config: { readonly command: string }): void;
  load(this: { addWatchFile(file: string): void }, id: string): Promise<string | null>;
}

/** Loads `*.wgsl`; with `?raw` or another query behind the name Vite's own ways stay in force. */
export function wgsl({ kernel = 'seqgpu' }: WgslOptions = {}): WgslPlugin {
  let building = true;
  return {
    name: 'seqgpu:wgsl',
    enforce: 'pre',
    configResolved({ command }) {
      building = command === 'build';
    },
    async load(id) {
      const [file, query = ''] = id.split('?');
      // Vite puts t=… or v=… behind a name for the browser's cache.
      if (!file.endsWith('.wgsl') || !/^([tv]=\w*&?)*$/.test(query)) return null;
      this.addWatchFile(file);
      const text = await readFile(file, 'utf8');
      const name = basename(file, '.wgsl');
      const made = building ? kernelText(name, text) : `new Kernel(${JSON.stringify(reflect(name, text))})`;
      return `import { Kernel } from ${JSON.stringify(kernel)};\nexport default ${made};\n`;
    },
  };
}

/** The expression that a built page makes the kernel of. */
export const kernelText = (name: string, text: string): string =>
  `/* @__PURE__ */ new Kernel(${JSON.stringify(pack(reflect(name, shrink(text))))})`;
