// Every file in shaders/ keeps the conventions of shaders/README.md.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { WgslReflect } from 'wgsl_reflect';
import { joined } from '../../src/build/shaders';
import { Kernel as BareKernel } from '../../src/graph/kernel';
import { kernel } from '../../src/wgsl/reflect';
import { countTwins, strayTwins } from '../walls/twins';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const shaders = readdirSync(new URL('shaders/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.wgsl'))
  .map((file) => file.replaceAll('\\', '/'))
  .map((file) => ({ name: file.replace(/.*\/|\.wgsl/g, ''), file, code: read(`shaders/${file}`) }));
const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(`src/${file.replaceAll('\\', '/')}`))
  .join('\n');

/** The comment that a file opens with. */
const headerOf = (code: string) => /^(?:\/\/.*\n)+/.exec(code)?.[0] ?? '';
/** The program without its comments. */
const programOf = (code: string) => code.replace(/\/\/.*/g, '');

/** May hold barriers: kernels of the workgroup family. */
const WITH_BARRIERS = /(Tiled|Sequence|SequenceDx|Rows)$/;
/** Share values between neighbouring threads. */
const WITH_QUADS = /(Quad|^quadProbe)$/;
/** What every device allows, see ARCHITECTURE.md. */
const MOST = { lines: 185, columns: 150, buffers: 8, threads: 256, workgroupBytes: 16384 };

describe.each(shaders)('$file', ({ name, file, code }) => {
  const { reflection, ...made } = kernel(name, code);
  const variant = kernel(name, code).with();

  test('opens with its name and one line, then says what it is', () => {
    const header = headerOf(code);
    expect(header.split('\n')[0]).toMatch(new RegExp(`^// ${name} — .+`));
    expect(header).toMatch(/^\/\/ {3}thread {2,}\S/m);
    expect(header).toMatch(/^\/\/ {3}(grid|workgroup) {2,}\S/m);
  });

  test('says the same to the package, which reads fewer kinds of constants', () => {
    const bare = new BareKernel(reflection).with();
    expect(variant.constants).toMatchObject(bare.constants);
    const said = ({ code: text, workgroupSize }: typeof bare) => ({ text, workgroupSize });
    expect(said(bare)).toEqual(said(variant));
  });

  test('binds group 0: the params first, then storage in order', () => {
    expect(made.name).toBe(name);
    const program = programOf(code);
    for (const [, group] of program.matchAll(/@group\((.*?)\)/g)) expect(group).toBe('0');
    const declared = [...program.matchAll(/@binding\((\d+)\)\s*var<([^>]*)>\s*(\w+)/g)];
    expect(declared.map(([, binding]) => Number(binding))).toEqual(reflection.bindings.map((_, i) => i));
    expect(reflection.bindings.map(({ binding }) => binding)).toEqual(reflection.bindings.map((_, i) => i));
    const access = reflection.bindings.map((binding) => binding.access);
    expect(access.lastIndexOf('params')).toBe(reflection.params.length ? 0 : -1);
    const [first] = reflection.bindings;
    expect(first.access !== 'params' || ['p', 'params'].includes(first.name)).toBe(true);
    expect(access.filter((one) => one.startsWith('read')).length).toBeLessThanOrEqual(MOST.buffers);
    expect(access).toContain('read_write');
  });

  test('names every tensor in its header', () => {
    const header = headerOf(code);
    const unnamed = reflection.bindings
      .filter((binding) => binding.access !== 'params')
      .map((binding) => binding.name)
      .filter((binding) => !new RegExp(`(?<!\\w)${binding}(?!\\w)`).test(header));
    expect(unnamed).toEqual([]);
  });

  test('knows no large number but ±FLT_MAX: a −3.4e38 would be more than what a row may hold', () => {
    const large = [...programOf(code).matchAll(/-?\d[\d.]*e\+?3[678]\b/g)].map(([number]) => number);
    expect(large.filter((number) => number.replace('-', '') !== '3.4028234663852886e38')).toEqual([]);
  });

  test('uses every param', () => {
    const program = programOf(code);
    const uniform = reflection.bindings[0].name;
    const unused = reflection.params.filter(
      (param) => !new RegExp(`\\b${uniform}\\.${param.name}\\b`).test(program),
    );
    expect(unused.map((param) => param.name)).toEqual([]);
  });

  test('stays within what every device allows', () => {
    const [x, y, z] = variant.workgroupSize;
    expect(x * y * z).toBeLessThanOrEqual(MOST.threads);
    expect(programOf(code)).not.toMatch(/^\s*(requires|override)\b|\batomic<f32>|\bf16\b|\bsubgroup\w+\(/m);
    // Used only where an adapter has them, and another kernel does the same without.
    const quads = /^enable subgroups;$|\bquad\w+\(/m.test(programOf(code));
    expect(quads).toBe(WITH_QUADS.test(name));
    const shared = [...programOf(code).matchAll(/var<workgroup>\s*\w+\s*:\s*array<(\w+),\s*([^>]+)>/g)];
    const sizes = shared.map(([, type, length]) => {
      const bytes = type.startsWith('vec4') ? 16 : type.startsWith('vec2') ? 8 : 4;
      const elements = kernel(name, `${code}\nconst ZZ = ${length};`).with().constants.ZZ;
      return bytes * elements;
    });
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MOST.workgroupBytes);
  });

  test('has no barriers unless its name says so', () => {
    expect(WITH_BARRIERS.test(name) || !/Barrier\(|var<workgroup>/.test(programOf(code))).toBe(true);
  });

  test('may be folded: any number of workgroups in a row', () => {
    expect(reflection.folds ?? false).toBe(!/Probe$/.test(name) || name === 'copyProbe');
  });

  test('writes out every loop that is marked', () => {
    expect(variant.code).not.toContain('@unroll\n');
    // In a loop that is written out, these would leave or go on with the loop around it.
    for (const [, body] of code.matchAll(/\/\/ @unroll[^\n]*\n\s*for[^\n]*\{([^\n]*)\}\s*$/gm)) {
      expect(body).not.toMatch(/\b(break|continue)\b/);
    }
  });

  test('gives what a loop declares a value before it is read', () => {
    // By the language it is 0 in every round. Behind Dawn, on SwiftShader, it is what the round before left.
    for (const { 0: line, 1: variable, index } of code.matchAll(/^ {4,}var (\w+) : [^;=]*;$/gm)) {
      const rest = code.slice(index + line.length).replace(/\/\/[^\n]*/g, '');
      const [first] = new RegExp(`\\b${variable}\\b[^;]*;`).exec(rest)!;
      expect(first).toMatch(/^\w+(\[[^\]]*\])*(\.\w+)? = /);
      expect(first.slice(variable.length)).not.toMatch(new RegExp(`= [^;]*\\b${variable}\\b`));
    }
  });

  test('is of a size that can be read', () => {
    const lines = code.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(MOST.lines);
    const wide = lines
      .map((line, i) => `${file}:${i + 1} ${[...line].length}`)
      .filter((_, i) => [...lines[i]].length > MOST.columns);
    expect(wide).toEqual([]);
    expect(code).not.toMatch(/[ \t]$|\t/m);
    expect(code).toMatch(/\}( *\/\/ as in .*)?\n$/);
  });

  test('is imported', () => {
    expect(sources).toMatch(new RegExp(`^import \\w+ from '[./]+/shaders/${file}';$`, 'm'));
  });
});

test('a helper that stands in several files is one text, but for the type, and says where its twin is', () => {
  const tree = shaders.map(({ file, code }) => ({ path: file, text: code }));
  expect(strayTwins(tree)).toEqual([]);
  expect(countTwins(tree).places).toBeGreaterThan(90);
});

test('no source imports a shader that is not there', () => {
  const names = new Set(shaders.map(({ file }) => file));
  const missing = [...sources.matchAll(/from '[^']*shaders\/([^']*)'/g)]
    .map(([, file]) => file)
    .filter((file) => !names.has(file));
  expect(missing).toEqual([]);
});

test('the reflector is the one that browsers can load', () => {
  expect(new WgslReflect(shaders[0].code).entry.compute).toHaveLength(1);
});

describe('max, min, clamp and sign of floats, which make a number of a NaN', () => {
  const WHOLE = /\b(0x[\da-f]+|\d+)u\b|\bvec\du\b/;
  const FLOAT = /\d\.\d|\bf32\(|\bvec\df\b|<f32>|\b(exp|sqrt|abs)\(/;

  /** The names that stand for whole numbers, by their types or by what they are made of. */
  function wholeNames(program: string, params: readonly string[]): Set<string> {
    const names = new Set(params.map((name) => `p.${name}`));
    for (const [, name] of program.matchAll(/\b(\w+) : (?:u32|i32|vec\d[ui])\b/g)) names.add(name);
    const made = [...program.matchAll(/\b(?:let|var|const) (\w+) = ([^;]+);/g)];
    for (let before = -1; before < names.size;) {
      before = names.size;
      for (const [, name, from] of made) if (isWhole(from, names)) names.add(name);
    }
    return names;
  }

  /** Without what stands between brackets: the places of elements say nothing about these. */
  function isWhole(text: string, names: ReadonlySet<string>): boolean {
    const plain = text.replace(/\[[^\]]*\]/g, '').replace(/\bu32\((?:[^()]|\([^()]*\))*\)/g, '0u');
    if (FLOAT.test(plain)) return false;
    return WHOLE.test(plain) || [...plain.matchAll(/\b(?:p\.)?\w+/g)].some(([word]) => names.has(word));
  }

  /** What stands between the bracket that opens before `from` and its other half. */
  function within(text: string, from: number): string {
    let depth = 1;
    let at = from;
    for (; depth && at < text.length; at++) depth += { '(': 1, ')': -1 }[text[at]] ?? 0;
    return text.slice(from, at - 1);
  }

  /** The lines that use one without a comment, there or right above, that says what becomes of a NaN. */
  function silent(name: string, code: string): string[] {
    const integers = kernel(name, code).reflection.params.filter(({ type }) => type !== 'f32');
    const names = wholeNames(
      programOf(code),
      integers.map((param) => param.name),
    );
    const lines = code.split('\n');
    return lines.flatMap((line, i) => {
      const [program] = line.split('//');
      const calls = [...program.matchAll(/\b(?:max|min|clamp|sign)\(/g)];
      const floats = calls.filter((call) => !isWhole(within(program, call.index + call[0].length), names));
      const above = lines.slice(0, i).reverse();
      const comments = above.slice(
        0,
        above.findIndex((other) => !/^\s*\/\//.test(other)),
      );
      const said = /NaN/.test([line.slice(program.length), ...comments].join(' '));
      return floats.length && !said ? `${name}.wgsl:${i + 1} ${program.trim()}` : [];
    });
  }

  test('say beside them why none is lost', () => {
    expect(shaders.flatMap(({ name, code }) => silent(name, code))).toEqual([]);
  });
});

test('in the package the line below a mark stays a line: what is put in its place takes nothing with it', () => {
  const code = 'var v=x[i];\n// @steps\nv=a;\ny[i]=v;\n// @unroll\nfor(;;){b;}\nc;\n@group(0) d;\ne;';
  expect(joined(code)).toBe(
    'var v=x[i];\n// @steps\nv=a;\ny[i]=v;\n// @unroll\nfor(;;){b;}c;\n@group(0) d;\ne;',
  );
});
