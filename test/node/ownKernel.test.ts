// Kernels of one's own without a GPU: which results are right, which constants a text has, what buffers may hold, and
// which options are refused.

import { describe, expect, test } from 'vitest';
import { bench, caseOf, declaredIn, kernelCase, type OwnCase, type OwnKernel } from '../../src/bench/index';
import { agreementOf, isRight, wrongIn } from '../../src/bench/kernel/agreement';
import { withConstants } from '../../src/bench/kernel/declared';
import { valuesOf, type KernelBuffer } from '../../src/bench/kernel/values';
import type { Engine } from '../../src/gpu/engine';
import type { Binding } from '../../src/graph/kernel';
import { kernel } from '../../src/wgsl/reflect';
import { messageOf } from '../harness/message';

/** Whether results are right, by a tolerance or without one. */
const judged = (before: number[], wanted: number[], found: number[], integers = false, tolerance?: number) =>
  isRight(agreementOf('y', { found, wanted, before, integers }), tolerance);

describe('results', () => {
  const ramp = Array.from({ length: 4096 }, (_, i) => i * 16);
  const added = ramp.map((value, i) => value + Math.sin(i));

  test('an increment that is forgotten beside large values is wrong, what f32 rounds is right', () => {
    expect(judged(ramp, added, added.map(Math.fround))).toBe(true);
    expect(judged(ramp, added, ramp)).toBe(false);
    const half = ramp.map((value, i) => Math.fround(value + 0.5 * Math.sin(i)));
    expect(judged(ramp, added, half)).toBe(false);
    // As far as a tolerance of one's own goes, it is held against the largest value.
    expect(judged(ramp, added, half, false, 1e-3)).toBe(true);
  });

  test('integers are equal or wrong, unless a tolerance is given', () => {
    const none = [0, 0];
    expect(judged(none, [4096, 4000], [4096, 4000], true)).toBe(true);
    expect(judged(none, [4096, 4000], [4096, 3999], true)).toBe(false);
    expect(judged(none, [4096, 4000], [4096, 3999], true, 1e-3)).toBe(true);
    expect(judged(none, [4096, 4000], [4096, 3999])).toBe(true);
  });

  test('what is no number is wrong, whatever comes after it', () => {
    expect(judged([0, 0, 0], [1, 2, 3], [NaN, 2, 3])).toBe(false);
    expect(judged([0, 0, 0], [1, Infinity, NaN], [1, Infinity, NaN])).toBe(true);
    expect(judged([0, 0, 0], [1, Infinity, NaN], [1, 2, NaN])).toBe(false);
  });

  test('where and by how much is said', () => {
    const words = (before: number[], wanted: number[], found: number[], integers = false) =>
      wrongIn(agreementOf('y', { found, wanted, before, integers }), undefined);
    expect(words([0, 0], [1, 2], [1, 3])).toBe(
      'y[1] is 3, and 2 is wanted: 5.00e-1 of the largest value, 0.001 are allowed',
    );
    expect(words([4096], [4097], [4096])).toMatch(
      /^y\[0\] is 4096, and 4097 is wanted: .* but 9\.84e-1 of the largest change/,
    );
    expect(words([0], [7], [8], true)).toContain('integers have to be equal');
  });

  /** What a case says of results. */
  const errorOf = (wanted: number[], found: number[]) => {
    const own: OwnCase = { name: 'own', body: (x) => x, args: [], wanted };
    const engine = Object.assign(Object.create(null), { record: () => null }) as Engine;
    return caseOf(own)
      .build(engine, {})
      .error([Float32Array.from(found)]);
  };

  test('of a case of tensors, too: a NaN is not forgotten for the numbers that follow', () => {
    expect(errorOf([1, 2, 4], [1, 2, 3])).toBe(0.25);
    expect(errorOf([1, 2, 4], [NaN, 2, 4])).toBe(Infinity);
    expect(errorOf([1, 2, 4], [1, Infinity, 4])).toBe(Infinity);
    expect(errorOf([1, NaN, Infinity], [1, NaN, Infinity])).toBe(0);
    expect(errorOf([1, 2], [1])).toBe(Infinity);
  });
});

describe('constants', () => {
  const TEXT = `
    override FACTOR : f32 = 1.0; // override NOT : f32 = 2.0;
    /* const NEITHER = 3;
    */
    const A = 1u; const B : vec2<u32> = vec2u(A, 2u);
    @id(3) override OPEN : u32;
    fn main() { const INNER = 4; }
    const LAST = 5;`;

  test('wherever they stand, and not those of functions and comments', () => {
    expect(declaredIn(TEXT).map(({ name, value }) => [name, value])).toEqual([
      ['FACTOR', '1.0'],
      ['A', '1u'],
      ['B', 'vec2u(A, 2u)'],
      ['OPEN', null],
      ['LAST', '5'],
    ]);
  });

  test('get other values, line for line', () => {
    const text = withConstants('k', TEXT, { FACTOR: 3, A: 2, OPEN: 8 });
    expect(text.split('\n')[1]).toBe('    const FACTOR : f32 = 3; // override NOT : f32 = 2.0;');
    expect(text).toContain('const A = 2u; const B : vec2<u32> = vec2u(A, 2u);\n    const OPEN : u32 = 8;');
    expect(text).toContain('const INNER = 4;');
  });

  test('which are no numbers are refused', () => {
    expect(messageOf(() => withConstants('k', TEXT, { FACTOR: NaN, OPEN: 1 }))).toContain(
      'the constant FACTOR of k.wgsl is NaN',
    );
    const text: unknown = { OPEN: '8' };
    expect(messageOf(() => withConstants('k', TEXT, text as Record<string, number>))).toContain('is "8"');
  });
});

describe('buffers', () => {
  const bind = (holds?: Binding['holds']): Binding => ({ name: 'x', binding: 0, access: 'read', holds });

  test.each<[Binding['holds'], KernelBuffer, string]>([
    ['u32', { size: 2, fill: [1, -1] }, 'x[1] is filled with -1, but it holds u32'],
    ['u32', { size: 2, fill: [0.5, 1] }, 'x[0] is filled with 0.5'],
    ['i32', { size: 1, fill: [2 ** 31] }, 'it holds i32'],
    ['mixed', { size: 1, fill: [1.5] }, 'the bits of each as u32'],
    ['u32', { size: 2, fill: 'uniform', low: -3 }, 'give ends within those of u32'],
    ['i32', { size: 2, fill: 'uniform', high: 2.5 }, 'give whole numbers'],
    ['u32', { size: 2, fill: 'uniform', low: 20 }, 'from 20 up to 16'],
    [undefined, { size: 2, fill: 'uniform', low: 1, high: 1 }, 'give a low that is below high'],
    [undefined, { size: 2 ** 33 }, 'give at most 1073741824: 4 GiB'],
  ])('%s with %o is refused', (holds, buffer, message) => {
    expect(messageOf(() => valuesOf(bind(holds), buffer))).toContain(message);
  });

  test('what fits is taken', () => {
    expect([...valuesOf(bind('i32'), { size: 2, fill: [-1, 7] })]).toEqual([-1, 7]);
    expect([...valuesOf(bind(), { size: 2, fill: [-0.5, 7] })]).toEqual([-0.5, 7]);
    const drawn = [...valuesOf(bind('i32'), { size: 99, fill: 'uniform', low: -2, high: 2 })];
    expect([...new Set(drawn)].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1]);
  });

  test('a struct of numbers of one type holds that type', () => {
    const holds = (members: string) => {
      const code = `enable f16;
struct One { ${members} }
@group(0) @binding(0) var<storage, read> x : array<One>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = f32(x[0].a.x); }`;
      return kernel('k', code).reflection.bindings[0].holds;
    };
    expect(holds('a : vec3f, b : f32, c : mat2x2f')).toBe(undefined);
    expect(holds('a : vec2i, b : array<i32, 2>')).toBe('i32');
    expect(holds('a : vec2f, b : u32')).toBe('mixed');
    expect(holds('a : vec2h, b : vec2h')).toBe('mixed');
  });
});

describe('options', () => {
  const own: OwnKernel = {
    name: 'k',
    wgsl: `struct P { N : u32 }
@group(0) @binding(0) var<uniform> p : P;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = f32(p.N); }`,
    buffers: { y: { size: 1 } },
    params: { N: 1 },
    workgroups: [1],
  };
  const refused = (change: object) => messageOf(() => kernelCase({ ...own, ...change }));

  test('of a kernel', () => {
    expect(refused({})).not.toContain('fix');
    expect(refused({ tolarance: 1 })).toContain('there is no option tolarance');
    expect(refused({ limit: 'memory' })).toContain('give one of fma, copy, dispatch');
    expect(refused({ flops: NaN })).toContain('flops is NaN');
    expect(refused({ bytes: -1 })).toContain('bytes is -1');
    expect(refused({ reference: 5 })).toContain('give a function');
    expect(refused({ wgsl: undefined })).toContain('wgsl is undefined');
    expect(refused({ buffers: undefined })).toContain('buffers is undefined');
    expect(refused({ workgroups: undefined })).toContain('give one to three whole numbers');
    expect(refused({ workgroups: [1, 1, 1, 1] })).toContain('give one to three whole numbers');
    expect(refused({ params: { N: 1, M: 2 } })).toContain('k.wgsl has no param M.\n    fix: it has N.');
  });

  test('of a bench, before anything is opened', async () => {
    const open = () => Promise.reject(new Error('opened'));
    const run = (change: object) => bench({ cases: [], runtime: 'a test', open, ...change });
    await expect(run({ rounds: 0 })).rejects.toThrow('bench: rounds is 0');
    await expect(run({ rounds: 1.5 })).rejects.toThrow('bench: rounds is 1.5');
    await expect(run({ round: 3 })).rejects.toThrow('there is no option round');
    await expect(run({ runtime: undefined })).rejects.toThrow('runtime is undefined');
    await expect(run({})).rejects.toThrow('opened');
  });

  test('of a case', () => {
    const refusedCase = (change: object) =>
      messageOf(() => caseOf({ name: 'c', body: (x) => x, args: [], ...change }));
    expect(refusedCase({ limit: 'flops' })).toContain('give one of fma, copy, dispatch');
    expect(refusedCase({ body: undefined })).toContain('body is undefined');
  });
});
