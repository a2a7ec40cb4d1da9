// The backward pass as graph: which calls it adds, how gradients of a tensor used twice are joined, and what
// is said when a gradient does not exist.

import { describe, expect, test } from 'vitest';
import { SeqgpuError } from '../../../src/graph/check';
import { callsBehind, gradient } from '../../../src/graph/gradient';
import { defineOp } from '../../../src/graph/op';
import { Parameter } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import type { DType, Shape } from '../../../src/graph/shape';
import { add, mul, sub } from '../../../src/ops/elementwise/binary';
import { constant } from '../../../src/ops/elementwise/constant';
import { matmul } from '../../../src/ops/matmul/matmul';
import { mean, sum } from '../../../src/ops/reduce/reduce';
import { relu, scale, square, tanh } from '../../../src/ops/elementwise/unary';
import { reshape } from '../../../src/ops/layout/view';
import { kernel } from '../../../src/wgsl/reflect';

const input = (shape: Shape, dtype: DType = 'f32') => new Tensor(shape, dtype, { kind: 'input', name: 'x' });

function parameter(name: string, ...shape: number[]): Parameter {
  const made = new Parameter(shape, 'zeros');
  made.name = name;
  return made;
}

const opsBehind = (...roots: Tensor[]) => callsBehind(roots).map(({ op }) => op.name);
const count = (names: readonly string[], name: string) => names.filter((other) => other === name).length;

function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message.replace(/(gradient\.test\.ts):\d+/g, '$1:LINE');
  }
  throw new Error('nothing was thrown');
}

const doubling = kernel(
  'doubling',
  `struct Params { size : u32 }
@group(0) @binding(0) var<uniform>             p : Params;
@group(0) @binding(1) var<storage, read>       x : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) gid : vec3u) {
  if (gid.x < p.size) { y[gid.x] = 2.0 * x[gid.x]; }
}`,
);

/** y = 2·x, by a kernel of one's own; without a gradient. */
const doubleOp = defineOp<'x', 'y'>({
  name: 'double',
  inputs: { x: '...' },
  outputs: { y: '...' },
  dispatch: ({ x }) => ({ kernel: doubling.with(), params: { size: x.size }, threads: [x.size] }),
});
const double = (x: Tensor) => doubleOp({ x }, {}).y;

/** Rows of a table; only the table has a gradient. */
const gatherOp = defineOp<'table' | 'ids', 'y'>({
  name: 'gather',
  inputs: { table: 'V C', ids: '...' },
  outputs: { y: '... C' },
  integers: ['ids'],
  dispatch: () => [],
  gradient: ({ table }) => ({ table: scale(table, 1) }),
});

describe('the backward pass', () => {
  test('is graph: the ops of the chain rule, with the shapes of the parameters', () => {
    const [w, b] = [parameter('w', 6, 3), parameter('b', 3)];
    const loss = mean(square(relu(add(matmul(input([4, 6]), w), b))));
    const [dw, db] = gradient(loss, [w, b]);
    expect([dw.shape, db.shape]).toEqual([w.shape, b.shape]);
    const forward = new Set(callsBehind([loss]));
    const added = callsBehind([dw, db]).filter((call) => !forward.has(call));
    expect(added.map(({ op }) => op.name)).toMatchInlineSnapshot(`
      [
        "reshape",
        "reduceSumDx",
        "reshape",
        "squareDx",
        "reluDx",
        "reshape",
        "reduceSum",
        "reshape",
        "matmul",
      ]
    `);
  });

  test('starts with one', () => {
    const p = parameter('p');
    const [dp] = gradient(p, [p]);
    expect(dp.source).toEqual({ kind: 'constant', data: Float32Array.of(1) });
    expect(dp.shape).toEqual([]);
  });

  test('leaves out what leads to no parameter', () => {
    const p = parameter('p', 5);
    const frozen = double(input([5]));
    const [dp] = gradient(sum(mul(p, frozen)), [p]);
    expect(dp.shape).toEqual([5]);
    const other = parameter('other', 5);
    const names = opsBehind(...gradient(sum(mul(tanh(p), tanh(other))), [p]));
    expect(count(names, 'tanhDx')).toBe(1);
  });

  test('of a tensor inside the graph, and of that tensor and what is before it', () => {
    const p = parameter('p', 2);
    const h = tanh(p);
    const [dh, dp] = gradient(sum(square(h)), [h, p]);
    expect(opsBehind(dp)).toContain('tanhDx');
    expect(opsBehind(dh)).not.toContain('tanhDx');
  });

  test('of one parameter asked for twice is one tensor', () => {
    const p = parameter('p', 2);
    const [one, two] = gradient(sum(square(p)), [p, p]);
    expect(one).toBe(two);
  });

  test('sums over axes that were repeated', () => {
    const [row, column, scalar] = [parameter('row', 3), parameter('column', 4, 1), parameter('scalar')];
    const loss = sum(mul(add(add(input([4, 3]), row), column), scalar));
    expect(gradient(loss, [row, column, scalar]).map(({ shape }) => shape)).toEqual([[3], [4, 1], []]);
  });

  test('is the same for a tensor of one element of any rank', () => {
    const p = parameter('p', 1, 1);
    expect(gradient(square(p), [p])[0].shape).toEqual([1, 1]);
  });
});

describe('a tensor used more than once', () => {
  const accumulations = (loss: Tensor, ...wrt: Tensor[]) =>
    count(opsBehind(...gradient(loss, wrt)), 'accumulate');

  test('once: nothing to join', () => {
    const p = parameter('p', 3);
    expect(accumulations(sum(square(p)), p)).toBe(0);
  });

  test('twice, in one call', () => {
    const p = parameter('p', 3);
    expect(accumulations(sum(mul(p, p)), p)).toBe(1);
  });

  test('twice, in two calls', () => {
    const p = parameter('p', 3);
    expect(accumulations(add(sum(p), sum(square(p))), p)).toBe(1);
  });

  test('three times', () => {
    const p = parameter('p', 3);
    expect(accumulations(sum(sub(mul(p, p), tanh(p))), p)).toBe(2);
  });

  test('inside the graph: joined before it goes on, so that what is before runs once', () => {
    const p = parameter('p', 3);
    const h = tanh(p);
    const names = opsBehind(...gradient(sum(mul(h, square(h))), [p]));
    expect([count(names, 'accumulate'), count(names, 'tanhDx')]).toEqual([1, 1]);
  });

  test('through a view', () => {
    const p = parameter('p', 6);
    const loss = add(sum(square(reshape(p, [2, 3]))), sum(p));
    expect(accumulations(loss, p)).toBe(1);
  });
});

describe('a gradient that does not exist', () => {
  test('more than one number', () => {
    const p = parameter('p', 3);
    expect(message(() => gradient(square(p), [p]))).toMatchInlineSnapshot(`
      "gradient: the loss has shape [3], but it needs an incoming gradient.
          at test/node/graph/gradient.test.ts:LINE
          fix: take mean(loss) or sum(loss) first."
    `);
  });

  test('a parameter that the loss does not use', () => {
    const [p, unused] = [parameter('p', 3), parameter('decoder.bias', 3)];
    expect(message(() => gradient(sum(square(p)), [p, unused]))).toMatchInlineSnapshot(`
      "gradient: the loss does not depend on decoder.bias.
          loss ← reshape ← …
          at test/node/graph/gradient.test.ts:LINE
          fix: use decoder.bias in the forward pass, or leave it out of the optimizer."
    `);
    expect(message(() => gradient(sum(square(p)), [input([4, 5])]))).toMatchInlineSnapshot(`
      "gradient: the loss does not depend on a tensor [4, 5].
          loss ← reshape ← …
          at test/node/graph/gradient.test.ts:LINE
          fix: use a tensor [4, 5] in the forward pass, or leave it out of the optimizer."
    `);
    expect(message(() => gradient(constant([], 1), [p]))).toMatchInlineSnapshot(`
      "gradient: the loss does not depend on p.
          the loss is not computed
          at test/node/graph/gradient.test.ts:LINE
          fix: use p in the forward pass, or leave it out of the optimizer."
    `);
  });

  test('an op without one: the shortest way from the loss to it, and the line of its call', () => {
    const [p, q] = [parameter('p', 3), parameter('q', 3)];
    const loss = sum(mul(tanh(double(relu(p))), square(square(q))));
    expect(message(() => gradient(loss, [p]))).toMatchInlineSnapshot(`
      "double: the gradient of x is needed, but double does not define it.
          loss ← reduceSum ← mul ← tanh ← double
          at test/node/graph/gradient.test.ts:LINE
          fix: give double a gradient, or leave out what is behind x."
    `);
    expect(gradient(loss, [q])[0].shape).toEqual([3]);
  });

  test('integers', () => {
    const [table, ids] = [parameter('table', 10, 4), input([2, 3], 'u32')];
    const loss = sum(tanh(gatherOp({ table, ids }, {}).y));
    expect(gradient(loss, [table])[0].shape).toEqual([10, 4]);
    expect(message(() => gradient(loss, [table, ids]))).toMatchInlineSnapshot(`
      "gather: the gradient of ids is needed, but ids holds integers and has none.
          loss ← reduceSum ← tanh ← gather
          at test/node/graph/gradient.test.ts:LINE
          fix: do not ask for the gradient of ids."
    `);
  });

  test('none through integers that were computed: they are constants of the loss', () => {
    const drawnOp = defineOp<'x', 'ids'>({
      name: 'drawn',
      inputs: { x: 'N' },
      outputs: { ids: 'N' },
      integers: ['ids'],
      dispatch: () => [],
    });
    const [table, p] = [parameter('table', 10, 4), parameter('p', 3)];
    const { ids } = drawnOp({ x: p }, {});
    const picked = sum(gatherOp({ table, ids: reshape(ids, [1, 3]) }, {}).y);
    const loss = add(picked, sum(p));
    expect(gradient(loss, [table, p]).map(({ shape }) => shape)).toEqual([[10, 4], [3]]);
    expect(opsBehind(...gradient(loss, [p]))).not.toContain('drawn');
    expect(message(() => gradient(picked, [p]))).toContain('the loss does not depend on p.');
  });

  test('an input that its op does not differentiate', () => {
    const halfOp = defineOp<'a' | 'b', 'y'>({
      name: 'half',
      inputs: { a: '...', b: '...' },
      outputs: { y: '...' },
      dispatch: () => [],
      gradient: ({ dy }) => ({ a: dy }),
    });
    const [a, b] = [parameter('a', 2), parameter('b', 2)];
    const loss = sum(halfOp({ a, b }, {}).y);
    expect(gradient(loss, [a])[0].shape).toEqual([2]);
    expect(message(() => gradient(loss, [b]))).toMatchInlineSnapshot(`
      "half: the gradient of b is needed, but half does not define it.
          loss ← reduceSum ← half
          at test/node/graph/gradient.test.ts:LINE
          fix: give half a gradient, or leave out what is behind b."
    `);
  });

  test('one of the wrong shape', () => {
    const wrongOp = defineOp<'x', 'y'>({
      name: 'wrong',
      inputs: { x: 'N' },
      outputs: { y: 'N' },
      dispatch: () => [],
      gradient: ({ dy }) => ({ x: sum(dy) }),
    });
    const p = parameter('p', 3);
    expect(message(() => gradient(sum(wrongOp({ x: p }, {}).y), [p]))).toMatchInlineSnapshot(
      `"wrong: its gradient of x has shape [], not [3]."`,
    );
  });

  test('at the end of a long way: its middle is left out', () => {
    const p = parameter('p', 3);
    let x = double(p);
    for (let i = 0; i < 1000; i++) x = tanh(x);
    const text = message(() => gradient(sum(x), [p]));
    expect(text.length).toBeLessThan(500);
    expect(text).toMatch(/loss ← reduceSum ← tanh ← .* ← … ← .*tanh ← double\n/);
  });
});

test('a graph of thousands of ops does not overflow the stack', () => {
  const p = parameter('p', 3);
  let x: Tensor = p;
  for (let i = 0; i < 3000; i++) x = i % 2 ? tanh(x) : add(x, p);
  expect(count(opsBehind(...gradient(sum(x), [p])), 'tanhDx')).toBe(1500);
});
