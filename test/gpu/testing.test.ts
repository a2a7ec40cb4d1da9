// checkGradient: right gradients pass, a wrong one is found and named, among a few elements and among many.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  array,
  crossEntropy,
  defineOp,
  exp,
  log,
  matmul,
  mul,
  relu,
  scale,
  softmax,
  State,
} from '../../src/index';
import type { Engine, Tensor } from '../../src/index';
import { checkGradient } from '../../src/testing/index';
import { kernel } from '../../src/wgsl/reflect';
import { openTestEngine } from '../harness/engine';

let engine: Engine;
beforeAll(async () => void (engine = await openTestEngine()));
afterAll(() => engine.destroy());

const cube = kernel(
  'cube',
  `struct Params { size : u32 }
@group(0) @binding(0) var<uniform> p : Params;
@group(0) @binding(1) var<storage, read> x : array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y : array<vec4f>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x * 4u < p.size) { y[gid.x] = x[gid.x] * x[gid.x] * x[gid.x]; }
}`,
);

/** x³; its gradient is `factor` x² dy, which is right for 3. */
const cubed = (factor: number | Tensor) =>
  defineOp<'x', 'y'>({
    name: 'cubed',
    inputs: { x: '...' },
    outputs: { y: '...' },
    dispatch: ({ y }) => ({
      kernel: cube.with(),
      threads: [Math.ceil(y.size / 4)],
      params: { size: y.size },
    }),
    gradient: ({ x, dy }) => {
      const dx = mul(mul(x, x), dy);
      return { x: typeof factor === 'number' ? scale(dx, factor) : mul(dx, factor) };
    },
  });

describe('checkGradient', () => {
  test('an element where the loss is no number is the worst, whatever comes after it', async () => {
    const x = array([4], [1e-6, 1, 2, 3]);
    const { worst, text } = await checkGradient(engine, (t) => log(t), [x]);
    expect(worst, text).toBeNaN();
  });

  test('right gradients are right to three digits and more', async () => {
    const inputs = { x: [5, 7] };
    const own = await checkGradient(engine, (t) => cubed(3)(t, {}), inputs);
    const several = await checkGradient(engine, (a, b) => softmax(matmul(a, relu(b))), [
      [3, 4],
      [4, 5],
    ]);
    const targets = array([3], Uint32Array.of(0, 4, 2));
    const loss = await checkGradient(engine, (x, t) => crossEntropy(x, t), [[3, 5], targets]);
    expect(Object.keys(own.inputs)).toEqual(['x']);
    expect(Object.keys(several.inputs)).toEqual(['0', '1']);
    expect(Object.keys(loss.inputs)).toEqual(['0']);
    for (const { worst, text } of [own, several, loss]) expect(worst, text).toBeLessThan(1e-3);
  });

  test('a factor of 2 in place of 3 is an error of a third', async () => {
    const { worst, text } = await checkGradient(engine, (t) => cubed(2)(t, {}), { x: [5] });
    expect(worst).toBeGreaterThan(0.3);
    expect(worst).toBeLessThan(0.35);
    expect(text).toMatch(
      /^x: the worst is \[\d\], off by 3\.\de-1: its gradient is \S+, the difference \S+$/,
    );
  });

  test('one wrong element among 3,000 is found and named', async () => {
    const factors = new Float32Array(3000).fill(3);
    factors[1234] = 2;
    const factor = new State([3, 1000], () => factors, 'factor');
    const report = await checkGradient(
      engine,
      (t) => cubed(factor)(t, {}),
      { x: [3, 1000] },
      { elements: 4 },
    );
    expect(report.inputs.x.index).toEqual([1, 234]);
    expect(report.worst).toBeGreaterThan(1e-2);
  });

  test('what has no value has no gradient, and the error says what to do', async () => {
    const large = checkGradient(engine, (x) => exp(x), [[4]], { value: (x) => 1000 * Math.abs(x) });
    await expect(large).rejects.toThrow(/a result is not finite[^]*fix: .*`value`/);
    const { worst, text } = await checkGradient(engine, (x) => log(x), [[4]], { value: (x) => 2 + x });
    expect(worst, text).toBeLessThan(1e-3);
  });
});

test('a kernel is compiled and launched as its constant expressions say', async () => {
  const odd = kernel(
    'odd',
    `const A = 1u << 3u;
const FIRST = 0x0;
@group(FIRST) @binding(FIRST + 1) var<storage, read_write> y : array<f32>;
@group(0) @binding(FIRST) var<storage, read> x : array<f32>;
@compute @workgroup_size(2 * A, 1)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  const_assert A == 8u;
  if (gid.x < arrayLength(&y)) { y[gid.x] = x[gid.x]-0.5; }
}`,
  );
  const half = defineOp<'x', 'y'>({
    name: 'half',
    inputs: { x: '...' },
    outputs: { y: '...' },
    dispatch: ({ y }) => ({ kernel: odd.with(), threads: [y.size] }),
  });
  const given = Float32Array.from({ length: 100 }, (_, i) => i);
  const read = await engine
    .record((x: Tensor) => half({ x }, {}).y)(given)
    .read();
  expect([...read]).toEqual([...given].map((v) => v - 0.5));
  expect(odd.with().workgroupSize).toEqual([16, 1, 1]);
});
