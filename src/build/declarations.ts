// The types of the published package: what TypeScript makes of the sources, cut down to what the public entries reach
// and mended so that it holds in other people's projects, whatever their module resolution and libraries.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes `types` beside the built modules. Wrong types do not stop a build; `npm run check` names them. */
export function declarations(entries: readonly string[]): Plugin {
  return {
    name: 'declarations',
    apply: 'build',
    writeBundle: ({ dir }) => writeDeclarations(entries, join(dir!, 'types')),
  };
}

function writeDeclarations(entries: readonly string[], types: string): void {
  const made = mkdtempSync(join(tmpdir(), 'seqgpu-types-'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  spawnSync(process.execPath, [tsc, '-p', join(root, 'src/build/tsconfig.types.json'), '--outDir', made]);
  const names = new Set<string>();
  for (const file of reachable(entries.map((entry) => declarationOf(made, relative('src', entry))))) {
    const path = relative(made, file);
    write(
      join(types, path),
      mended(readFileSync(file, 'utf8'), file, posix.relative(dirname(path), 'webgpu.js'), names),
    );
  }
  write(join(types, 'webgpu.d.ts'), aliases([...names].sort()));
  write(join(types, 'wgsl.d.ts'), WGSL);
  rmSync(made, { recursive: true });
}

const declarationOf = (made: string, source: string) => join(made, source.replace(/\.ts$/, '.d.ts'));

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A relative path in an import: between quotes, behind `from` or in `import( )`. */
const RELATIVE = /(\bfrom |\bimport\()(['"])(\.[^'"]*)\2/g;

/** The files and all that they import, one after the other. */
function reachable(files: readonly string[]): Set<string> {
  const found = new Set(files);
  for (const file of found) {
    for (const [, , , path] of readFileSync(file, 'utf8').matchAll(RELATIVE)) found.add(targetOf(file, path));
  }
  return found;
}

const targetOf = (file: string, path: string): string => {
  const target = resolve(dirname(file), path);
  return existsSync(`${target}.d.ts`) ? `${target}.d.ts` : join(target, 'index.d.ts');
};

/** With the extensions that Node's resolution asks for, and WebGPU's types where this project has them. */
function mended(text: string, file: string, webgpu: string, names: Set<string>): string {
  const own = new Set(
    [...text.replace(/\/\*[^]*?\*\//g, '').matchAll(/\bGPU[A-Z]?\w*\b/g)].map(([name]) => name),
  );
  own.forEach((name) => names.add(name));
  const code = text.replace(RELATIVE, (_, before, quote, path) => {
    const to = relative(dirname(file), targetOf(file, path))
      .replaceAll('\\', '/')
      .replace(/\.d\.ts$/, '.js');
    return `${before}${quote}${to.startsWith('.') ? to : `./${to}`}${quote}`;
  });
  const from = webgpu.startsWith('.') ? webgpu : `./${webgpu}`;
  const lines = own.size ? [`import type { ${[...own].join(', ')} } from '${from}';`] : [];
  if (/\bSymbol\.(async)?[dD]ispose\b/.test(code)) lines.unshift('/// <reference lib="esnext.disposable" />');
  return [...lines, code].join('\n');
}

/** Types of WebGPU that have no object of their name: numbers, texts and dictionaries. */
const PLAIN: Readonly<Record<string, string>> = {
  GPUBufferUsageFlags: 'number',
  GPUPowerPreference: "'low-power' | 'high-performance'",
  GPUSize64: 'number',
};

/**
 * WebGPU's types by their names. They come from TypeScript's own library or from @webgpu/types, and only one of the two
 * may be there; in a project with neither they are unknown, and all the rest can be used.
 */
function aliases(names: readonly string[]): string {
  const lines = names.map((name) => {
    const found = `typeof globalThis extends { ${name}: { prototype: infer T } } ? T : unknown`;
    return `export type ${name} = ${PLAIN[name] ?? found};`;
  });
  return ['// WebGPU, as far as the project that uses this package has its types.', ...lines, ''].join('\n');
}

const WGSL = `// What \`import kernel from './x.wgsl'\` gives with the plugin of seqgpu/vite.
// In tsconfig.json: types: ["seqgpu/wgsl"].
declare module '*.wgsl' {
  const kernel: import('seqgpu').Kernel;
  export default kernel;
}
`;
