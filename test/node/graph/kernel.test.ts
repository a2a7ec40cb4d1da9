// A kernel is a WGSL file and what reflection found in it; a variant has other constants and unrolled loops.

import { describe, expect, test } from 'vitest';
import matmulKernel from '../../../shaders/matmul/matmul.wgsl';
import { SeqgpuError } from '../../../src/graph/check';
import { constantsOf } from '../../../src/graph/own/constants';
import { kernel } from '../../../src/wgsl/reflect';

const BINDINGS = `
struct Params { M : u32, shift : i32, scale : f32 }
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<vec4f>;
`;
const main = (body: string, size = '64') =>
  `@compute @workgroup_size(${size})\nfn main(@builtin(global_invocation_id) gid : vec3u) {\n${body}\n}\n`;

/** A kernel with these constants and this body. */
const made = (constants: string, body = '', size?: string) =>
  kernel('example', `${constants}\n${BINDINGS}\n${main(body, size)}`);

/** The variant's main function as one line. */
const bodyOf = (code: string) => code.slice(code.indexOf('{', code.indexOf('fn main'))).replace(/\s+/g, ' ');

function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message;
  }
  throw new Error('nothing was thrown');
}

describe('reflection', () => {
  test('finds bindings in order, params with their offsets, and the workgroup size as written', () => {
    const { reflection } = made('const TX = 16u;', '', 'TX, 2');
    expect(reflection.bindings).toEqual([
      { name: 'p', binding: 0, access: 'params' },
      { name: 'x', binding: 1, access: 'read' },
      { name: 'y', binding: 2, access: 'read_write' },
    ]);
    expect(reflection.params).toEqual([
      { name: 'M', type: 'u32', offset: 0 },
      { name: 'shift', type: 'i32', offset: 4 },
      { name: 'scale', type: 'f32', offset: 8 },
    ]);
    expect(reflection.paramsBytes).toBe(12);
    expect(reflection.workgroupSize).toEqual(['TX', '2']);
  });

  test('a second uniform is a tensor', () => {
    const hyper = 'struct Hyper { rate : f32 }\n@group(0) @binding(3) var<uniform> hyper : Hyper;';
    const { reflection } = made(hyper);
    expect(reflection.bindings.map(({ name, access }) => `${name} ${access}`)).toEqual([
      'p params',
      'x read',
      'y read_write',
      'hyper uniform',
    ]);
    expect(reflection.params.map(({ name }) => name)).toEqual(['M', 'shift', 'scale']);
  });

  test('storage without an access mode is read', () => {
    const { reflection } = kernel('k', `@group(0) @binding(0) var<storage> x : array<f32>;\n${main('')}`);
    expect(reflection).toMatchObject({
      bindings: [{ name: 'x', access: 'read' }],
      params: [],
      paramsBytes: 0,
    });
  });

  test('says what numbers a binding holds, where they are not all f32', () => {
    const holds = (type: string) => {
      const code = `struct Pair { a : u32, b : f32 }
@group(0) @binding(0) var<storage, read> x : array<${type}>;\n${main('')}`;
      return kernel('k', code).reflection.bindings[0].holds;
    };
    expect(['f32', 'vec4f', 'vec2<f32>', 'mat4x4f'].map(holds)).toEqual(Array(4).fill(undefined));
    expect(['u32', 'vec4u', 'atomic<u32>', 'vec2<u32>'].map(holds)).toEqual(Array(4).fill('u32'));
    expect(['i32', 'vec3i', 'Pair'].map(holds)).toEqual(['i32', 'i32', 'mixed']);
    expect(message(() => holds('f16'))).toMatchInlineSnapshot(`
      "k.wgsl: x holds f16.
          fix: tensors hold f32 or u32: declare array<f32>, array<u32>, or vectors of these."
    `);
  });

  test('numbers of attributes are expressions, and what the parser does not know stops nobody', () => {
    const code = `enable f16, subgroups;
const A = 1;
struct P { @align(4 * 4) a : f32, @size(8 * A) b : f32, c : u32 }
@group(A - 1) @binding(A) var<storage, read> x : array<f32>;
@group(0u) @binding(0x0) var<uniform> p : P;
const BIG = 0XFFu; const FEW = 1E3;
const_assert A < 2;
${main('const_assert A <\n 2;\n let half = x[0]-.5;\n let less = x[0]-0.5;', '4 * A')}`;
    const { reflection } = kernel('k', code);
    expect(reflection.code).toBe(code);
    expect(reflection.bindings.map(({ name, binding }) => `${name} ${binding}`)).toEqual(['p 0', 'x 1']);
    expect(reflection.params.map(({ offset }) => offset)).toEqual([0, 4, 12]);
    expect(reflection.workgroupSize).toEqual(['4 * A']);
    expect(message(() => kernel('k', code.replace('@binding(A)', '@binding(B)')))).toMatchInlineSnapshot(`
      "k.wgsl: @binding(B) is not a number or a constant.
          fix: write a number."
    `);
    const broken = message(() => kernel('k', code.replace('let less', 'let = less')));
    expect(broken).toMatch(/^k\.wgsl:13: Expected [^]*13 \|  let = less/);
  });

  test('refuses what no tensor can be bound to', () => {
    const bound = (declaration: string) =>
      message(() =>
        kernel('k', `${declaration}\n@group(0) @binding(3) var<storage> b : array<f32>;\n${main('')}`),
      );
    expect(bound('@group(1) @binding(0) var<storage> a : array<f32>;')).toMatchInlineSnapshot(`
      "k.wgsl binds a in group 1.
          fix: use @group(0)."
    `);
    expect(bound('@group(0) @binding(3) var<storage> a : array<f32>;')).toMatchInlineSnapshot(`
      "k.wgsl: a and b both have binding 3.
          fix: give each a binding of its own."
    `);
    expect(bound('@group(0) @binding(0) var a : texture_2d<f32>;')).toMatchInlineSnapshot(`
      "k.wgsl binds a, a texture_2d.
          fix: tensors are storage buffers, and params a uniform."
    `);
    expect(bound('@group(0) @binding(0) var<uniform> a : vec4f;')).toMatchInlineSnapshot(`
      "k.wgsl: a, its first uniform, is vec4f.
          fix: the first uniform holds the params: declare a struct of u32, i32 and f32 scalars."
    `);
  });

  test('survives JSON, which is how it gets into the built library', () => {
    const { reflection } = matmulKernel;
    expect(JSON.parse(JSON.stringify(reflection))).toEqual(reflection);
  });

  test('says what is wrong with the WGSL', () => {
    expect(message(() => kernel('broken', 'fn main( {'))).toMatchInlineSnapshot(`
      "broken.wgsl:1: Expected argument name.
          1 | fn main( {"
    `);
    const half = '@compute @workgroup_size(1)\nfn main() {\n  let x = 1\n  let y = 2;\n}\n';
    expect(message(() => kernel('half', half))).toMatchInlineSnapshot(`
      "half.wgsl:4: Expected ';' after statement.
          3 |   let x = 1
          4 |   let y = 2;"
    `);
    expect(message(() => kernel('empty', ''))).toMatchInlineSnapshot(`
      "empty.wgsl has no compute entry point called main.
          fix: name it \`fn main\`."
    `);
    expect(message(() => kernel('other', '@compute @workgroup_size(1) fn go() {}'))).toMatchInlineSnapshot(`
      "other.wgsl has no compute entry point called main.
          fix: name it \`fn main\`."
    `);
    const vector = BINDINGS.replace('scale : f32', 'scale : vec4f') + main('');
    expect(message(() => kernel('vector', vector))).toMatchInlineSnapshot(`
      "vector.wgsl: param scale is vec4f.
          fix: params are u32, i32 or f32 scalars."
    `);
  });
});

describe('a row of workgroups may be folded', () => {
  const folds = (body: string, args = 'wid gid groups', size = 'W') => {
    const builtins: Record<string, string> = {
      wid: '@builtin(workgroup_id) wid : vec3u',
      gid: '@builtin(global_invocation_id) gid : vec3u',
      groups: '@builtin(num_workgroups) groups : vec3u',
      in: 'in : In',
    };
    const given = args.split(' ').map((name) => builtins[name]);
    const code = `const W = 64u;
struct In { @builtin(workgroup_id) at : vec3u, @builtin(num_workgroups) of : vec3u }
@group(0) @binding(0) var<storage, read_write> y : array<u32>;
@compute @workgroup_size(${size})
fn main(${given.join(', ')}) { ${body} }
fn other(gid : u32) -> u32 { return gid; }`;
    return kernel('k', code).reflection.folds ?? false;
  };

  test('if it finds its place by the linear index alone', () => {
    expect(folds('let i = gid.y * groups.x * W + gid.x; y[i] = i;')).toBe(true);
    expect(folds('let i = gid.x + W * gid.y * groups.x; y[i] = i;')).toBe(true);
    expect(folds('let i = (wid.y * groups.x + wid.x) * 7u; y[i] = gid.z;')).toBe(true);
    expect(folds('y[ groups.x*wid.y+wid.x ] = other(gid.y * groups.x * W + gid.x);')).toBe(true);
    expect(folds('let i = gid.y * groups.x * 32u + gid.x; y[i] = i;', 'gid groups', '32')).toBe(true);
    expect(folds('let i = in.at.y * in.of.x + in.at.x; y[i] = i;', 'in')).toBe(true);
    expect(folds('let i = wid.y * groups.x + wid.x; y[i] = i;', 'wid groups', '8, 8')).toBe(true);
  });

  test('not if x or y stands elsewhere, or the index is another', () => {
    for (const body of [
      'y[gid.x] = 1u;',
      'y[wid.x] = 1u;',
      'y[0] = 1u;',
      'y[gid.y * groups.x * W + gid.x] = gid.x;',
      'y[gid.y * groups.x * W + gid.x] = wid.y;',
      'y[gid.y * groups.x * W + gid.x] = groups.x;',
      'let all = gid; y[gid.y * groups.x * W + gid.x] = all.x;',
      'y[gid.y * groups.x + gid.x] = 1u;',
      'y[gid.y * groups.y * W + gid.x] = 1u;',
      'y[gid.y * groups.x * 32u + gid.x] = 1u;',
      'y[2u * gid.y * groups.x * W + gid.x] = 1u;',
      'y[9u - gid.y * groups.x * W + gid.x] = 1u;',
      'y[wid.y * groups.x + wid.x * 4u] = 1u;',
      'y[wid.y * groups.x * W + wid.x] = 1u;',
      '// wid.y * groups.x + wid.x\n y[wid.x] = 1u;',
      '/* wid.y * groups.x + wid.x */ y[wid.x] = 1u;',
    ]) {
      expect(folds(body), body).toBe(false);
    }
    expect(folds('y[gid.y * groups.x * 8u + gid.x] = 1u;', 'gid groups', '8, 8')).toBe(false);
  });
});

describe('constants', () => {
  const constants = `
const NONE = 0u;
const RELU = 1u;
const TM = 8u;          // rows
const TYPED : u32 = 4u;
const SCALE = 1.5;
const SIGNED = 7;
const FAST = false;
const ACTIVATION = NONE;`;

  test('are found and evaluated', () => {
    expect(made(constants).with().constants).toEqual({
      NONE: 0,
      RELU: 1,
      TM: 8,
      TYPED: 4,
      SCALE: 1.5,
      SIGNED: 7,
      FAST: 0,
      ACTIVATION: 0,
    });
  });

  test('change: a number keeps its u; booleans and names of other constants', () => {
    const changes = { TM: 16, TYPED: 2, SCALE: 0.25, SIGNED: 9, FAST: true, ACTIVATION: 'RELU' };
    const { code, constants: values } = made(constants).with(changes);
    expect(code.split('\n').slice(3, 9)).toEqual([
      'const TM = 16u;          // rows',
      'const TYPED : u32 = 2u;',
      'const SCALE = 0.25;',
      'const SIGNED = 9;',
      'const FAST = true;',
      'const ACTIVATION = RELU;',
    ]);
    expect(values).toMatchObject({ TM: 16, TYPED: 2, SCALE: 0.25, SIGNED: 9, FAST: 1, ACTIVATION: 1 });
  });

  test('leave everything else as it is', () => {
    const before = matmulKernel.with().code.split('\n');
    const after = matmulKernel.with({ BIAS: true }).code.split('\n');
    expect(after.filter((line, i) => line !== before[i])).toEqual(['const BIAS = true;']);
  });

  test('that are derived follow', () => {
    const derived = `const A = 8u;\nconst B = (A + 3u) / 4u * 2u - 1u;\nconst C = A / 3u;\nconst HALF = 1.0 / 4.0;`;
    expect(made(derived).with().constants).toEqual({ A: 8, B: 3, C: 2, HALF: 0.25 });
    expect(made(derived).with({ A: 14 }).constants).toEqual({ A: 14, B: 7, C: 4, HALF: 0.25 });
  });

  test('may stand before those they are made of', () => {
    expect(made('const B = A * 2u;\nconst A = 4u;').with().constants).toEqual({ A: 4, B: 8 });
  });

  test('are numbers however WGSL writes them', () => {
    const odd =
      'const A = 1u << 3u;\nconst B = vec2f(1, 2);\nconst C = 0x10u;\nconst D = 1e-6;\nconst E = f32(2);';
    expect(made(odd).with().constants).toEqual({ A: 8, C: 16, D: 1e-6, E: 2 });
    const values: Record<string, number> = {
      '0XFFu': 255,
      '.5 + 1.f': 1.5,
      '7 % 4 * 2': 6,
      '7 / 2': 3,
      '7.0 / 2': 3.5,
      'f32(7) / 2': 3.5,
      'u32(7.9) / 2u': 3,
      '1 + 2 << 3': 24,
      '48u >> 2u': 12,
      '6 & 3 | 8': 10,
      '6 ^ 3': 5,
      '-3 + -(-5)': 2,
      'select(3, max(4, clamp(9, 1, 5)), 2 < 3 && !(1 == 2))': 5,
      'min(abs(-8), 9,)': 8,
      '/* a /* b */ c */ 4 // five': 4,
      true: 1,
      'Δ * 2': 8,
      'WHERE * 2': 6,
    };
    for (const [text, value] of Object.entries(values)) {
      const { constants } = made(`const Δ: i32 = 4; const WHERE = 3;\nconst X =\n  ${text}\n;`).with();
      expect(constants.X, text).toBe(value);
    }
  });

  test('are undefined where they are none', () => {
    const { valueOf } = constantsOf('const A = 2;');
    for (const text of [
      '1 / 0',
      '1.5 & 1',
      'sqrt(4)',
      '(2',
      '2 3',
      'toString',
      'vec2u(1).x',
      'max(1',
      'A.x',
      '',
    ])
      expect(valueOf(text), text).toBe(undefined);
    expect(valueOf('A')).toBe(2);
  });

  test('of a function are no constants of the program', () => {
    expect(made('const A = 2u;', 'const A = 3u; { const B = 4u; }').with().constants).toEqual({ A: 2 });
  });

  test('that are no number are left alone', () => {
    expect(made('const B = vec2f(1, 2);\nconst C = array(1, 2);').with().constants).toEqual({});
    expect(made('const EPSILON = 1e-6;').with({ EPSILON: 1e-5 }).code).toContain('const EPSILON = 0.00001;');
  });

  test('in hexadecimal keep their u', () => {
    expect(made('const A = 0xFFu;').with({ A: 5 }).code).toContain('const A = 5u;');
    expect(made('const B = 2;\nconst A = Bu;').with({ A: 5 }).code).toContain('const A = 5;');
  });

  test('that begin no line, and overrides, are not set', () => {
    expect(message(() => made('override A : u32 = 1;').with({ A: 2 }))).toMatchInlineSnapshot(`
      "example.wgsl has no constant A.
          fix: A is an override, which a Kernel does not set: write \`const A = …;\`."
    `);
    expect(message(() => made('const B = 1; const A = 2;').with({ A: 2 }))).toMatchInlineSnapshot(`
      "example.wgsl has no constant A.
          fix: let its declaration begin a line."
    `);
    expect(message(() => made('').with({ '(': 2 })).split('\n')[0]).toBe('example.wgsl has no constant (.');
  });

  test('one variant for the same changes', () => {
    const k = made(constants);
    expect(k.with({ TM: 4 })).toBe(k.with({ TM: 4 }));
    expect(k.with({ TM: 4 })).not.toBe(k.with({ TM: 8 }));
    expect(k.with({ TM: 4 }).code).not.toBe(k.with({ TM: 8 }).code);
  });

  test('that do not exist', () => {
    expect(message(() => made(constants).with({ TN: 4 }))).toMatchInlineSnapshot(`
      "example.wgsl has no constant TN.
          fix: it has NONE, RELU, TM, TYPED, SCALE, SIGNED, FAST, ACTIVATION."
    `);
    expect(message(() => made(constants).with({ ACTIVATION: 'GELU' }))).toMatchInlineSnapshot(`
      "example.wgsl has no constant GELU.
          fix: it has NONE, RELU, TM, TYPED, SCALE, SIGNED, FAST, ACTIVATION."
    `);
    expect(message(() => made('').with({ TN: 4 }))).toMatchInlineSnapshot(`
      "example.wgsl has no constant TN.
          fix: it has none."
    `);
  });
});

describe('the workgroup size', () => {
  test('is read from constants', () => {
    expect(made('const W = 32u;', '', 'W').with().workgroupSize).toEqual([32, 1, 1]);
    expect(made('const W = 32u;', '', 'W').with({ W: 8 }).workgroupSize).toEqual([8, 1, 1]);
    expect(made('const W = 32u;', '', 'W, 2, W').with().workgroupSize).toEqual([32, 2, 32]);
    expect(made('', '', '16, 4').with().workgroupSize).toEqual([16, 4, 1]);
  });

  test('is any expression of numbers and constants', () => {
    const sizes: Record<string, number[]> = {
      '2 * A, 1': [8, 1, 1],
      '(A), (A + 1) * 2,': [4, 10, 1],
      '0x10': [16, 1, 1],
      '1u << A, max(2, A), /* z */ A / 2': [16, 4, 2],
      '\n  A, // x\n  2,\n': [4, 2, 1],
    };
    for (const [text, size] of Object.entries(sizes))
      expect(made('const A = 4;', '', text).with().workgroupSize, text).toEqual(size);
    expect(made('const A = 0x4u;', '', '2 * A, 1').with({ A: 8 }).workgroupSize).toEqual([16, 1, 1]);
    expect(made('const A = 0x10u;', '', 'A').with().workgroupSize).toEqual([16, 1, 1]);
    expect(made('const A = 1u << 4u;', '', 'A').with().workgroupSize).toEqual([16, 1, 1]);
    const others = '@compute @workgroup_size(8)\nfn other() {}\n// @workgroup_size(4 * 4)';
    expect(made(others, '', '3 + 2').with().workgroupSize).toEqual([5, 1, 1]);
  });

  test('is a whole number of at least 1', () => {
    const said = (size: string) => message(() => made('const A = 4;', '', size).with());
    expect(said('A - 4')).toMatchInlineSnapshot(`
      "example.wgsl: its workgroup size A - 4 is 0.
          fix: make it of whole numbers and of constants that are made of these."
    `);
    expect(said('1, A / 8.0').split('\n')[0]).toBe('example.wgsl: its workgroup size A / 8.0 is 0.5.');
    expect(said('sqrt(A)').split('\n')[0]).toBe(
      'example.wgsl: its workgroup size sqrt(A) is not a number or a constant.',
    );
  });

  test('that cannot be known', () => {
    expect(message(() => made('override W = 32u;', '', 'W').with())).toMatchInlineSnapshot(
      `
      "example.wgsl: its workgroup size W is not a number or a constant.
          fix: W is an override, which a Kernel does not set: write \`const W = …;\`."
    `,
    );
  });
});

describe('a list', () => {
  const marked = made('', '  var v = 1.0;\n  // @steps\n  v = twice(v);\n  y[0] = v;');

  test('takes the place of the line below the mark of its name', () => {
    const { code } = marked.with({ steps: ['v = twice(v);', 'v = once(v, $1);'] });
    expect(bodyOf(code)).toBe('{ var v = 1.0; v = twice(v); v = once(v, $1); y[0] = v; } ');
    expect(marked.with().code).toContain('  // @steps\n  v = twice(v);\n');
    expect(marked.with({ steps: ['v = once(v, 2);'] }).code).not.toBe(code);
  });

  test('needs that mark', () => {
    expect(message(() => marked.with({ other: ['v = 0.0;'] }))).toBe(
      'example.wgsl has no line marked // @other.',
    );
  });
});

describe('@unroll', () => {
  const unrolled = (constants: string, body: string) => bodyOf(made(constants, body).with().code);

  test('writes a loop out, once per value', () => {
    const body = '// @unroll\nfor (var i = 0u; i < TM; i++) { y[i] = f32(i); }';
    expect(unrolled('const TM = 3u;', body)).toBe(
      '{ { y[0u] = f32(0u); } { y[1u] = f32(1u); } { y[2u] = f32(2u); } } ',
    );
  });

  test('follows changed constants, down to no copy at all', () => {
    const k = made('const TM = 3u;', '// @unroll: registers\nfor (var i = 0u; i < TM; i++) { y[i] = 0.0; }');
    expect(bodyOf(k.with({ TM: 1 }).code)).toBe('{ { y[0u] = 0.0; } } ');
    expect(bodyOf(k.with({ TM: 0 }).code)).toBe('{ } ');
  });

  test('replaces the index as a whole word only', () => {
    const body = '// @unroll\nfor (var i = 0u; i < 1u; i++) { let ii = x.i + i_0 + a.b.i + max(i, 2u) - i; }';
    expect(unrolled('', body)).toBe('{ { let ii = x.i + i_0 + a.b.i + max(0u, 2u) - 0u; } } ');
  });

  test('in another one', () => {
    const body = `// @unroll
for (var i = 0u; i < 2u; i++) {
  // @unroll
  for (var j = 0u; j < N; j++) { y[i * N + j] = 0.0; }
}`;
    expect(unrolled('const N = 2u;', body)).toBe(
      '{ { { y[0u * N + 0u] = 0.0; } { y[0u * N + 1u] = 0.0; } } { { y[1u * N + 0u] = 0.0; } { y[1u * N + 1u] = 0.0; } } } ',
    );
  });

  test('in another one whose index is the bound', () => {
    const body = `// @unroll
for (var i = 0u; i < 3u; i++) {
  // @unroll
  for (var j = 0u; j < i + 1u; j++) { f(i, j); }
}`;
    expect(unrolled('', body).match(/f\(\d+u, \d+u\)/g)).toEqual([
      'f(0u, 0u)',
      'f(1u, 0u)',
      'f(1u, 1u)',
      'f(2u, 0u)',
      'f(2u, 1u)',
      'f(2u, 2u)',
    ]);
  });

  test('by a constant expression', () => {
    const body = '// @unroll\nfor (var q = 0u; q < (TM + 3u) / 4u; q++) { f(q); }';
    expect(unrolled('const TM = 5u;', body).match(/f\(\du\)/g)).toEqual(['f(0u)', 'f(1u)']);
  });

  test('is not misled by a brace in a comment', () => {
    const body = '// @unroll\nfor (var i = 0u; i < 2u; i++) {\n  f(i); // not } the end\n  g(i);\n}\nh();';
    expect(unrolled('', body).match(/[fgh]\(\w*\)/g)).toEqual(['f(0u)', 'g(0u)', 'f(1u)', 'g(1u)', 'h()']);
  });

  test('leaves other loops alone', () => {
    const body = 'for (var i = 0u; i < 2u; i++) { f(i); }';
    expect(unrolled('', body)).toBe(`{ ${body} } `);
  });

  test('says what it cannot write out', () => {
    const open = '// @unroll\nfor (var i = 0u; i < p.M; i++) { f(i); }';
    expect(message(() => made('', open).with())).toMatchInlineSnapshot(`
      "example.wgsl: cannot unroll this loop: p.M is not a constant.
          for (var i = 0u; i < p.M; i++) {"
    `);
    const down = '// @unroll\nfor (var i = 7u; i > 0u; i--) { f(i); }';
    expect(message(() => made('', down).with())).toMatchInlineSnapshot(`
      "example.wgsl: cannot unroll this loop.
          for (var i = 7u; i > 0u; i--) { f(i); }
          fix: write \`for (var i = 0u; i < CONSTANT; i++) {\`."
    `);
  });

  test('matmul: sums are written out, so that they stay in registers', () => {
    const { code } = matmulKernel.with({ TM: 4, TN: 4 });
    expect(code).not.toContain('@unroll');
    expect(code.match(/\bsum\[\d+u/g)!.length).toBeGreaterThanOrEqual(4);
  });
});
