// The house style, as far as a program can see it: who imports whom, cycles, sizes of files and lines, first
// comments, types that say something, and a reference for every op.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';

/** The names of all ops whose files were loaded. */
const defined = vi.hoisted(() => new Set<string>());
vi.mock('../../src/graph/op', async (original) => {
  const real = await original<typeof import('../../src/graph/op')>();
  const defineOp: typeof real.defineOp = (spec) => {
    defined.add(spec.name);
    return real.defineOp(spec);
  };
  return { ...real, defineOp };
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .sort();

const files = filesIn('src').filter((file) => !file.endsWith('.d.ts'));
const text = new Map(files.map((file) => [file, read(file)]));
const linesOf = (file: string) => text.get(file)!.trimEnd().split('\n');

interface Import {
  readonly from: string;
  /** A file of ours, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports and re-exports, also those made at run time. */
function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const statement =
    /^(?:import|export)\s+(type\s+)?(?:([\w*{][^;]*?)\s+from\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm;
  for (const [, type, names, path, atRunTime] of text.get(file)!.matchAll(statement)) {
    const list = /^\{([^}]*)\}$/
      .exec(names ?? '')?.[1]
      .split(',')
      .filter((name) => name.trim());
    const typeOnly = Boolean(type) || Boolean(list?.every((name) => name.trim().startsWith('type ')));
    found.push({ from: file, to: resolve(file, path ?? atRunTime), typeOnly });
  }
  return found;
}

function resolve(from: string, path: string): string {
  if (!path.startsWith('.')) return path;
  const joined = posix.join(dirname(from), path);
  return [joined, `${joined}.ts`, `${joined}/index.ts`].find((file) => text.has(file)) ?? joined;
}

const imports = files.flatMap(importsOf);
const folderOf = (file: string): string => {
  const [top, folder, ...rest] = file.split('/');
  if (top !== 'src') return top;
  return rest.length ? folder : folder.replace(/\.ts$/, '');
};

/**
 * Folders (or files, without .ts) that a folder of src/ may import, besides itself. `shaders` are kernels.
 * Shown as arrows in ARCHITECTURE.md.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  graph: ['shaders'],
  plan: ['graph', 'shaders'],
  random: ['graph'],
  wgsl: ['graph'],
  build: [],
  gpu: ['graph', 'plan', 'shaders'],
  ops: ['graph', 'shaders'],
  optim: ['graph', 'ops', 'shaders'],
  nn: ['graph', 'ops', 'random'],
  data: ['graph', 'random'],
  decode: ['graph', 'gpu', 'ops', 'nn'],
  train: ['graph', 'gpu', 'ops', 'nn', 'optim', 'random', 'data'],
  spec: ['graph', 'ops'],
  tasks: ['graph', 'gpu', 'ops', 'nn', 'optim', 'train', 'random', 'data', 'spec'],
  lab: ['graph', 'gpu', 'ops', 'nn', 'optim', 'random'],
  testing: ['graph', 'gpu', 'ops', 'random'],
  index: ['decode', 'graph', 'plan', 'gpu', 'ops', 'nn', 'optim', 'train', 'random', 'data'],
  'index.node': ['index', 'gpu', 'train', 'data'],
  bench: ['index', 'decode', 'graph', 'gpu', 'ops', 'nn', 'optim', 'shaders'],
  report: ['graph', 'data'],
  runs: ['graph', 'gpu', 'nn', 'optim', 'train', 'random', 'data', 'spec', 'tasks', 'report'],
  search: ['runs', 'report', 'random'],
  studies: [
    ...['graph', 'gpu', 'ops', 'nn', 'optim', 'lab', 'train', 'spec', 'tasks', 'random', 'data'],
    ...['report', 'runs', 'search'],
  ],
  cli: [
    ...['bench', 'decode', 'index', 'index.node', 'graph', 'gpu', 'ops', 'nn', 'optim', 'train', 'tasks'],
    ...['studies', 'data', 'random', 'report', 'runs', 'search', 'spec'],
  ],
};

describe('who imports whom', () => {
  test('every folder is known', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !ALLOWED[folder])).toEqual([]);
  });

  test('the arrows of ARCHITECTURE.md', () => {
    const wrong = imports
      .filter(({ to }) => to.startsWith('src/') || to.startsWith('shaders/') || to.startsWith('..'))
      .filter(
        ({ from, to }) => folderOf(to) !== folderOf(from) && !ALLOWED[folderOf(from)]?.includes(folderOf(to)),
      )
      .map(({ from, to }) => `${from} → ${to}`);
    expect(wrong).toEqual([]);
  });

  test('graph and plan have four kernels of their own and no other', () => {
    const kernels = imports.filter(
      ({ from, to }) => ['graph', 'plan'].includes(folderOf(from)) && to.endsWith('.wgsl'),
    );
    expect(kernels.map(({ to }) => to).sort()).toEqual([
      'shaders/elementwise/accumulate.wgsl',
      'shaders/elementwise/chain.wgsl',
      'shaders/layout/copy.wgsl',
      'shaders/probe/summary.wgsl',
    ]);
  });

  test('data knows no tensors: of the graph it uses errors and host arrays only', () => {
    const wrong = imports
      .filter(({ from, to }) => from.startsWith('src/data/') && to.startsWith('src/graph/'))
      .filter(({ to }) => !['src/graph/check.ts', 'src/graph/host.ts'].includes(to))
      .map(({ from, to }) => `${from} → ${to}`);
    expect(wrong).toEqual([]);
  });

  test('gpu sees no op by name', async () => {
    for (const file of files)
      if (/\bdefineOp\b/.test(text.get(file)!)) await import(/* @vite-ignore */ join(root, file));
    // Names that are given to a function that defines many, too.
    for (const name of ['matmul', 'add', 'relu', 'reduceSum', 'softmax', 'adam', 'copy'])
      expect(defined).toContain(name);
    const seen = files
      .filter((file) => file.startsWith('src/gpu/'))
      .flatMap((file) =>
        [...text.get(file)!.matchAll(/(['"`])(\w+)\1/g)]
          .filter(([, , word]) => defined.has(word))
          .map(([, , word]) => `${file}: ${word}`),
      );
    expect(seen).toEqual([]);
  });

  test('Node only where the name says so', () => {
    const may = (file: string) =>
      file.endsWith('.node.ts') ||
      file.startsWith('src/cli/') ||
      file.startsWith('src/build/') ||
      ['src/gpu/device/node.ts', 'src/wgsl/plugin.ts'].includes(file);
    const builtin = ({ to }: Import) => to.startsWith('node:');
    expect(
      imports.filter((one) => builtin(one) && !may(one.from)).map(({ from, to }) => `${from} → ${to}`),
    ).toEqual([]);
    // What does not use Node must not load what does, or a browser could not load it either.
    const loads = imports.filter(
      ({ from, to, typeOnly }) => !typeOnly && !may(from) && text.has(to) && may(to),
    );
    const atRunTime = (file: string, to: string) =>
      [...text.get(file)!.matchAll(/\bimport\('([^']+)'\)/g)].some(([, path]) => resolve(file, path) === to);
    expect(
      loads.filter(({ from, to }) => !atRunTime(from, to)).map(({ from, to }) => `${from} → ${to}`),
    ).toEqual([]);
    expect(
      files.filter((file) =>
        /^import .* from '(fs|path|os|url|util|crypto|http|child_process)'/m.test(text.get(file)!),
      ),
    ).toEqual([]);
  });

  test('packages: the engine needs none, but for what its own files are for', () => {
    const packages = imports
      .filter(({ from }) => !['build', 'cli'].includes(folderOf(from)) && !from.endsWith('.node.ts'))
      .filter(({ to }) => !/^(src|shaders)\//.test(to) && !to.startsWith('node:'))
      .map(({ from, to }) => `${from} → ${to}`);
    expect([...new Set(packages)].sort()).toEqual([
      'src/gpu/device/node.ts → webgpu',
      // Built into the library.
      'src/lab/matrix.ts → ml-matrix',
      'src/wgsl/reflect.ts → wgsl_reflect',
    ]);
  });

  test('no cycles', () => {
    const next = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports)
      if (!typeOnly && text.has(to)) next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      (next.get(file) ?? []).forEach((to) => visit(to, [...path, file]));
      done.add(file);
    };
    files.forEach((file) => visit(file, []));
    expect(cycles).toEqual([]);
  });

  test('every import leads somewhere', () => {
    const lost = imports.filter(({ to }) => /^(src|shaders)\//.test(to) && !existsSync(join(root, to)));
    expect(lost.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

/** Notes to oneself, tests that are switched off or alone, and tests that may fail. */
const LEFTOVER =
  /\b(TODO|FIXME|XXX|debugger)\b|\b(describe|test|it)(\.\w+)*\.(only|skip|todo|fails)\b|\b(xit|xdescribe|fit\(')|\bretry:/;

describe('files', () => {
  test('open with a comment of one to six lines that says what they are', () => {
    const wrong = files.filter((file) => {
      const header = /^(?:\/\/.*\n)+/.exec(text.get(file)!.replace(/^#!.*\n/, ''))?.[0] ?? '';
      // Formulas and sources may follow, after an empty line.
      const lines = header
        .split(/^\/\/\s*$/m)[0]
        .trim()
        .split('\n')
        .filter(Boolean);
      return !lines.length || lines.length > 6;
    });
    expect(wrong).toEqual([]);
  });

  test('have at most 250 lines', () => {
    expect(
      files.filter((file) => linesOf(file).length > 250).map((file) => `${file}: ${linesOf(file).length}`),
    ).toEqual([]);
  });

  test('have lines of at most 120 columns', () => {
    const wide = files.flatMap((file) =>
      linesOf(file).flatMap((line, i) =>
        [...line].length > 120 ? [`${file}:${i + 1} ${[...line].length}`] : [],
      ),
    );
    expect(wide).toEqual([]);
  });

  test('hold no leftovers', () => {
    const left = [...files, ...filesIn('test')]
      // Where they are spelled out.
      .filter((file) => file !== 'test/node/style.test.ts' && !file.startsWith('test/mutants/'))
      .filter((file) => LEFTOVER.test(read(file)));
    expect(left).toEqual([]);
    const noisy = files.filter(
      (file) => !file.startsWith('src/cli/') && /\bconsole\.\w+\(/.test(text.get(file)!),
    );
    expect(noisy).toEqual([]);
  });

  test('hold no characters that nobody sees', () => {
    // A \\b that became a backspace matches nothing, and a wall made of it stands for nothing.
    const all = [...files, ...filesIn('test'), ...filesIn('examples')];
    const hidden = (text: string) =>
      [...text].some((letter) => /[\p{Cc}\p{Cf}]/u.test(letter) && letter !== '\n');
    expect(all.filter((file) => hidden(read(file)))).toEqual([]);
  });

  test('of the engine throw through check.ts', () => {
    const engine = files.filter((file) => !file.startsWith('src/cli/') && !file.endsWith('.node.ts'));
    const wrong = engine.filter((file) => /\bthrow new (Error|TypeError|RangeError)\b/.test(text.get(file)!));
    expect(wrong).toEqual([]);
  });
});

describe('types', () => {
  test('no any but the marked one in graph/tensor.ts', () => {
    const anys = files.flatMap((file) =>
      linesOf(file).flatMap((line, i, lines) => {
        if (!/[:<,|]\s*any\b|\bas any\b|\bany\[\]/.test(line.replace(/\/\/.*|^\s*\*.*/, ''))) return [];
        const marked = file === 'src/graph/tensor.ts' && /no-explicit-any/.test(lines[i - 1]);
        return marked ? [] : [`${file}:${i + 1}`];
      }),
    );
    expect(anys).toEqual([]);
  });

  test('nothing is silenced', () => {
    expect(files.filter((file) => /@ts-(ignore|nocheck|expect-error)/.test(text.get(file)!))).toEqual([]);
  });
});

/** Ops without a reference of their own, and why. */
const NO_REFERENCE: Readonly<Record<string, string>> = {
  recurrent: 'what rnn, gru and lstm share; tested through them',
  elementLoss: 'what binaryCrossEntropy and meanSquaredError share; tested through them',
};

describe('ops', () => {
  const defining = files
    .filter((file) => file.startsWith('src/ops/') && /\bdefineOp\b[<(]/.test(text.get(file)!))
    .map((file) => posix.basename(file, '.ts'));

  test('every file that defines one has a reference of its name', () => {
    const missing = defining.filter(
      (name) => !existsSync(join(root, `test/reference/${name}.ts`)) && !NO_REFERENCE[name],
    );
    expect(missing).toEqual([]);
    const needless = Object.keys(NO_REFERENCE).filter((name) =>
      existsSync(join(root, `test/reference/${name}.ts`)),
    );
    expect(needless).toEqual([]);
  });

  test('see no GPU objects', () => {
    const wrong = files.filter(
      (file) => /^src\/(ops|graph|plan|nn|optim)\//.test(file) && /\bGPU[A-Z]\w+/.test(text.get(file)!),
    );
    expect(wrong).toEqual([]);
  });
});
