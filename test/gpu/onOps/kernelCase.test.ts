// Kernels of one's own in the bench: compiled, compared with a reference, refused where they are wrong, measured.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bench,
  benchKernel,
  kernelCase,
  type Agreement,
  type KernelReport,
  type OwnKernel,
} from '../../../src/bench/index';
import { firstRun } from '../../../src/bench/measure';
import type { Engine } from '../../../src/index';
import { openTestEngine } from '../../harness/engine';

let engine: Engine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.destroy());

const N = 1000;
const SCALE = `override FACTOR : f32 = 1.0;
struct Params { N : u32, plus : f32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < p.N) { y[gid.x] += FACTOR * x[gid.x] + p.plus; }
}`;
const scale: OwnKernel = {
  name: 'scale',
  wgsl: SCALE,
  buffers: { x: { size: N, fill: 'uniform', seed: 3 }, y: { size: N, fill: 'ramp' } },
  params: { N, plus: 0.5 },
  constants: { FACTOR: 3 },
  workgroups: [Math.ceil(N / 64)],
  reference: ({ x, y }, { plus }) => y.forEach((before, i) => (y[i] = before + 3 * x[i] + plus)),
  flops: 3 * N,
  bytes: 12 * N,
};

async function comparedOf(own: OwnKernel): Promise<{ error: number; results: readonly Agreement[] }> {
  let results: readonly Agreement[] = [];
  const { error } = await firstRun(
    engine,
    kernelCase(own, (found) => (results = found)),
  );
  return { error, results };
}

const quick = { quick: true, runtime: 'a test', open: openTestEngine };
const complaintOf = async (own: OwnKernel): Promise<string> => {
  try {
    return `none: ${JSON.stringify(await comparedOf(own))}`;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a kernel of one’s own', () => {
  test('is compared with its reference, in place and with an override set', async () => {
    const { error, results } = await comparedOf(scale);
    expect(error).toBeLessThan(1e-6);
    expect(results.map(({ name }) => name)).toEqual(['y']);
  });

  test('where it is off is said, by how much, and beside what', async () => {
    const wrong = SCALE.replace('+ p.plus;', '+ p.plus + select(0.0, 10.0, gid.x == 7u);');
    const { error, results } = await comparedOf({ ...scale, wgsl: wrong });
    const { absolute, relative } = results[0];
    expect([absolute!.index, relative!.index]).toEqual([7, 7]);
    expect(absolute!.by).toBeCloseTo(10, 4);
    expect(absolute!.found - absolute!.wanted).toBeCloseTo(10, 4);
    expect(relative!.by).toBeCloseTo(10 / Math.abs(relative!.wanted), 4);
    expect(error).toBeCloseTo(10 / 1000, 3);
  });

  test('integers of either sign, in vectors, and atomics', async () => {
    const wgsl = `@group(0) @binding(0) var<storage, read>       a : array<vec4i>;
@group(0) @binding(1) var<storage, read_write> y : array<vec4i>;
@group(0) @binding(2) var<storage, read_write> count : array<atomic<u32>>;
@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  y[gid.x] = -a[gid.x];
  atomicAdd(&count[0], 1u);
}`;
    const { error, results } = await comparedOf({
      name: 'negate',
      wgsl,
      buffers: { a: { size: 64, fill: 'uniform', low: -9, high: 10 }, y: { size: 64 }, count: { size: 1 } },
      workgroups: [1],
      reference: ({ a, y, count }) => {
        a.forEach((value, i) => (y[i] = -value));
        count[0] = 16;
      },
    });
    expect([error, results.map(({ absolute }) => absolute)]).toEqual([0, [null, null]]);
  });

  test('a uniform beside the params is a buffer', async () => {
    const wgsl = `struct Params { N : u32 }
struct Pair { first : f32, second : f32 }
@group(0) @binding(0) var<uniform> p : Params;
@group(0) @binding(1) var<uniform> pair : Pair;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(1)
fn main() { y[0] = pair.first - pair.second * f32(p.N); }`;
    const { error } = await comparedOf({
      name: 'pair',
      wgsl,
      buffers: { pair: { size: 2, fill: [5, 3] }, y: { size: 1 } },
      params: { N: 2 },
      workgroups: [1],
      reference: ({ y }) => void (y[0] = -1),
    });
    expect(error).toBe(0);
  });

  test.each<[string, Partial<OwnKernel>, string]>([
    ['a name that it does not bind', { buffers: { ...scale.buffers, z: { size: 1 } } }, 'binds no z'],
    ['a size that is not given', { buffers: { x: { size: N } } }, 'binds y, whose size is not given'],
    ['a size that is none', { buffers: { ...scale.buffers, x: { size: 0.5 } } }, 'bench: x: size is 0.5'],
    ['too few values', { buffers: { ...scale.buffers, x: { size: 3, fill: [1] } } }, 'x has 1 values'],
    [
      'a constant that it has not',
      { constants: { TILE: 8 } },
      'has no constant TILE.\n    fix: it has FACTOR.',
    ],
    [
      'an override that nobody gives',
      { wgsl: SCALE.replace(' = 1.0', ''), constants: {} },
      'without a value',
    ],
    ['a param that is not given', { params: { N } }, 'has a param plus that is not given'],
    ['a text that is no WGSL', { wgsl: SCALE.replace('[gid.x] +', '[gid.q] +') }, 'scale.wgsl:9:'],
  ])('%s is refused', async (_what, change, message) => {
    expect(await complaintOf({ ...scale, ...change })).toContain(message);
  });
});

describe('measured', () => {
  test('its row has rates of its formulas, and the ceilings are there', async () => {
    const { row, ceiling, results, report } = await benchKernel(scale, { ...quick, rounds: 2 });
    expect(row!.samples).toHaveLength(2);
    expect(row!.min).toBe(Math.min(...row!.samples));
    expect(row!.gflops).toBeCloseTo((3 * N) / row!.min! / 1e6, 9);
    expect(row!.gbps).toBeCloseTo((12 * N) / row!.min! / 1e6, 9);
    expect(row!.ofCeiling).toBeCloseTo(row!.gbps! / ceiling!.copy, 9);
    expect(row!.kernels.map(({ kernel }) => kernel)).toEqual(['scale']);
    expect(results[0].error).toBeLessThan(1e-6);
    expect(report!.rows).toEqual([row]);
  });

  test('what is wrong has no row, and in a bench it ends the run', async () => {
    const wrong = { ...scale, constants: { FACTOR: 30 } };
    const found: KernelReport = await benchKernel(wrong, quick);
    expect([found.row, found.report]).toEqual([null, null]);
    expect(found.results[0].absolute!.by).toBeGreaterThan(0.5);
    const run = bench({ ...quick, cases: [kernelCase({ ...wrong, tolerance: 1e-6 })] });
    await expect(run).rejects.toThrow('fix: correct the kernel, or what it is compared with.');
    expect((await benchKernel({ ...wrong, tolerance: 1 }, quick)).row).not.toBeNull();
  });

  test('a wrong increment of large values has no row, nor has a count that is off by one; where is said', async () => {
    const buffers = {
      ...scale.buffers,
      y: { size: N, fill: Float32Array.from({ length: N }, (_, i) => 500 * i) },
    };
    expect((await benchKernel({ ...scale, buffers }, quick)).row).not.toBeNull();
    const wrong = { ...scale, buffers, constants: { FACTOR: 2 } };
    expect((await benchKernel(wrong, quick)).row).toBeNull();
    await expect(bench({ ...quick, cases: [kernelCase(wrong)] })).rejects.toThrow(
      /y\[\d+\] is .* of the largest change/,
    );

    const wgsl = `@group(0) @binding(0) var<storage, read_write> n : array<atomic<u32>>;
@compute @workgroup_size(64) fn main() { atomicAdd(&n[0], 1u); }`;
    const count: OwnKernel = { name: 'count', wgsl, buffers: { n: { size: 1 } }, workgroups: [100] };
    const to = (all: number) => benchKernel({ ...count, reference: ({ n }) => void (n[0] = all) }, quick);
    expect((await to(6400)).row).not.toBeNull();
    expect((await to(6401)).row).toBeNull();
  });

  test('a reference that makes another number of values is refused', async () => {
    const reference: OwnKernel['reference'] = (values) => void (values.y = new Float64Array(0));
    expect(await complaintOf({ ...scale, reference })).toContain('makes 0 values of y.\n    y holds 1000');
  });

  test('particles: a struct of f32 is filled with f32', async () => {
    const wgsl = `struct Body { place : vec3f, mass : f32 }
@group(0) @binding(0) var<storage, read>       x : array<Body>;
@group(0) @binding(1) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) gid : vec3u) { y[gid.x] = x[gid.x].place.y * x[gid.x].mass; }`;
    const { error } = await comparedOf({
      name: 'bodies',
      wgsl,
      buffers: { x: { size: 64, fill: 'uniform' }, y: { size: 16 } },
      workgroups: [1],
      reference: ({ x, y }) => y.forEach((_, i) => (y[i] = x[4 * i + 1] * x[4 * i + 3])),
    });
    expect(error).toBeLessThan(1e-6);
  });

  test('the texts that ran are in the plan', async () => {
    const seen: string[] = [];
    const onPlan = (name: string, { dispatches }: { dispatches: readonly { variant: { code: string } }[] }) =>
      seen.push(name, ...dispatches.map(({ variant }) => variant.code));
    await bench({ ...quick, cases: [kernelCase(scale)], onPlan });
    expect(seen).toEqual(['scale', SCALE.replace('override FACTOR : f32 = 1.0', 'const FACTOR : f32 = 3')]);
  });
});
