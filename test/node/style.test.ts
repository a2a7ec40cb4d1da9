// The house style, as far as a program can see it. The walls are functions of a tree of files (test/walls); that each
// of them can fail is shown in walls.test.ts.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import {
  circles,
  forbiddenArrows,
  kernelsOfGraph,
  lostImports,
  nodeElsewhere,
  packagesOf,
  tensorsInData,
  unknownParts,
  type Arrows,
} from '../walls/imports';
import { anys, idleSpreads, longFunctions, undocumented, vagueDocstrings } from '../walls/syntax';
import {
  complaints,
  crowds,
  doubleCasts,
  globalConstants,
  gpuObjects,
  hidden,
  leftovers,
  longFiles,
  missingReferences,
  openings,
  opsInGpu,
  ownPictures,
  sentinels,
  silenced,
  talk,
  throwers,
  wideLines,
} from '../walls/texts';
import { treeOf } from '../walls/tree';

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
const exists = (path: string): boolean => existsSync(join(root, path));
const src = treeOf('src');

/**
 * Folders (or files, without .ts) that a folder of src/ may import, besides itself. `shaders` are kernels.
 * Shown as arrows in ARCHITECTURE.md.
 */
const ALLOWED: Arrows = {
  graph: ['shaders'],
  plan: ['graph', 'shaders'],
  random: ['graph'],
  score: ['graph'],
  wgsl: ['graph'],
  build: [],
  files: ['graph'],
  gpu: ['files', 'graph', 'plan', 'shaders'],
  ops: ['graph', 'shaders'],
  optim: ['graph', 'ops', 'shaders'],
  nn: ['graph', 'ops', 'random'],
  data: ['files', 'graph', 'random'],
  decode: ['graph', 'gpu', 'ops', 'nn', 'data'],
  train: ['graph', 'gpu', 'ops', 'nn', 'optim', 'random', 'data', 'score'],
  spec: ['graph', 'ops'],
  models: ['graph', 'ops', 'nn', 'optim', 'data', 'spec'],
  tasks: ['graph', 'gpu', 'ops', 'nn', 'decode', 'train', 'random', 'data', 'score', 'spec', 'models'],
  lab: ['graph', 'gpu', 'ops', 'nn', 'optim', 'random'],
  testing: ['graph', 'gpu', 'ops', 'random'],
  index: ['decode', 'graph', 'plan', 'gpu', 'ops', 'nn', 'optim', 'train', 'random', 'data'],
  'index.node': ['index', 'gpu', 'train', 'data'],
  bench: ['index', 'decode', 'graph', 'plan', 'gpu', 'ops', 'nn', 'optim', 'shaders', 'testing', 'wgsl'],
  report: ['graph', 'data'],
  runs: [
    'files',
    'graph',
    'gpu',
    'nn',
    'optim',
    'train',
    'random',
    'data',
    'spec',
    'models',
    'tasks',
    'report',
  ],
  search: ['runs', 'report', 'random', 'spec'],
  queue: ['graph', 'runs'],
  studies: [
    'graph',
    'gpu',
    'ops',
    'nn',
    'decode',
    'optim',
    'lab',
    'train',
    'spec',
    'models',
    'tasks',
    'random',
    'data',
    'report',
    'runs',
    'search',
  ],
  cli: [
    'bench',
    'decode',
    'index',
    'index.node',
    'graph',
    'gpu',
    'ops',
    'nn',
    'optim',
    'train',
    'tasks',
    'files',
    'studies',
    'data',
    'random',
    'report',
    'runs',
    'search',
    'queue',
    'spec',
    'models',
    'wgsl',
  ],
};

describe('who imports whom', () => {
  test('every part of src/ is known', () => {
    expect(unknownParts(ALLOWED)(src)).toEqual([]);
  });

  test('the arrows of ARCHITECTURE.md', () => {
    expect(forbiddenArrows(ALLOWED)(src)).toEqual([]);
  });

  test('no circle, in files or in folders, of imports of any kind', () => {
    expect(circles(src)).toEqual([]);
  });

  test('graph and plan have four kernels of their own and no other', () => {
    expect(kernelsOfGraph(src)).toEqual([
      'shaders/elementwise/accumulate.wgsl',
      'shaders/elementwise/fewSteps.wgsl',
      'shaders/layout/copy.wgsl',
      'shaders/probe/summary.wgsl',
    ]);
  });

  test('data knows no tensors: of the graph it uses errors, host arrays and the mark of no index only', () => {
    expect(tensorsInData(src)).toEqual([]);
  });

  test('gpu sees no op by name', async () => {
    for (const { path, text } of src)
      if (/\bdefineOp\b/.test(text)) await import(/* @vite-ignore */ join(root, path));
    // Names that are given to a function that defines many, too.
    for (const name of ['matmul', 'add', 'relu', 'reduceSum', 'softmax', 'adam', 'copy'])
      expect(defined).toContain(name);
    expect(opsInGpu(defined)(src)).toEqual([]);
  });

  test('Node only where the name says so, and nothing else loads what does', () => {
    expect(nodeElsewhere(src)).toEqual([]);
  });

  test('packages: the engine needs none, but for what its own files are for', () => {
    expect(packagesOf(src)).toEqual([
      'src/data/own/midi.ts → midi-file',
      'src/data/speech/fourier.ts → fft.js',
      // Built into the library.
      'src/lab/matrix.ts → ml-matrix',
      'src/report/midi.ts → midi-file',
      'src/wgsl/reflect.ts → wgsl_reflect',
      'src/wgsl/tree.ts → wgsl_reflect',
    ]);
  });

  test('every import leads somewhere', () => {
    expect(lostImports(exists)(src)).toEqual([]);
  });
});

describe('files', () => {
  // Leftovers and their like are spelled out in the tests of the walls.
  const tests = treeOf('test').filter(
    ({ path }) => !path.startsWith('test/walls/') && path !== 'test/node/walls.test.ts',
  );

  test('open with a comment of one to six lines that says what they are', () => {
    expect(openings(src)).toEqual([]);
  });

  test('have at most 250 lines', () => {
    expect(longFiles(src)).toEqual([]);
  });

  test('have lines of at most 120 columns', () => {
    expect(wideLines(src)).toEqual([]);
  });

  test('hold no leftovers', () => {
    expect(leftovers([...src, ...tests.filter(({ path }) => !path.startsWith('test/mutants/'))])).toEqual([]);
  });

  test('write nothing to the console, but for the command line', () => {
    expect(talk(src)).toEqual([]);
  });

  test('hold no characters that nobody sees', () => {
    expect(hidden([...src, ...treeOf('test', 'examples')])).toEqual([]);
  });

  test('of the engine throw through check.ts', () => {
    expect(throwers(src)).toEqual([]);
  });

  test('complain under the name of a command only where that command is', () => {
    expect(complaints(src)).toEqual([]);
  });

  test('are at most thirty in a folder', () => {
    expect(crowds(src)).toEqual([]);
  });
});

describe('code', () => {
  test('has no any but the marked one in graph/tensor.ts', () => {
    expect(anys('src/graph/tensor.ts')(src)).toEqual([]);
  });

  test('silences nothing', () => {
    expect(silenced(src)).toEqual([]);
    expect(doubleCasts(src)).toEqual([]);
  });

  test('has functions of at most forty lines', () => {
    expect(longFunctions(src)).toEqual([]);
  });

  test('spreads nothing that only holds lines together', () => {
    expect(idleSpreads(src)).toEqual([]);
  });

  test('begins pictures in one place', () => {
    expect(ownPictures('src/report/svg.ts')(src)).toEqual([]);
  });

  test('has the largest u32 in one place', () => {
    expect(sentinels('src/graph/none.ts')(src)).toEqual([]);
  });
});

describe('docstrings', () => {
  test('stand above every exported name', () => {
    expect(undocumented(src)).toEqual([]);
  });

  test('begin with a noun or a verb, and say which default there is', () => {
    expect(vagueDocstrings(src)).toEqual([]);
  });
});

/** Ops without a reference of their own, and why. */
const NO_REFERENCE: Readonly<Record<string, string>> = {
  recurrent: 'what rnn, gru and lstm share; tested through them',
  scaleGradient: 'its gradient is not its derivative; tested in translation.test.ts',
  sumMiddle: 'what sum and mean share; tested through them',
  slopes: 'the way back through relu, tanh and their like; tested through them',
  elementLoss: 'what binaryCrossEntropy and meanSquaredError share; tested through them',
};

describe('ops', () => {
  test('have a reference of their name, every file that defines one', () => {
    const hasReference = (name: string) => exists(`test/reference/${name}.ts`);
    expect(missingReferences(hasReference, NO_REFERENCE)(src)).toEqual([]);
  });

  test('and what runs them have WebGPU’s constants from the engine', () => {
    expect(globalConstants(src)).toEqual([]);
  });

  test('see no GPU objects', () => {
    expect(gpuObjects(src)).toEqual([]);
  });
});
