// Every wall of style.test.ts can fail: in a small tree with one fault in it, it names the fault, and it passes the
// same tree without.

import { expect, test } from 'vitest';
import {
  circles,
  forbiddenArrows,
  kernelsOfGraph,
  lostImports,
  nodeElsewhere,
  packagesOf,
  tensorsInData,
  unknownParts,
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
import type { Tree, Wall } from '../walls/tree';
import { strayTwins } from '../walls/twins';

/** Texts by path. */
type Files = Readonly<Record<string, string>>;

interface Planted {
  readonly what: string;
  readonly wall: Wall;
  readonly good: Files;
  /** The files that break the rule, in place of good ones or beside them. */
  readonly bad: Files;
  readonly caught: readonly string[];
}

const treeFrom = (files: Files): Tree => Object.entries(files).map(([path, text]) => ({ path, text }));

const ALLOWED = { graph: ['shaders'], gpu: ['graph'], data: ['graph'] };
const lines = (count: number, line = 'f();') => `${line}\n`.repeat(count);
const long = (count: number) => `function outer() {\n${lines(count - 2)}}\n`;

const TWINS: Files = {
  'a.wgsl': 'fn nan(v : vec4f) -> vec4<bool> { return v > vec4f(1.0); }\nfn f() {\n  g();\n}\n',
  'b.wgsl':
    'fn nan(v : f32) -> bool { return v > 1.0; }  // as in a.wgsl\nfn f() {  // as in a.wgsl\n  g();\n}\n',
};

const PLANTED: readonly Planted[] = [
  {
    what: 'a folder that nobody knows',
    wall: unknownParts(ALLOWED),
    good: { 'src/graph/a.ts': '' },
    bad: { 'src/attic/a.ts': '' },
    caught: ['attic'],
  },
  {
    what: 'an arrow the wrong way',
    wall: forbiddenArrows(ALLOWED),
    good: { 'src/graph/a.ts': '', 'src/gpu/b.ts': "import { a } from '../graph/a';" },
    bad: { 'src/graph/a.ts': "import { b } from '../gpu/b';" },
    caught: ['src/graph/a.ts → src/gpu/b.ts'],
  },
  {
    what: 'an arrow the wrong way, of a type alone',
    wall: forbiddenArrows(ALLOWED),
    good: { 'src/graph/a.ts': '', 'src/gpu/b.ts': '' },
    bad: { 'src/graph/a.ts': "import type { B } from '../gpu/b';" },
    caught: ['src/graph/a.ts → src/gpu/b.ts'],
  },
  {
    what: 'an arrow the wrong way, in a type',
    wall: forbiddenArrows(ALLOWED),
    good: { 'src/graph/a.ts': '', 'src/gpu/b.ts': '' },
    bad: { 'src/graph/a.ts': "type B = typeof import('../gpu/b');" },
    caught: ['src/graph/a.ts → src/gpu/b.ts'],
  },
  {
    what: 'an arrow out of src/',
    wall: forbiddenArrows(ALLOWED),
    good: { 'src/graph/a.ts': '' },
    bad: { 'src/graph/a.ts': "import { fill } from '../../test/fill';" },
    caught: ['src/graph/a.ts → test/fill'],
  },
  {
    what: 'a circle of files',
    wall: circles,
    good: { 'src/graph/a.ts': "import { b } from './b';", 'src/graph/b.ts': '' },
    bad: { 'src/graph/b.ts': "import { a } from './a';" },
    caught: [
      'src/graph: a.ts → b.ts → a.ts (src/graph/a.ts → src/graph/b.ts, src/graph/b.ts → src/graph/a.ts)',
    ],
  },
  {
    what: 'a circle that a type closes',
    wall: circles,
    good: { 'src/graph/a.ts': "import { b } from './b';", 'src/graph/b.ts': '' },
    bad: { 'src/graph/b.ts': "export type { A } from './a';" },
    caught: [
      'src/graph: a.ts → b.ts → a.ts (src/graph/a.ts → src/graph/b.ts, src/graph/b.ts → src/graph/a.ts)',
    ],
  },
  {
    what: 'a circle of folders, of files that are in none',
    wall: circles,
    good: {
      'src/ops/norm/a.ts': "import { b } from '../loss/b';",
      'src/ops/loss/b.ts': '',
      'src/ops/loss/c.ts': '',
      'src/ops/norm/d.ts': '',
    },
    bad: { 'src/ops/loss/c.ts': "import type { D } from '../norm/d';" },
    caught: [
      'src/ops: norm → loss → norm (src/ops/norm/a.ts → src/ops/loss/b.ts, src/ops/loss/c.ts → src/ops/norm/d.ts)',
    ],
  },
  {
    what: 'a fifth kernel in the graph',
    wall: kernelsOfGraph,
    good: { 'src/graph/a.ts': '', 'src/ops/loss/b.ts': "import k from '../../../shaders/loss/b.wgsl';" },
    bad: { 'src/plan/c.ts': "import k from '../../shaders/loss/b.wgsl';" },
    caught: ['shaders/loss/b.wgsl'],
  },
  {
    what: 'a tensor in the data',
    wall: tensorsInData,
    good: { 'src/graph/check.ts': '', 'src/data/a.ts': "import { check } from '../graph/check';" },
    bad: { 'src/graph/tensor.ts': '', 'src/data/a.ts': "import type { Tensor } from '../graph/tensor';" },
    caught: ['src/data/a.ts → src/graph/tensor.ts'],
  },
  {
    what: 'an op that gpu knows by name',
    wall: opsInGpu(new Set(['matmul'])),
    good: { 'src/gpu/a.ts': "if (name === 'kernel') f();", 'src/ops/b.ts': "name: 'matmul'" },
    bad: { 'src/gpu/a.ts': "if (name === 'matmul') f();" },
    caught: ['src/gpu/a.ts: matmul'],
  },
  {
    what: 'Node where the name does not say so',
    wall: nodeElsewhere,
    good: { 'src/data/a.node.ts': "import { join } from 'node:path';", 'src/data/b.ts': '' },
    bad: { 'src/data/b.ts': "import { join } from 'path';" },
    caught: ['src/data/b.ts → path'],
  },
  {
    what: 'a file for everybody that loads one for Node',
    wall: nodeElsewhere,
    good: { 'src/data/a.node.ts': '', 'src/data/b.ts': "import type { A } from './a.node';" },
    bad: { 'src/data/b.ts': "import { a } from './a.node';" },
    caught: ['src/data/b.ts → src/data/a.node.ts'],
  },
  {
    what: 'a package that the engine needs',
    wall: packagesOf,
    good: { 'src/data/a.node.ts': "import { x } from 'pad';", 'src/cli/b.ts': "import { x } from 'pad';" },
    bad: { 'src/data/c.ts': "import { x } from 'pad';" },
    caught: ['src/data/c.ts → pad'],
  },
  {
    what: 'an import of nothing',
    wall: lostImports((path) => path === 'shaders/a.wgsl'),
    good: {
      'src/ops/a.ts': "import a from '../../shaders/a.wgsl';\nimport '../graph/b';",
      'src/graph/b.ts': '',
    },
    bad: { 'src/ops/a.ts': "import a from '../../shaders/b.wgsl';" },
    caught: ['src/ops/a.ts → shaders/b.wgsl'],
  },
  {
    what: 'a file without a first comment',
    wall: openings,
    good: { 'src/a.ts': '// What it is.\n\nf();\n' },
    bad: { 'src/a.ts': '\n// What it is.\nf();\n' },
    caught: ['src/a.ts'],
  },
  {
    what: 'a first comment of seven lines',
    wall: openings,
    good: { 'src/a.ts': `#!/usr/bin/env node\n${lines(6, '// On.')}//\n${lines(9, '// y = x')}` },
    bad: { 'src/a.ts': lines(7, '// On.') },
    caught: ['src/a.ts'],
  },
  {
    what: 'a file of 251 lines',
    wall: longFiles,
    good: { 'src/a.ts': lines(250) },
    bad: { 'src/a.ts': lines(251) },
    caught: ['src/a.ts: 251'],
  },
  {
    what: 'a line of 121 columns',
    wall: wideLines,
    good: { 'src/a.ts': `\n${'é'.repeat(120)}\n` },
    bad: { 'src/a.ts': `\n${'é'.repeat(121)}\n` },
    caught: ['src/a.ts:2'],
  },
  ...['// TODO: more', "test.only('a', f);", "describe.skip('a', f);", "xit('a', f);", 'retry: 2'].map(
    (text): Planted => ({
      what: `a leftover, ${text}`,
      wall: leftovers,
      good: { 'src/a.ts': "test('a', f); fit(model); retries: 2; skip(2)" },
      bad: { 'src/a.ts': text },
      caught: ['src/a.ts'],
    }),
  ),
  {
    what: 'talk',
    wall: talk,
    good: { 'src/cli/a.ts': 'console.log(1)', 'src/gpu/b.ts': 'log = console.log;' },
    bad: { 'src/gpu/b.ts': 'console.log(1)' },
    caught: ['src/gpu/b.ts'],
  },
  {
    what: 'a backspace in a regular expression',
    wall: hidden,
    good: { 'src/a.ts': '/\\bthrow\\b/' },
    bad: { 'src/a.ts': '/\bthrow\\b/' },
    caught: ['src/a.ts'],
  },
  {
    what: 'an error that says nothing of its place',
    wall: throwers,
    good: { 'src/ops/a.ts': 'check(false)', 'src/cli/b.ts': "throw new Error('no')" },
    bad: { 'src/ops/a.ts': "throw new RangeError('no')" },
    caught: ['src/ops/a.ts'],
  },
  {
    what: 'a complaint under the name of another command',
    wall: complaints,
    good: {
      'src/cli/train/a.ts': 'fail(`train: no ${x}.`)',
      'src/runs/b.ts': 'fail(`--steps is wrong.`)',
      'src/decode/beams.ts': "fail('translate: beam is 0.')",
    },
    bad: {
      'src/cli/flags/place.ts': "fail(\n  'train: --from is missing.')",
      'src/runs/c.ts': 'fail(`eval: no.`)',
    },
    caught: ['src/cli/flags/place.ts: train', 'src/runs/c.ts: eval'],
  },
  {
    what: 'a crowd of 31 files',
    wall: crowds,
    good: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`src/nn/a${i}.ts`, ''])),
    bad: { 'src/nn/b.ts': '' },
    caught: ['src/nn: 31'],
  },
  {
    what: 'any',
    wall: anys('src/graph/a.ts'),
    good: {
      'src/graph/a.ts': '// eslint-disable-next-line no-explicit-any\ntype A = any;',
      'src/ops/b.ts': "const any = 1; // any\nconst text = ': any';",
    },
    bad: { 'src/ops/b.ts': 'const a = b as\n  any;' },
    caught: ['src/ops/b.ts:2'],
  },
  {
    what: 'any without a mark',
    wall: anys('src/graph/a.ts'),
    good: { 'src/graph/a.ts': '' },
    bad: { 'src/graph/a.ts': 'type A = readonly any[];' },
    caught: ['src/graph/a.ts:1'],
  },
  {
    what: 'a type error that is silenced',
    wall: silenced,
    good: { 'src/a.ts': '// ignored' },
    bad: { 'src/a.ts': '// @ts-expect-error' },
    caught: ['src/a.ts'],
  },
  {
    what: 'a value that is given another type by way of unknown',
    wall: doubleCasts,
    good: { 'src/a.ts': 'const b = a as number;' },
    bad: { 'src/a.ts': 'const b =\n  a as unknown as number;' },
    caught: ['src/a.ts:2'],
  },
  {
    what: 'a function of 41 lines',
    wall: longFunctions,
    good: {
      'src/a.ts': long(40),
      'src/b.ts': `class A {\n  f() {\n${lines(38)}}\n  g() {\n${lines(38)}}\n}`,
    },
    bad: { 'src/a.ts': `\n${long(41)}` },
    caught: ['src/a.ts:2 outer: 41'],
  },
  {
    what: 'an arrow function of 41 lines',
    wall: longFunctions,
    good: { 'src/a.ts': `const f = () => {\n${lines(38)}};` },
    bad: { 'src/a.ts': `const f = () => {\n${lines(39)}};` },
    caught: ['src/a.ts:1 f: 41'],
  },
  {
    what: 'a function that is long without the one in it',
    wall: longFunctions,
    good: { 'src/a.ts': `function f() {\n${lines(30)}const g = () => {\n${lines(30)}};\n}` },
    bad: { 'src/a.ts': `function f() {\n${lines(30)}g(() => {\n${lines(30)}});\n}` },
    caught: ['src/a.ts:1 f: 64'],
  },
  {
    what: 'an object spread into another to hold a line together',
    wall: idleSpreads,
    good: { 'src/a.ts': 'const a = { ...b, ...(c && { d: 1 }), e: [...f, ...(g ? [1] : [])] };' },
    bad: { 'src/a.ts': 'const a = {\n  ...{ b: 1, c: 2 },\n};' },
    caught: ['src/a.ts:2'],
  },
  {
    what: 'a list spread into another to hold a line together',
    wall: idleSpreads,
    good: { 'src/a.ts': 'const a = f(...[1, 2]);' },
    bad: { 'src/a.ts': 'const a = [\n  ...[1, 2],\n];' },
    caught: ['src/a.ts:2'],
  },
  {
    what: 'a picture that begins by itself',
    wall: ownPictures('src/report/svg.ts'),
    good: {
      'src/report/svg.ts': 'const root = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">`;',
      'src/report/a.ts': 'const found = /<svg/.test(page);',
    },
    bad: { 'src/report/a.ts': 'const root = `<svg xmlns="http://www.w3.org/2000/svg" width="9">`;' },
    caught: ['src/report/a.ts:1'],
  },
  {
    what: 'the largest u32 once more',
    wall: sentinels('src/graph/numbers.ts'),
    good: {
      'src/graph/numbers.ts': 'export const NONE = 0xffffffff;',
      'src/ops/a.ts': "// 0xffffffff\nfix: 'from 0 to 4294967295'",
    },
    bad: { 'src/ops/a.ts': 'const IGNORED = 0xffff_ffff;' },
    caught: ['src/ops/a.ts:1'],
  },
  ...[
    'const a = 1',
    'function a() {}',
    'class a {}',
    'interface a {}',
    'type a = 1',
    'default class a {}',
  ].map((declared): Planted => ({
    what: `an export without a docstring, ${declared}`,
    wall: undocumented,
    good: {
      'src/a.ts': `/** One. */\n/* @__NO_SIDE_EFFECTS__ */\nexport ${declared};\nexport { b } from './b';\nconst c = 1;`,
    },
    bad: { 'src/a.ts': `/** One. */\nconst b = 1;\n// Two.\nexport ${declared};` },
    caught: ['src/a.ts: a'],
  })),
  {
    what: 'a docstring without a noun',
    wall: vagueDocstrings,
    good: { 'src/a.ts': '/** The shape of x. */\nexport const a = 1;\n/** Official. */\nconst b = 2;' },
    bad: { 'src/a.ts': '/**\n * Of an op: its name.\n */\nexport const a = 1;' },
    caught: ['src/a.ts:1'],
  },
  {
    what: 'a docstring that does not say which default there is',
    wall: vagueDocstrings,
    good: { 'src/a.ts': '/** Width; default: 3. */\nexport const a = 1;' },
    bad: { 'src/a.ts': '/** Width, 3 unless it is\n * given. */\nexport const a = 1;' },
    caught: ['src/a.ts:1'],
  },
  {
    what: 'an op without a reference',
    wall: missingReferences((name) => name === 'relu', { shared: 'tested through others' }),
    good: { 'src/ops/a/relu.ts': 'defineOp({})', 'src/ops/a/shared.ts': 'defineOp<A>({})' },
    bad: { 'src/ops/a/tanh.ts': 'defineOp({})' },
    caught: ['tanh'],
  },
  {
    what: 'an excuse that is not needed',
    wall: missingReferences(() => false, { relu: 'tested through others' }),
    good: { 'src/ops/a/relu.ts': 'defineOp({})' },
    bad: { 'src/ops/a/relu.ts': 'const relu = 1;' },
    caught: ['relu is excused and need not be'],
  },
  {
    what: 'an op that sees the device',
    wall: gpuObjects,
    good: { 'src/ops/a.ts': 'const GPU = 1;', 'src/gpu/b.ts': 'let a: GPUBuffer;' },
    bad: { 'src/ops/a.ts': 'let a: GPUBuffer;' },
    caught: ['src/ops/a.ts'],
  },
  {
    what: 'constants of WebGPU that are not the engine’s own',
    wall: globalConstants,
    good: {
      'src/gpu/a.ts': "let a: GPUBufferUsageFlags;\n// GPUBufferUsage\nconst b = 'GPUBufferUsage.COPY_SRC';",
      'src/cli/b.ts': 'const a = GPUMapMode.READ;',
    },
    bad: { 'src/gpu/a.ts': 'const a = 1;\nconst b = GPUMapMode.READ;' },
    caught: ['src/gpu/a.ts'],
  },
  {
    what: 'a copy of a helper that is not as its twin',
    wall: strayTwins,
    good: TWINS,
    bad: { 'b.wgsl': TWINS['b.wgsl'].replace('1.0', '2.0') },
    caught: ['b.wgsl: nan is not as in a.wgsl'],
  },
  {
    what: 'a helper that was changed in one place',
    wall: strayTwins,
    good: TWINS,
    bad: { 'a.wgsl': TWINS['a.wgsl'].replace('g();', 'h();') },
    caught: ['b.wgsl: f is not as in a.wgsl'],
  },
  {
    what: 'a copy that does not say what it is a copy of',
    wall: strayTwins,
    good: TWINS,
    bad: { 'b.wgsl': TWINS['b.wgsl'].replace('{  // as in a.wgsl\n', '{\n') },
    caught: [
      'a.wgsl: f does not say that it is as in b.wgsl',
      'b.wgsl: f does not say that it is as in a.wgsl',
    ],
  },
  {
    what: 'a copy of what is not there',
    wall: strayTwins,
    good: TWINS,
    bad: { 'a.wgsl': TWINS['a.wgsl'].replace('nan', 'isNan') },
    caught: ['b.wgsl: nan is not in a.wgsl, or that is a copy'],
  },
];

test.each(PLANTED)('$what', ({ wall, good, bad, caught }) => {
  expect(wall(treeFrom(good))).toEqual([]);
  expect(wall(treeFrom({ ...good, ...bad }))).toEqual(caught);
});
