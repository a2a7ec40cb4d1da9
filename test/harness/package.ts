// The package as npm makes it from a fresh build, installed into an empty project outside the repository: what a user
// has after `npm install seqgpu`.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Packed {
  /** Bytes of the tarball, and of what is in it. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

export interface Project {
  readonly folder: string;
  readonly packed: Packed;
  /** Writes a file into the project. */
  write(path: string, text: string): string;
  /** Runs a program there. */
  run(program: string, ...words: readonly string[]): { code: number | null; out: string };
  remove(): void;
}

/** Takes about ten seconds, and no network: the package needs no other. */
export async function freshProject(): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), 'seqgpu-package-'));
  const source = join(folder, 'source');
  await build({ root, logLevel: 'error', build: { outDir: join(source, 'dist'), emptyOutDir: true } });
  const live = join(root, 'examples/live');
  await build({
    ...{ root: live, configFile: join(live, 'vite.config.ts'), logLevel: 'error' },
    build: { outDir: join(source, 'dist/site'), emptyOutDir: true },
  });
  for (const name of ['package.json', 'README.md', 'LICENSE', 'shaders']) {
    cpSync(join(root, name), join(source, name), { recursive: true });
  }
  const project = join(folder, 'project');
  mkdirSync(project);
  // Node looks into every folder above; this one has nothing to load and ends the search.
  mkdirSync(join(folder, 'node_modules/webgpu'), { recursive: true });
  const packed = pack(source, project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  npm(project, 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${packed.filename}`);
  return {
    folder: project,
    packed,
    write(path, text) {
      const file = join(project, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    run(program, ...words) {
      const { status, stdout, stderr } = spawnSync(program, words, { cwd: project, encoding: 'utf8' });
      return { code: status, out: stdout + stderr };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function pack(source: string, destination: string): Packed & { filename: string } {
  const text = npm(source, 'pack', '--ignore-scripts', '--json', '--pack-destination', destination);
  const found = JSON.parse(text) as unknown;
  // By name since npm 12, a list before.
  return Object.values(found as Record<string, Packed & { filename: string }>)[0];
}

function npm(cwd: string, ...words: readonly string[]): string {
  // On Windows npm is a .cmd file, which only a shell can start; every word is a constant.
  return execFileSync('npm', words, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: 'pipe',
  });
}
