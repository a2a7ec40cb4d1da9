// What a user gets: the package is packed, installed into a fresh project without a network, type-checked there,
// bundled by three bundlers, imported by Node and Deno, and run.

import { join } from 'node:path';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as nn from '../../src/nn/index';
import { PROGRAMS } from '../../src/cli/bench/bundleSize.node';
import { freshProject, root, type Project } from '../harness/package';

// On a machine that does more than this, webpack alone takes half a minute.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let project: Project;
beforeAll(async () => void (project = await freshProject()));
afterAll(() => project?.remove());

const node = process.execPath;
const tsc = join(root, 'node_modules/typescript/bin/tsc');

describe('what is in it', () => {
  const parts = (depth: number) => [
    ...new Set(project.packed.files.map(({ path }) => path.split('/').slice(0, depth).join('/'))),
  ];

  test('the modules, their types, the shaders, and nothing else', () => {
    expect(parts(1).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'shaders']);
    const folders = project.packed.files.map(({ path }) => /^dist\/(\w+)\//.exec(path)?.[1]);
    const library =
      'bench decode files gpu graph lab nn ops optim plan score testing train types vendor wgsl';
    // What only the command line needs is in its one file.
    const names = `${library} site`.split(' ').sort();
    expect([...new Set(folders.filter(Boolean))].sort()).toEqual(names);
    const kinds = project.packed.files.map(({ path }) => /(\.d\.ts|\.js\.map|\.\w+|LICENSE)$/.exec(path)![1]);
    expect([...new Set(kinds)].sort()).toEqual([
      '.css',
      '.d.ts',
      '.html',
      '.js',
      '.js.map',
      '.json',
      '.md',
      '.mid',
      '.txt',
      '.wav',
      '.wgsl',
      'LICENSE',
    ]);
  });

  test('is small: 2.7 MB to download, 9 MB on disk', () => {
    expect(project.packed.size).toBeLessThan(2.7e6);
    expect(project.packed.unpackedSize).toBeLessThan(9e6);
  });

  test('no other package comes with it', () => {
    const names = readdirSync(join(project.folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(names).toEqual(['seqgpu']);
  });
});

const USE = `import { array, crossEntropy, matmul, nn, open, optim, Kernel, State, type Engine, type Reading } from 'seqgpu';
import { bench } from 'seqgpu/bench';
import { howLargeMustKBe } from 'seqgpu/lab';
import { LSTM } from 'seqgpu/nn';
import { Adam, type Optimizer } from 'seqgpu/optim';
import { kernel } from 'seqgpu/reflect';
import { checkGradient, type GradientReport } from 'seqgpu/testing';
import { fit, load, save, type FitState } from 'seqgpu/train';
import { wgsl } from 'seqgpu/vite';
import blur from './blur.wgsl';

const engine: Engine = await open();
const layer: nn.LSTM = new LSTM(8, 32);
const adam: Optimizer = new optim.Adam(layer.parameters(), { learningRate: 1e-3 });
const step = engine.train((x, y) => adam.minimize(crossEntropy(layer.forward(x), y)));
const loss: Reading = step(array([1, 2, 8], new Float32Array(16)), array([1, 2], new Uint32Array(2)));
const made: Kernel = blur;
const bytes: Uint8Array = await save(engine, { model: layer, optimizer: adam });
const report: GradientReport = await checkGradient(engine, ({ x, w }) => matmul(x, w), { x: [2, 3], w: [3, 4] });
const state: FitState = await fit({ engine, step, optimizer: adam, steps: 3, source: (i) => [[i], [i]] });
export const all = [Adam, bench, bytes, howLargeMustKBe, kernel, load, loss, made, report, state, wgsl];
// @ts-expect-error A shape is a list of numbers.
array('2', [1, 2]);
// @ts-expect-error A state that training does not change is no parameter.
new Adam([new State([2])], { learningRate: 1e-3 });
`;

describe('its types hold where skipLibCheck is off', () => {
  const options = { target: 'es2022', strict: true, noEmit: true, skipLibCheck: false };
  const check = (name: string, more: Readonly<Record<string, unknown>>, text = USE) => {
    const file = project.write(`types/${name}.ts`, text);
    const compilerOptions = { ...options, types: ['seqgpu/wgsl'], ...more };
    const config = project.write(`types/${name}.json`, JSON.stringify({ compilerOptions, files: [file] }));
    return project.run(node, tsc, '-p', config);
  };

  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    for (const lib of [['ES2022'], ['ES2022', 'DOM']]) {
      test(`${moduleResolution}, ${lib.join(' and ')}`, () => {
        const name = `${moduleResolution}-${lib.length}`;
        expect(check(name, { module, moduleResolution, lib })).toEqual({ code: 0, out: '' });
      });
    }
  }

  // An op that its own gradient calls: without a type TypeScript would go in circles.
  const RECURSIVE = `import { defineOp, type Dispatch, type Op, type Tensor } from 'seqgpu';
declare const launch: (y: Tensor, a: number) => Dispatch;
const scaled: Op<'x', 'y', { a: number }> = defineOp({
  name: 'scaled',
  inputs: { x: '...' },
  outputs: { y: '...' },
  dispatch: ({ y }, _sizes, { a }) => launch(y, a),
  gradient: ({ dy }, _sizes, options) => ({ x: scaled({ x: dy }, options).y }),
});
export const twice = (x: Tensor): Tensor => scaled({ x }, { a: 2 }).y;
// @ts-expect-error It has no input of this name.
scaled({ z: twice }, { a: 2 });
// @ts-expect-error It has no option of this name.
scaled({}, { b: 2 });
`;
  // Options that nobody needs may be left out, and no others.
  const PLAIN = `import { defineOp, type Dispatch, type Tensor } from 'seqgpu';
declare const launch: (y: Tensor) => Dispatch;
const spec = { name: 'own', inputs: { x: '...' }, outputs: { y: '...' }, dispatch: ({ y }: { y: Tensor }) => launch(y) };
const plain = defineOp<'x', 'y'>(spec);
const maybe = defineOp<'x', 'y', { a?: number }>(spec);
const needs = defineOp<'x', 'y', { a: number }>(spec);
export const all = (x: Tensor): Tensor[] => [plain({ x }).y, maybe({ x }).y, maybe({ x }, { a: 1 }).y, needs({ x }, { a: 1 }).y];
export const inferred = (x: Tensor): Tensor =>
  defineOp({ name: 'own', inputs: { x: '...' }, outputs: { y: '...' }, dispatch: ({ y }) => launch(y) })({ x }).y;
// @ts-expect-error It needs an option.
needs({});
// @ts-expect-error It has no input of this name.
plain({ z: all });
`;
  test('an op without options is called without them', () => {
    const more = { module: 'nodenext', lib: ['ES2022'] };
    expect(check('plain', more, PLAIN)).toEqual({ code: 0, out: '' });
  });

  test('an op may call itself in its gradient', () => {
    const more = { module: 'nodenext', lib: ['ES2022'] };
    expect(check('recursive', more, RECURSIVE)).toEqual({ code: 0, out: '' });
  });

  test("the guides' programs for pages hold with what the guides say they need", () => {
    const pageOf = (name: string) => readFileSync(join(root, `examples/guides/page/${name}.ts`), 'utf8');
    const bundler = { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'] };
    const types = [join(root, 'node_modules/@webgpu/types')];
    const webgpu = { ...bundler, types, skipLibCheck: true };
    expect(check('ownDevice', webgpu, pageOf('ownDevice'))).toEqual({ code: 0, out: '' });
    expect(check('ownDevice', bundler, pageOf('ownDevice')).out).toContain("'GPUBufferUsage'");
    project.write('types/worker.ts', pageOf('worker'));
    expect(check('inWorker', bundler, pageOf('inWorker'))).toEqual({ code: 0, out: '' });
    const nodenext = { ...bundler, module: 'nodenext', moduleResolution: 'nodenext' };
    expect(check('inWorker', nodenext, pageOf('inWorker')).out).toContain("'./worker.js'");
  });

  // The names of WebGPU are TypeScript's own, or those of @webgpu/types where a project has them instead.
  const DEVICE = `import { open } from 'seqgpu';
const { device, adapter } = await open({ powerPreference: 'low-power' });
export const buffer = device.createBuffer({ size: 4, usage: 8 });
export const found: GPUAdapter | null = adapter;
// @ts-expect-error It is no text.
device satisfies string;
// @ts-expect-error There is no such method.
device.createNothing();
`;
  test("its WebGPU is the DOM's", () => {
    const more = { module: 'nodenext', lib: ['ES2022', 'DOM'] };
    expect(check('dom', more, DEVICE)).toEqual({ code: 0, out: '' });
  });

  test('its WebGPU is that of @webgpu/types, which itself needs skipLibCheck', () => {
    const types = [join(root, 'node_modules/@webgpu/types')];
    const more = { module: 'nodenext', lib: ['ES2022'], types, skipLibCheck: true };
    expect(check('webgpu', more, DEVICE)).toEqual({ code: 0, out: '' });
  });
});

/** KiB, minified and gzipped, with each of the three. */
const MOST = 45;

describe(`one LSTM costs a page at most ${MOST} KiB`, () => {
  const BY_MODULE = PROGRAMS['one LSTM'].replace(
    /^.*/,
    `import { array, crossEntropy, open } from 'seqgpu';
import * as nn from 'seqgpu/nn';
import * as optim from 'seqgpu/optim';`,
  );
  const CALLED = `import { array, crossEntropy, nn, open, optim } from 'seqgpu';
export async function train() {
  const engine = await open();
  const model = new nn.Sequential(new nn.Embedding(9, 8), new nn.LSTM(8, 32), new nn.Linear(32, 9));
  const adam = new optim.Adam(model.parameters(), { learningRate: 1e-3 });
  const step = engine.train((x, y) => adam.minimize(crossEntropy(model.forward(x), y)));
  return step(array([1, 4], Uint32Array.of(1, 2, 3, 4)), array([1, 4], Uint32Array.of(2, 3, 4, 5))).item();
}
`;
  const cases = [
    ['vite', 'nn of seqgpu', PROGRAMS['one LSTM']],
    ['webpack', 'nn of seqgpu, in a program that trains', CALLED],
    ['vite', 'seqgpu/nn', BY_MODULE],
    ['esbuild', 'seqgpu/nn', BY_MODULE],
  ] as const;
  for (const [i, [bundler, what, program]] of cases.entries()) {
    test(`${bundler}, ${what}`, () => {
      const file = project.write(`page${i}/page.js`, program);
      const { code, out } = project.run(node, join(root, 'test/harness/bundle.mjs'), bundler, file);
      expect(code, out).toBe(0);
      expect(Number(out) / 1024).toBeGreaterThan(20);
      expect(Number(out) / 1024).toBeLessThan(MOST);
    });
  }
});

describe('what is not for Node alone can be in a page, and needs no module of Node', () => {
  const parts = ['bench', 'lab', 'nn', 'optim', 'reflect', 'testing', 'train'];
  // Webpack takes ten seconds for the reflector.
  const cases: [string, string[]][] = [
    ['vite', parts],
    ['esbuild', parts],
    ['webpack', ['lab']],
  ];
  test.each(cases)('%s, %j', async (bundler, names) => {
    const lines = names.map((name) => `export * as ${name} from 'seqgpu/${name}';`);
    const file = project.write(`parts/${bundler}/page.js`, lines.join('\n'));
    const out = project.write(`parts/${bundler}/bundle.mjs`, '');
    const { code, out: said } = project.run(node, join(root, 'test/harness/bundle.mjs'), bundler, file, out);
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(readFileSync(out, 'utf8').match(/["`']node:\w+|createRequire/g) ?? []).toEqual([]);
    const use = `import { lab } from ${JSON.stringify(out)};
console.log(lab.singularValues(lab.matrix(2, 2, [3, 0, 0, 4])).join());`;
    const used = project.run(node, project.write(`parts/${bundler}/use.mjs`, use));
    expect(used).toEqual({ code: 0, out: '4,3\n' });
  });
});

describe("a mistake is named at the page's line, in whatever file a bundler has put the library", () => {
  // Every call has a word of its own, which stays in the bundle.
  const LAYERS = `import { matmul } from 'seqgpu';
export const product = (a, b) =>
  matmul(a, b, { inProduct: 1 });
`;
  const MAIN = `import { nn, optim, State } from 'seqgpu';
import { product } from './layers.js';
const tried = (body) => {
  try { body(); } catch (error) { console.log(error.message.replaceAll('\\n', ' ')); }
};
const x = new State([2, 3]);
tried(() => product(x, x));
tried(() => new nn.LSTM(2, 3, { layers: 2.5, inLayer: 1 }));
tried(() => new nn.Dropout('inDropout'));
tried(() => new nn.Sequential(new nn.Linear(3, 3), new nn.Linear(4, 4)).forward(x, 'inForward'));
tried(() => new optim.Adam([], { learningRate: 1, inAdam: 1 }));
`;
  const PLACES = ['layers.js:3', 'main.js:8', 'main.js:9', 'main.js:10', 'main.js:11'];
  const WORDS = ['inProduct', 'inLayer', 'inDropout', 'inForward', 'inAdam'];

  test.each(['vite', 'esbuild', 'webpack'])('%s', (bundler) => {
    project.write(`lines/${bundler}/layers.js`, LAYERS);
    const file = project.write(`lines/${bundler}/main.js`, MAIN);
    const out = project.write(`lines/${bundler}/bundle.mjs`, '');
    const { code, out: said } = project.run(node, join(root, 'test/harness/bundle.mjs'), bundler, file, out);
    expect(code, said).toBe(0);
    const lines = readFileSync(out, 'utf8').split('\n');
    const found = (...words: string[]) =>
      project
        .run(node, ...words, out)
        .out.trim()
        .split('\n')
        .map((text) => / at (.*?:\S+)/.exec(text)?.[1] ?? text);
    const around = found().map((place) => {
      const [line, column] = place.split(':').slice(-2).map(Number);
      return lines[line - 1]?.slice(Math.max(0, column - 80), column + 60) ?? place;
    });
    WORDS.forEach((word, i) => expect(around[i]).toContain(word));
    const mapped = found('--enable-source-maps').map((place) => place.split('/').at(-1));
    expect(mapped).toEqual(PLACES);
  });
});

describe('run', () => {
  const IMPORT = `import { SeqgpuError, nn, open } from 'seqgpu';
import { Linear } from 'seqgpu/nn';
if (nn.Linear !== Linear) throw new Error('two modules of one name');
console.log(typeof open, new Linear(2, 3).parameters().length, SeqgpuError.name);
`;
  test('Node imports it, and open says what to install', () => {
    project.write('import.js', `${IMPORT}await open().catch((error) => console.log(error.message));`);
    const { code, out } = project.run(node, 'import.js');
    expect(code).toBe(0);
    expect(out).toMatch(/^function 2 SeqgpuError\nopen: there is no WebGPU here\./);
    expect(out).toContain("npm's package webgpu is not installed");
    expect(out).toContain('fix: `npm install webgpu`');
  });

  test('layers have the parameters that they have in the sources; what is private is not there to be seen', () => {
    const names = (from: typeof nn) =>
      [
        new from.LSTM(2, 3, { layers: 2 }),
        new from.Bidirectional(from.GRU, 2, 3),
        new from.TCN(2, [3, 3], { kernelSize: 2 }),
        new from.TransformerLM(9, { hidden: 8, levels: 1, heads: 2, feedForward: 8, length: 4 }),
      ].map((layer) => [...layer.namedParameters().keys()]);
    const program = `import { nn, optim } from 'seqgpu';
console.log(JSON.stringify((${String(names)})(nn)));
const sgd = new optim.SGD(new nn.Linear(2, 3).parameters(), { learningRate: 1 });
console.log(sgd.learningRate, 'rate' in sgd, 'refuseTwice' in sgd);`;
    const { out } = project.run(node, project.write('layers.js', program));
    expect(names(nn)[0]).toHaveLength(8);
    expect(out).toBe(`${JSON.stringify(names(nn))}\n1 false false\n`);
  });

  test('Deno imports it', () => {
    project.write('import.js', IMPORT);
    const deno = join(root, 'node_modules/deno/bin.cjs');
    const flags = ['--no-lock', '--node-modules-dir=manual', '--allow-all', '--quiet'];
    const { code, out } = project.run(node, deno, 'run', ...flags, 'import.js');
    expect({ code, out }).toEqual({ code: 0, out: 'function 2 SeqgpuError\n' });
  });

  test('npx seqgpu helps, and says what a command that computes needs', () => {
    const program = join(project.folder, 'node_modules/.bin/seqgpu');
    expect(project.run(program, 'help').out).toMatch(/^seqgpu \d+\.\d+\.\d+: trains sequence models/);
    for (const words of ['doctor', 'demo --out demo', 'train copy --model tcn --steps 1']) {
      const { code, out } = project.run(program, ...words.split(' '));
      expect(code, words).toBe(1);
      expect(out, words).toContain('`npm install webgpu`');
    }
    const queue = 'search copy --model lstm --queue redis://127.0.0.1:1 --out queued';
    expect(project.run(program, ...queue.split(' ')).out).toContain('fix: npm install bullmq ioredis');
  });

  const installWebGpu = () => {
    const at = join(project.folder, 'node_modules/webgpu');
    if (!existsSync(at)) symlinkSync(join(root, 'node_modules/webgpu'), at, 'junction');
  };

  test('beside the package webgpu it computes', () => {
    installWebGpu();
    project.write(
      'product.js',
      `import { array, matmul, open } from 'seqgpu';
const engine = await open();
const product = engine.record((a, b) => matmul(a, b));
console.log(String(await product(array([1, 2], [1, 2]), array([2, 1], [3, 4])).read()));
engine.destroy();
`,
    );
    expect(project.run(node, 'product.js')).toMatchObject({ code: 0, out: '11\n' });
  });

  test('seqgpu/bench finds it too, and a device of one’s own needs no globals', () => {
    installWebGpu();
    project.write(
      'bench.js',
      `import { benchKernel } from 'seqgpu/bench';
const wgsl = \`@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main(@builtin(global_invocation_id) id : vec3u) { y[id.x] = 2 * f32(id.x); }\`;
const { results } = await benchKernel(
  { name: 'twice', wgsl, buffers: { y: { size: 4 } }, workgroups: [4], reference: ({ y }) => y.forEach((_, i) => (y[i] = 2 * i)) },
  { runtime: 'Node', rounds: 1 },
);
console.log(results[0].absolute);
process.exit();
`,
    );
    expect(project.run(node, 'bench.js')).toMatchObject({ code: 0, out: 'null\n' });
    project.write(
      'own.js',
      `import { open, scale } from 'seqgpu';
const { device } = await open();
for (const name of ['GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage']) delete globalThis[name];
const engine = await open({ device });
console.log(String(await engine.record((x) => scale(x, 2))([1, 2]).read()), typeof GPUBufferUsage);
process.exit();
`,
    );
    expect(project.run(node, 'own.js')).toMatchObject({ code: 0, out: '2,4 undefined\n' });
  });

  test('every kernel compiles there, short as its text has become', () => {
    project.write(
      'kernels.js',
      `import { open } from 'seqgpu';
import * as kernels from './node_modules/seqgpu/dist/shaders.js';
const { device } = await open();
for (const kernel of Object.values(kernels)) {
  const { messages } = await device.createShaderModule({ code: kernel.with().code }).getCompilationInfo();
  for (const { type, message } of messages) if (type === 'error') console.log(kernel.name, message);
}
console.log(Object.keys(kernels).length > 90);
process.exit();
`,
    );
    expect(project.run(node, 'kernels.js')).toMatchObject({ code: 0, out: 'true\n' });
  });
});
