// Kernels whose buffers hold halves: each kind of access, names that only look like a buffer's, and all of the library's
// kernels, in which a syntax tree must find as many accesses as were rewritten.

import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/graph/kernel';
import { halvable, halved } from '../../src/plan/halfText';
import { instrument } from '../../src/wgsl/trace/instrument';
import { treeOf } from '../../src/wgsl/tree';

const HEAD = `@group(0) @binding(1) var<storage, read> x : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@group(0) @binding(3) var<storage, read_write> z : array<vec4<u32>>;
`;
const program = (body: string, before = '') => `${HEAD}${before}fn main(i : u32) {\n  ${body}\n}`;
/** The line of the body, with halves in whatever can hold them. */
const line = (body: string) => {
  const code = program(body);
  return halved(code, halvable(code)).split('\n')[4].trim();
};
const fit = (body: string, before?: string) => [...halvable(program(body, before))].join('');

describe('an access', () => {
  test.each([
    ['let a = x[i];', 'let a = vec4f(x[i]);'],
    ['let a = x[i].w + x[i >> 2u][i & 3u];', 'let a = f32(x[i].w) + f32(x[i >> 2u][i & 3u]);'],
    ['let a = x[i].xy;', 'let a = vec4f(x[i]).xy;'],
    ['let a = y[u32(x[i].x)];', 'let a = f32(y[u32(f32(x[i].x))]);'],
    ['y[i] = x[i].y;', 'y[i] = narrowed1( f32(x[i].y));'],
    ['y[i]=y[i];', 'y[i]= narrowed1(f32(y[i]));'],
    [
      'if (y[i] == x[i].x) { y[i] = f(1.0, 2.0); }',
      'if (f32(y[i]) == f32(x[i].x)) { y[i] = narrowed1( f(1.0, 2.0)); }',
    ],
    [
      'for (y[i] = 0.0; i < 2u; y[i + 1u] = f(2.0)) { }',
      'for (y[i] = narrowed1( 0.0); i < 2u; y[i + 1u] = narrowed1( f(2.0))) { }',
    ],
    ['z[i] = z[i + 1u];', 'z[i] = narrowed4(bitcast<vec4f>( bitcast<vec4u>(vec4f(z[i + 1u]))));'],
    ['let a = z[i].x & z[i][2];', 'let a = bitcast<u32>(f32(z[i].x)) & bitcast<u32>(f32(z[i][2]));'],
    ['let a = arrayLength(&x) & 3u; // x[i]', 'let a = arrayLength(&x) & 3u; // x[i]'],
  ])('%s', (given, wanted) => {
    expect(line(given)).toBe(wanted);
  });

  test('of a declaration: type and extension, in their lines', () => {
    const code = program('z[i] = vec4u(0u);');
    const lines = halved(code, halvable(code)).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'enable f16; @group(0) @binding(1) var<storage, read> x : array<vec4h>;',
      '@group(0) @binding(2) var<storage, read_write> y : array<f16>;',
      '@group(0) @binding(3) var<storage, read_write> z : array<vec4h>;',
    ]);
    const one = halved(code, new Set(['y'])).split('\n');
    expect(one.slice(0, 3)).toEqual([`enable f16; ${HEAD.split('\n')[0]}`, lines[1], HEAD.split('\n')[2]]);
  });

  test.each([
    ['y[i] += 1.0;', 'xz'],
    ['y[i]++;', 'xz'],
    ['let a = &y[i];', 'xz'],
    ['f(&y);', 'xz'],
    ['let a = 1u & z[i].x;', 'xyz'],
    ['let a = z; y[i] = 1.0;', 'xy'],
  ])('%s leaves %s', (given, wanted) => {
    expect(fit(given)).toBe(wanted);
  });

  test('a buffer of atomics, and one of a struct', () => {
    const code = `var<storage, read_write> a : array<atomic<u32>>;
var<storage, read> s : array<S>;
var<storage, read> t : S;
var<workgroup> w : array<vec4f, 4>;
var<storage, read> y : array<vec2<f32>>;`;
    expect([...halvable(code)]).toEqual(['y']);
  });
});

describe('a name is the buffer only where nothing hides it', () => {
  test.each([
    ['let x = x[i]; let b = x[0];', 'let x = vec4f(x[i]); let b = x[0];'],
    ['{ var y = f(); y[0] += 1.0; } y[i] = 1.0;', '{ var y = f(); y[0] += 1.0; } y[i] = narrowed1( 1.0);'],
    [
      'for (var y = 0u; y < 3u; y++) { g(y); } let b = y[i];',
      'for (var y = 0u; y < 3u; y++) { g(y); } let b = f32(y[i]);',
    ],
    ['let a = s.x + s.x[2];', 'let a = s.x + s.x[2];'],
  ])('%s', (given, wanted) => {
    expect(line(given)).toBe(wanted);
  });

  test('as an argument, and a member of a struct', () => {
    const before =
      'struct S { x : f32, y : u32 }\nfn f(x : vec4f, @location(0) y : vec2f) -> f32 { return x[1] + y[0]; }\n';
    const code = program('let a = x[i];', before);
    expect(halved(code, halvable(code))).toContain('return x[1] + y[0];');
    expect(halved(code, halvable(code))).toContain('let a = vec4f(x[i]);');
  });
});

const kernels = import.meta.glob<Kernel>('../../shaders/*/*.wgsl', { eager: true, import: 'default' });

describe('all kernels', () => {
  const grid = { binding: 9, size: [64, 1, 1], workgroups: [4, 1, 1], traced: [[1, 0, 0]], room: 8 } as const;
  const stored = ({ reflection }: Kernel) =>
    reflection.bindings.filter(({ access }) => access.startsWith('read'));

  test('every buffer can hold halves, but those that are not read by an index', () => {
    const unfit = Object.values(kernels).flatMap((kernel) => {
      const names = halvable(kernel.with().code);
      return stored(kernel).flatMap(({ name }) => (names.has(name) ? [] : [`${kernel.name}.${name}`]));
    });
    expect(unfit).toMatchInlineSnapshot(`
      [
        "additiveAttentionDx.dq",
        "additiveAttentionDxTiled.dq",
        "advance.y",
      ]
    `);
  });

  test('as many accesses are rewritten as a syntax tree finds, in lines of their own', () => {
    for (const kernel of Object.values(kernels)) {
      const { code } = kernel.with();
      const names = halvable(code);
      const text = halved(code, names);
      expect(() => treeOf(kernel.name, text), kernel.name).not.toThrow();
      const { sites } = instrument(kernel.name, code, grid);
      const found = sites.filter(({ variable }) => names.has(variable));
      const body = text.split('\n').slice(0, code.split('\n').length).join('\n');
      const stores = (body.match(/\bnarrowed\d\(/g) ?? []).length;
      expect(stores, kernel.name).toBe(found.filter(({ kind }) => kind === 'write').length);
      const floats = (whole: string) => (whole.match(/\b(?:vec[24]f|f32)\(/g) ?? []).length;
      expect(floats(body) - floats(code), kernel.name).toBe(
        found.filter(({ kind }) => kind === 'read').length,
      );
    }
  });
});
