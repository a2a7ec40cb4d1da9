// What the tracer knows of a program without running it: its text written anew, its sites, what a thread needs.

import { describe, expect, test } from 'vitest';
import { casesNamed } from '../../src/cli/bench/trace.node';
import { GPUS, partsOf, peakOf, type LaunchTrace } from '../../src/bench/index';
import { allowanceOf, missesOf, threadsPerCore } from '../../src/bench/trace/allowance';
import { instrument } from '../../src/wgsl/trace/instrument';
import { printed } from '../../src/wgsl/trace/print';
import { needsOf } from '../../src/wgsl/trace/registers';
import { treeOf } from '../../src/wgsl/tree';

const texts = import.meta.glob<string>('../../shaders/*/*.wgsl', {
  eager: true,
  import: 'default',
  query: '?raw',
});

test('a program that was written anew is the same program', () => {
  // Those with a switch, atomics, structs, matrices, a loop without an end.
  const names = [
    'matmulTiled',
    'sampleFloorRows',
    'causalConvStep',
    'attentionDkv',
    'adam',
    'lstmSequenceDx',
  ];
  for (const name of names) {
    const code = Object.entries(texts).find(([path]) => path.endsWith(`/${name}.wgsl`))![1];
    const once = printed(treeOf(name, code));
    expect(printed(treeOf(name, once))).toBe(once);
  }
  const odd = `enable f16;
struct S { @align(16) a : f32, @size(32) b : vec3<f16> }
alias Row = array<f32, 4>;
fn f(q : ptr<function, Row>) -> f32 { (*q)[1] = -1.5; return -(*q)[0] * (2.0 - 0.5); }
fn g(a : u32) -> u32 {
  loop { if (a > 2u) { break; } continuing { break if a == 1u; } }
  switch (a) { case 1u, 2u: { return 3u; } default: { } }
  while (a < 3u && !(a == 2u)) { discard; }
  return select(~a, u32(bitcast<i32>(0x7f800000u)), true);
}`;
  const once = printed(treeOf('odd', odd));
  expect(printed(treeOf('odd', once))).toBe(once);
  expect(once).toContain('return -(*q)[0] * (2.0 - 0.5)');
  expect(once).toContain('@align(16) a : f32, @size(32) b : vec3<f16>');
});

test('every kernel of the library can be traced', () => {
  const grid = { binding: 9, size: [64, 1, 1], workgroups: [4, 1, 1], traced: [[1, 0, 0]], room: 8 } as const;
  for (const [path, code] of Object.entries(texts)) {
    expect(instrument(path, code, grid).sites.length, path).toBeGreaterThan(0);
  }
});

describe('registers', () => {
  const main = (body: string) => `@group(0) @binding(0) var<storage, read_write> x : array<f32>;
    fn twice(v : vec4f) -> vec4f { let w = v + v; return w; }
    @compute @workgroup_size(1) fn main(@builtin(local_invocation_index) i : u32) { ${body} }`;
  const registers = (body: string) => needsOf('k', main(body)).registers;

  test('are those of the values that are alive at once', () => {
    expect(registers('x[0] = 1.0;')).toBe(0);
    expect(registers('x[i] = x[i] + 1.0;')).toBe(2);
    // v, w, the index, and what becomes of v and w.
    expect(registers('let v = vec4f(x[i]); let w = vec4f(x[i + 1u]); x[i] = dot(v, w);')).toBe(10);
    // v ends where w begins.
    expect(registers('var v = vec4f(x[i]); v = twice(v); x[i] = v.x;')).toBe(9);
  });

  test('a value that the next turn of a loop needs is alive all through it', () => {
    const loop = (inner: string) => `var s = vec4f(); for (var k = 0u; k < i; k++) { ${inner} } x[0] = s.x;`;
    expect(registers(loop('let m = x[k]; s += m;'))).toBe(4 + 1 + 1 + 1);
    expect(registers(loop('let m = mat4x4f(s, s, s, s); s = m[3];'))).toBe(4 + 1 + 1 + 16);
  });

  test('branches that a constant closes cost nothing', () => {
    const code = (flag: boolean) => `const WIDE = ${flag};
      ${main('if (WIDE) { let m = mat4x4f(vec4f(x[i]), vec4f(), vec4f(), vec4f()); x[i] = m[0].x; }')}`;
    expect(needsOf('k', code(false)).registers).toBeLessThan(4);
    expect(needsOf('k', code(true)).registers).toBeGreaterThan(16);
  });
});

describe('GPUs', () => {
  const [m2, rtx3080] = GPUS;

  test('have the peaks that their makers say', () => {
    expect(GPUS.map((gpu) => Number(peakOf(gpu).toPrecision(3)))).toEqual([
      3.58, 29.8, 82.6, 66.9, 13.7, 51.6,
    ]);
  });

  test('hold as many threads as registers, workgroup memory and their own limit allow', () => {
    const of = (registers: number, workgroupBytes = 0, threads = 256) =>
      threadsPerCore(rtx3080, { threads, registers, workgroupBytes });
    expect(of(32)).toBe(1536);
    expect(of(128)).toBe(512);
    expect(of(32, 48 * 1024)).toBe(512);
    // What one thread may not have is spilled.
    expect(of(400)).toBe(of(255));
    // 16 workgroups at most, each of whole subgroups.
    expect([of(32, 0, 64), of(32, 0, 32), of(32, 0, 8)]).toEqual([1024, 512, 128]);
  });

  test('hand out registers in steps, and subgroups whole', () => {
    const at = (registers: number, threads = 64) =>
      GPUS.map((gpu) => threadsPerCore(gpu, { threads, registers, workgroupBytes: 0 }));
    // By hand, 85 registers: 88 of 208 KiB; 88 of 256 three times; half of the threads only beyond 128; 96 of 384 KiB.
    expect(at(85)).toEqual([576, 704, 704, 704, 1024, 1024]);
    expect(at(129)).toEqual([384, 448, 448, 448, 512, 640]);
    expect(at(32, 8)).toEqual([416, 128, 192, 256, 512, 256]);
  });

  test('have sizes of subgroups that are powers of two, and room for one workgroup of 256 of any kernel', () => {
    for (const gpu of GPUS) {
      const [least, most] = gpu.subgroups;
      expect([16, 32], gpu.name).toContain(least);
      expect([least, 2 * least], gpu.name).toContain(most);
      const all = { threads: 256, registers: 1000, workgroupBytes: 16 * 1024 };
      expect(threadsPerCore(gpu, all), gpu.name).toBeGreaterThanOrEqual(256);
      expect(gpu.source, gpu.name).toMatch(/\w+/);
    }
  });

  test('are limited by the slowest level, and by cores without work', () => {
    const none = { flops: 0, memoryBytes: 0, issued: 0, requestBytes: 0, workgroupMemoryBytes: 0 };
    const thread = { workgroups: 10, threads: 64, registers: 16, workgroupBytes: 0 };
    const flops = 3.57888e12;
    expect(allowanceOf(m2, { ...none, ...thread, flops }, 0)).toMatchObject({
      limit: 'arithmetic',
      ofPeak: 1,
      busy: 1,
    });
    const eleven = allowanceOf(m2, { ...none, ...thread, flops, workgroups: 11 }, 0);
    expect(eleven.ofPeak).toBeCloseTo(11 / 20, 6);
    const memory = allowanceOf(m2, { ...none, ...thread, flops: 1, memoryBytes: 1e11 }, 0);
    expect(memory).toMatchObject({ limit: 'memory', us: 1e6, ofIdeal: 1 });
    const cache = allowanceOf(m2, { ...none, ...thread }, 10 * 1398 * 64);
    expect(cache).toMatchObject({ limit: 'cache', ofPeak: null });
    expect(cache.us).toBeCloseTo(1, 9);
  });

  test('keep in their cache what was used last', () => {
    const site = { line: 1, text: 'x[i]', variable: 'x', space: 'storage', kind: 'read', bytes: 4 } as const;
    const read = (...sectors: number[]) =>
      sectors.map((sector, turn) => ({ site: 0, turn, addresses: [32 * sector] }));
    expect(missesOf(read(0, 1, 0, 1), [site], [1], 64)).toBe(2 * 32);
    expect(missesOf(read(0, 1, 2, 0), [site], [1], 64)).toBe(4 * 32);
    expect(missesOf(read(0, 1, 0, 2, 0), [site], [1], 64)).toBe(3 * 32);
    expect(missesOf(read(0, 0), [{ ...site, kind: 'write' }], [2], 64)).toBe(4 * 32);
  });
});

test('a case of just the name stands for itself, a part of names for all of them', () => {
  const names = (word: string) => casesNamed([word]).map(({ name }) => name);
  expect(names('matmul 512')).toEqual(['matmul 512']);
  expect(names('matmul 512 a')).toEqual(['matmul 512 a·bᵀ', 'matmul 512 aᵀ·b']);
});

test('a launch in words has a table of sites, of levels and of GPUs', () => {
  const costs = { 32: { requests: 2, spent: 32, ideal: 4, efficiency: 1 / 8 } };
  const site = { line: 7, text: 'y[i]', variable: 'y', space: 'storage', kind: 'write', bytes: 4 } as const;
  const launch: LaunchTrace = {
    op: 'turn',
    kernel: 'turn',
    launches: 3,
    workgroups: [16, 1, 1],
    workgroupSize: [64, 1, 1],
    threads: 1024,
    flops: 0,
    levels: { asked: 1, requests: 2, workgroups: 3, memory: 4, workgroupMemory: 5 },
    barriers: 0,
    needs: {
      registers: 9,
      privateArrays: [{ name: 'a', line: 3, bytes: 16, index: 'k' }],
      workgroupBytes: 0,
    },
    tracedWorkgroups: 2,
    noted: 0.5,
    sites: [{ ...site, perThread: 1, costs }],
    gpus: [],
  };
  const [title, needs, arrays, array, noted, sites] = partsOf(launch, 32);
  expect([title, needs, arrays, array, noted]).toEqual([
    'turn: turn.wgsl, 3 launches; 16 workgroups of 64: 1,024 threads',
    'a thread: about 9 registers; a workgroup: 0.0 KiB of its memory, 0.00 barriers',
    'arrays of a thread that are indexed at run time:',
    '  line 3: a, 16 bytes a thread, by [k]',
    '50 % of the accesses were written down; the others are taken to be like them',
  ]);
  expect(sites).toMatchObject({
    rows: [['7', 'y[i]', 'write', '4', '1.00', '32.0 sectors', '4.00', '13 %', '–']],
  });
});
