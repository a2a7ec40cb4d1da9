// What the walls look at: files as paths and texts, so that a test can build a small tree with a fault in it.

import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

export type Tree = readonly SourceFile[];

/** A wall: the places that break its rule. */
export type Wall = (tree: Tree) => string[];

/** A node of a syntax tree: only what every node has is known of it. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every source file in these folders of the repository, but declarations of types. */
export const treeOf = (...folders: string[]): Tree => folders.flatMap(filesIn).sort(byPath);

const byPath = (a: SourceFile, b: SourceFile) => (a.path < b.path ? -1 : 1);

function filesIn(folder: string): SourceFile[] {
  return readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/\.d\.ts$|\/node_modules\//.test(path))
    .map((path) => ({ path, text: readFileSync(posix.join(root, path), 'utf8') }));
}

export const linesOf = ({ text }: SourceFile): string[] => text.trimEnd().split('\n');

const starts = new WeakMap<SourceFile, number[]>();

/** Line of a place in the text, from 1. */
export function lineAt(file: SourceFile, offset: number): number {
  let known = starts.get(file);
  if (!known) {
    known = [0, ...[...file.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    starts.set(file, known);
  }
  const after = known.findIndex((start) => start > offset);
  return after < 0 ? known.length : after;
}

type Parsed = ReturnType<typeof parseSync>;
const parsed = new WeakMap<SourceFile, Parsed>();

export function parse(file: SourceFile): Parsed {
  let found = parsed.get(file);
  if (!found) {
    found = parseSync(file.path, file.text);
    if (found.errors.length) throw new Error(`${file.path}: ${found.errors[0].message}`);
    parsed.set(file, found);
  }
  return found;
}

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Syntax>).type === 'string';

/** The node of a whole file. */
export function rootOf(file: SourceFile): Syntax {
  const program: unknown = parse(file).program;
  if (!isSyntax(program)) throw new Error(`${file.path} has no syntax tree`);
  return program;
}

/** The nodes right below one. */
export const below = (node: Syntax): Syntax[] => Object.values(node).flat().filter(isSyntax);

export interface Placed {
  readonly node: Syntax;
  /** Its parent, and those above that, a few of them. */
  readonly above: readonly Syntax[];
}

const placed = new WeakMap<SourceFile, Placed[]>();

/** Every node of a file. */
export function nodesOf(file: SourceFile): readonly Placed[] {
  let found = placed.get(file);
  if (!found) {
    found = [];
    placed.set(file, found);
    const open: Placed[] = [{ node: rootOf(file), above: [] }];
    for (let next = open.pop(); next; next = open.pop()) {
      found.push(next);
      const above = [next.node, ...next.above.slice(0, 2)];
      for (const node of below(next.node).reverse()) open.push({ node, above });
    }
  }
  return found;
}

export interface Import {
  readonly from: string;
  /** A file of the tree, a path beside it, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
  /** By `import()`. */
  readonly atRunTime: boolean;
}

/** Imports and re-exports, those at run time and those of types among them. */
export function importsOf(tree: Tree): Import[] {
  const paths = new Set(tree.map(({ path }) => path));
  return tree.flatMap((file) => {
    const to = (path: string) => resolved(paths, file.path, path);
    const { staticImports, staticExports, dynamicImports } = parse(file).module;
    const found: Import[] = [];
    const note = (path: string, typeOnly: boolean, atRunTime = false) =>
      found.push({ from: file.path, to: to(path), typeOnly, atRunTime });
    for (const { moduleRequest, entries } of staticImports)
      note(moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType));
    for (const { entries } of staticExports)
      for (const { moduleRequest, isType } of entries) if (moduleRequest) note(moduleRequest.value, isType);
    for (const { moduleRequest } of dynamicImports) {
      const written = /^(['"])(.*)\1$/.exec(file.text.slice(moduleRequest.start, moduleRequest.end));
      if (written) note(written[2], false, true);
    }
    for (const [, path] of file.text.matchAll(/\btypeof import\('([^']+)'\)/g)) note(path, true);
    return found;
  });
}

function resolved(paths: ReadonlySet<string>, from: string, path: string): string {
  if (!path.startsWith('.')) return path;
  const joined = posix.join(posix.dirname(from), path);
  return [joined, `${joined}.ts`, `${joined}/index.ts`].find((file) => paths.has(file)) ?? joined;
}
