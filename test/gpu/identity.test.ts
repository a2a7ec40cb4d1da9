// Kernels and ops are told apart by what they are, never by their names: a user's may be called what the library's
// are, and a kernel may be edited while the page runs.

import { afterAll, expect, test } from 'vitest';
import { add, array, assign, defineOp, matmul, relu, State, sum, type Tensor } from '../../src/index';
import { kernel } from '../../src/wgsl/reflect';
import { openTestEngine } from '../harness/engine';

const engine = await openTestEngine();
afterAll(() => engine.destroy());

/** An elementwise op of one kernel of this name. */
function elementwise(name: string, does: string, wgsl = name): (x: Tensor) => Tensor {
  const own = kernel(
    wgsl,
    `struct Params { size : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < p.size) { y[gid.x] = ${does}; }
}`,
  );
  const op = defineOp<'x', 'y'>({
    name,
    inputs: { x: '...' },
    outputs: { y: '...' },
    dispatch: ({ x }) => ({ kernel: own.with(), params: { size: x.size }, threads: [x.size] }),
  });
  return (x) => op({ x }, {}).y;
}

const run = async (body: (x: Tensor) => Tensor, values: number[]) => [
  ...(await engine
    .record(body)(array([values.length], values))
    .read()),
];

test('two kernels of one name, also in one step', async () => {
  const [twice, thrice] = [elementwise('live', '2.0 * x[gid.x]'), elementwise('live', '3.0 * x[gid.x]')];
  expect(await run(twice, [1, 2, 3, 4])).toEqual([2, 4, 6, 8]);
  expect(await run(thrice, [1, 2, 3, 4])).toEqual([3, 6, 9, 12]);
  expect(await run((x) => add(twice(x), thrice(x)), [1, 2, 3, 4])).toEqual([5, 10, 15, 20]);
});

test('the same text again is the same pipeline', async () => {
  await run(elementwise('again', 'x[gid.x] + 1.0'), [1, 2]);
  const { pipelines } = engine.stats;
  expect(await run(elementwise('again', 'x[gid.x] + 1.0'), [1, 2])).toEqual([2, 3]);
  expect(engine.stats.pipelines).toBe(pipelines);
  await run(elementwise('again', 'x[gid.x] + 2.0'), [1, 2]);
  expect(engine.stats.pipelines).toBe(pipelines + 1);
});

test("names of the library's kernels", async () => {
  for (const name of ['reduceSum', 'copy', 'matmul', 'binary']) {
    expect(await run(elementwise(name, '7.0 * x[gid.x]'), [5, 6, 7])).toEqual([35, 42, 49]);
  }
  expect(await run((x) => sum(x), [5, 6, 7])).toEqual([18]);
  const state = new State([3], 'zeros', 'state');
  engine.record((x: Tensor) => assign(state, x))(array([3], [1, 2, 3]));
  expect([...(await engine.read(state))]).toEqual([1, 2, 3]);
  expect(await run((x) => add(x, x), [1, 2, 3])).toEqual([2, 4, 6]);
});

test("names of the library's ops, behind a product", async () => {
  const leaky = elementwise('relu', 'select(0.1 * x[gid.x], x[gid.x], x[gid.x] > 0.0)', 'leaky');
  const product = engine.record((x: Tensor, w: Tensor) => {
    const y = matmul(x, w);
    return { own: leaky(y), built: relu(y) };
  });
  const only = engine.record((x: Tensor, w: Tensor) => leaky(matmul(x, w)));
  const args = [array([1, 1], [-10]), array([1, 2], [1, -1])] as const;
  const { own, built } = product(...args);
  for (const y of [await own.read(), await only(...args).read()]) {
    expect(y[0]).toBeCloseTo(-1, 6);
    expect(y[1]).toBe(10);
  }
  expect([...(await built.read())]).toEqual([0, 10]);
});
