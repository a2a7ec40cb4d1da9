// Walls between folders: who imports whom. Imports of types count as all others do.

import { posix } from 'node:path';
import { importsOf, type Import, type Tree, type Wall } from './tree';

/** The part of src/ that a file belongs to: its folder there, or the file itself without .ts. `shaders` are kernels. */
export const partOf = (file: string): string => {
  const [top, part, ...rest] = file.split('/');
  if (top !== 'src') return top;
  return rest.length ? part : part.replace(/\.ts$/, '');
};

/** Parts that a part of src/ may import, besides itself. */
export type Arrows = Readonly<Record<string, readonly string[]>>;

const arrow = ({ from, to }: Import): string => `${from} → ${to}`;
const isOurs = (to: string): boolean => /^(src|shaders|test|examples|\.\.)\//.test(to);

/** Parts of src/ that nobody has said anything about. */
export const unknownParts =
  (allowed: Arrows): Wall =>
  (tree) =>
    [...new Set(tree.map(({ path }) => partOf(path)))].filter((part) => !allowed[part]);

/** Imports of parts that a part may not import. */
export const forbiddenArrows =
  (allowed: Arrows): Wall =>
  (tree) =>
    importsOf(tree)
      .filter(({ to }) => isOurs(to))
      .filter(({ from, to }) => partOf(to) !== partOf(from) && !allowed[partOf(from)]?.includes(partOf(to)))
      .map(arrow);

/**
 * Circles. In every folder, what stands in it, folders and files, imports one another one way: a folder is a single
 * thing here, whatever is in it.
 */
export const circles: Wall = (tree) => {
  const paths = new Set(tree.map(({ path }) => path));
  const imports = importsOf(tree).filter(({ to }) => paths.has(to));
  const folders = new Set(tree.flatMap(({ path }) => foldersAbove(path)));
  return [...folders].flatMap((folder) => circlesIn(folder, imports));
};

function foldersAbove(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}

function circlesIn(folder: string, imports: readonly Import[]): string[] {
  const within = `${folder}/`;
  const child = (path: string) => path.slice(within.length).split('/')[0];
  const next = new Map<string, Map<string, string>>();
  for (const one of imports) {
    if (!one.from.startsWith(within) || !one.to.startsWith(within)) continue;
    const [from, to] = [child(one.from), child(one.to)];
    if (from === to) continue;
    const arrows = next.get(from) ?? new Map<string, string>();
    next.set(from, arrows.set(to, arrow(one)));
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (one: string, path: readonly string[]): void => {
    const at = path.indexOf(one);
    if (at >= 0) {
      const circle = [...path.slice(at), one];
      const why = circle.slice(1).map((to, i) => next.get(circle[i])!.get(to));
      found.push(`${folder}: ${circle.join(' → ')} (${why.join(', ')})`);
    }
    if (at >= 0 || done.has(one)) return;
    for (const to of next.get(one)?.keys() ?? []) visit(to, [...path, one]);
    done.add(one);
  };
  for (const one of next.keys()) visit(one, []);
  return found;
}

/** Imports of files that are not there; `exists` knows the files that are no part of the tree. */
export const lostImports =
  (exists: (path: string) => boolean): Wall =>
  (tree) => {
    const paths = new Set(tree.map(({ path }) => path));
    return importsOf(tree)
      .filter(({ to }) => isOurs(to) && !paths.has(to) && !exists(to))
      .map(arrow);
  };

/** Files that may use Node. */
const mayUseNode = (file: string): boolean =>
  file.endsWith('.node.ts') ||
  file.startsWith('src/cli/') ||
  file.startsWith('src/build/') ||
  ['src/gpu/device/node.ts', 'src/wgsl/plugin.ts'].includes(file);

const BUILT_IN = /^(node:.*|fs|path|os|url|util|crypto|http|https|child_process|worker_threads)$/;

/** Files that use Node, or load a file that does, and are not named so; what they load at run time they may. */
export const nodeElsewhere: Wall = (tree) =>
  importsOf(tree)
    .filter(({ from }) => !mayUseNode(from))
    .filter(({ to, typeOnly, atRunTime }) => BUILT_IN.test(to) || (!typeOnly && !atRunTime && mayUseNode(to)))
    .map(arrow);

/** Kernels that graph and plan have. */
export const kernelsOfGraph = (tree: Tree): string[] =>
  importsOf(tree)
    .filter(({ from, to }) => ['graph', 'plan'].includes(partOf(from)) && to.endsWith('.wgsl'))
    .map(({ to }) => to)
    .sort();

/** Data knows no tensors: of the graph it uses errors, host arrays and the mark of no index only. */
export const tensorsInData: Wall = (tree) =>
  importsOf(tree)
    .filter(({ from, to }) => from.startsWith('src/data/') && to.startsWith('src/graph/'))
    .filter(({ to }) => !['src/graph/check.ts', 'src/graph/host.ts', 'src/graph/none.ts'].includes(to))
    .map(arrow);

/** Packages of others that the library itself needs, with who needs them. */
export const packagesOf = (tree: Tree): string[] => {
  const packages = importsOf(tree)
    .filter(({ from }) => !['build', 'cli'].includes(partOf(from)) && !from.endsWith('.node.ts'))
    .filter(({ to }) => !isOurs(to) && !BUILT_IN.test(to))
    .map(arrow);
  return [...new Set(packages)].sort();
};
