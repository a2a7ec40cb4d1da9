// The plugin of seqgpu/vite: what becomes of a shader when a page is built.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { build, createServer } from 'vite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Kernel, type Packed } from '../../src/graph/kernel';
import { pack } from '../../src/wgsl/pack';
import { wgsl } from '../../src/wgsl/plugin';
import { reflect } from '../../src/wgsl/reflect';
import { shrink } from '../../src/wgsl/shrink';

const shaders = readdirSync('shaders', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.wgsl'),
);
const read = (name: string) => readFileSync(`shaders/${name}`, 'utf8');

/** Words, numbers and signs, the longest first: the order in which WGSL is read. */
const TOKENS =
  /\/\/ @.*|\d[\w.]*(?:(?<=\de)[+-]\d+\w*)?|\w+|<<=|>>=|->|\+\+|--|&&|\|\||[-+*/%&|^<>=!]=|<<|>>|[^\s\w]/g;
const tokensOf = (text: string) => text.replace(/\/\/(?! @).*/g, '').match(TOKENS) ?? [];

describe('a shader made short', () => {
  test('has the same tokens in the same lines, all of them', () => {
    for (const name of shaders) {
      const [text, short] = [read(name), shrink(read(name))];
      expect(tokensOf(short), name).toEqual(tokensOf(text));
      const [lines, shortLines] = [text, short].map((one) => one.split('\n').map(tokensOf));
      expect(shortLines, name).toEqual(lines);
    }
  });

  test('keeps apart what would be one sign or one word', () => {
    expect(shrink('  let a = b - -c; // why')).toBe('let a=b- -c;');
    expect(shrink('let a = b[i] - 0.5 * c;')).toBe('let a=b[i]- 0.5*c;');
    expect(shrink('let a = b / *p & &q;')).toBe('let a=b/ *p& &q;');
    expect(shrink('return select(a, b, c < d);')).toBe('return select(a,b,c<d);');
    expect(shrink('fn f(x : f32) -> f32 {')).toBe('fn f(x:f32)->f32{');
  });

  test('keeps the marks of the preprocessor, and the lines that it looks for below them', () => {
    const text = '  // @unroll\n  for (var i = 0u; i < N; i++) {\n    // sum\n    s += x[i];\n  }';
    expect(shrink(text)).toBe('// @unroll\nfor (var i = 0u; i < N; i++) {\n\ns+=x[i];\n}');
  });
});

describe('a reflection made short', () => {
  test('of every shader says the same', () => {
    for (const name of shaders) {
      const whole = reflect(basename(name, '.wgsl'), shrink(read(name)));
      const packed = pack(whole);
      expect(Array.isArray(packed), name).toBe(true);
      expect(new Kernel(packed).reflection, name).toEqual(whole);
    }
  });

  test('is a name and a text that declares its bindings in short, and a sign where it does not fold', () => {
    const [name, code, ...folds] = pack(reflect('adam', shrink(read('optim/adam.wgsl')))) as Packed;
    expect([name, code.includes('fn main('), folds]).toEqual(['adam', true, []]);
    expect(code.match(/^@(?!compute).*/gm)!.join(' ')).toMatch(
      /^@%params:Params; @\*p:vec4f; @g:vec4f; @\*m:/,
    );
    expect(pack(reflect('quadProbe', shrink(read('probe/quadProbe.wgsl'))))).toHaveLength(3);
  });

  test('is left as it is where something would be lost', () => {
    const code = `@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@group(0) @binding(2) var<storage, read> x : array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id : vec3u) { y[id.x] = x[id.x]; }`;
    const whole = reflect('gap', code);
    expect(pack(whole)).toBe(whole);
    expect(new Kernel(whole).reflection).toBe(whole);
  });
});

describe('in a project', () => {
  const SHADER = `struct Params { size : u32 }
@group(0) @binding(0) var<uniform> p : Params;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < p.size) { y[gid.x] = 2.0 * x[gid.x]; } // twice
}
`;
  let root: string;
  const shader = () => join(root, 'twice.wgsl');
  const plugins = [wgsl({ kernel: resolve('src/graph/kernel.ts') })];
  const options = () => ({ root, configFile: false as const, logLevel: 'silent' as const, plugins });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'seqgpu-plugin-'));
    writeFileSync(shader(), SHADER);
    writeFileSync(join(root, 'page.js'), "import twice from './twice.wgsl';\nconsole.log(twice.name);\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const built = () =>
    build({
      ...options(),
      build: { write: false, minify: false, rolldownOptions: { input: join(root, 'page.js') } },
    });

  test('a built page has the shader, short and reflected', async () => {
    const made = await built();
    const [{ output }] = [made].flat() as { output: { code: string }[] }[];
    expect(output[0].code).toContain('y[gid.x]=2.0*x[gid.x];');
    expect(output[0].code).not.toContain('// twice');
  });

  test('a shader that cannot be a kernel breaks the build, by name', async () => {
    writeFileSync(shader(), SHADER.replace('fn main', 'fn other'));
    await expect(built()).rejects.toThrow(/twice\.wgsl has no compute entry point called main/);
  });

  test('in development an edited shader is served anew, and the page hears of it', async () => {
    const server = await createServer({ ...options(), server: { middlewareMode: true, ws: false } });
    try {
      const served = async () => (await server.transformRequest('/twice.wgsl'))!.code;
      await server.transformRequest('/page.js');
      expect(await served()).toContain('2.0 * x[gid.x]; } // twice');
      const send = vi.spyOn(server.environments.client.hot, 'send');
      writeFileSync(shader(), SHADER.replace('2.0', '3.0'));
      server.watcher.emit('change', shader());
      await vi.waitFor(() =>
        expect(send).toHaveBeenCalledWith(expect.objectContaining({ type: 'full-reload' })),
      );
      expect(await served()).toContain('3.0 * x[gid.x]');
    } finally {
      await server.close();
    }
  });
});
