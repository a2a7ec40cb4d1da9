// Axes in letters, and what a broken rule says: the op, every input by name with its shape, the rule, the
// caller's line, and what to do.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { matchAxes, parseAxes, resultShape } from '../../../src/graph/axes';
import { SeqgpuError, callerLine } from '../../../src/graph/check';
import { assign } from '../../../src/graph/assign';
import { array } from '../../../src/graph/host';
import { defineOp } from '../../../src/graph/op';
import { State } from '../../../src/graph/state';
import { Tensor } from '../../../src/graph/tensor';
import type { DType, Shape } from '../../../src/graph/shape';
import { Linear } from '../../../src/nn/linear';
import { add, mul } from '../../../src/ops/elementwise/binary';
import { constant } from '../../../src/ops/elementwise/constant';
import { matmul } from '../../../src/ops/matmul/matmul';
import { mean, sum } from '../../../src/ops/reduce/reduce';
import { relu } from '../../../src/ops/elementwise/unary';
import { reshape } from '../../../src/ops/layout/view';

const input = (shape: Shape, dtype: DType = 'f32') => new Tensor(shape, dtype, { kind: 'input', name: 'x' });

/** An op that launches nothing, for its rules alone. */
const ruled = (inputs: Record<string, string>, outputs: Record<string, string>, more: object = {}) =>
  defineOp<string, string>({ name: 'ruled', inputs, outputs, dispatch: () => [], ...more });

/** What `body` throws; the line, which every edit of this file moves, is tested by itself below. */
function message(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!(error instanceof SeqgpuError)) throw error;
    return error.message.replace(/(shapes\.test\.ts):\d+/g, '$1:LINE');
  }
  throw new Error('nothing was thrown');
}

describe('axes', () => {
  const match = (rules: Record<string, string>, shapes: Record<string, Shape>) => {
    const parsed = Object.fromEntries(Object.entries(rules).map(([name, text]) => [name, parseAxes(text)]));
    return matchAxes(parsed, shapes);
  };
  const result = (text: string, rules: Record<string, string>, shapes: Record<string, Shape>) =>
    resultShape(text, match(rules, shapes));

  test('letters bind sizes', () => {
    const matched = match({ x: 'B T C', w: 'K C O' }, { x: [8, 256, 64], w: [3, 64, 128] });
    expect(matched.dims).toEqual({ B: 8, T: 256, C: 64, K: 3, O: 128 });
    expect(resultShape('B T O', matched)).toEqual([8, 256, 128]);
  });

  test('... stands for any leading axes; N is their product', () => {
    const matched = match({ x: '... C', w: 'C' }, { x: [2, 3, 5, 7], w: [7] });
    expect(matched.dims).toEqual({ C: 7, N: 30 });
    expect(resultShape('... C', matched)).toEqual([2, 3, 5, 7]);
    expect(resultShape('...', matched)).toEqual([2, 3, 5]);
  });

  test('... may stand for no axes at all', () => {
    const matched = match({ x: '... C' }, { x: [7] });
    expect(matched.dims).toEqual({ C: 7, N: 1 });
    expect(resultShape('... 2C', matched)).toEqual([14]);
  });

  test('a letter N of its own is kept', () => {
    expect(match({ x: '... N' }, { x: [4, 6] }).dims).toEqual({ N: 6 });
  });

  test('a multiple of a letter binds the letter', () => {
    expect(match({ w: 'I 4H' }, { w: [3, 20] }).dims).toEqual({ I: 3, H: 5 });
    expect(result('4H 2', { w: 'I 4H' }, { w: [3, 20] })).toEqual([20, 2]);
  });

  test('numbers stand for themselves, * for anything, nothing for a scalar', () => {
    expect(match({ x: '1', any: '*', one: '' }, { x: [1], any: [4, 5], one: [] }).dims).toEqual({});
  });

  test('an axis of length zero is an axis', () => {
    expect(match({ x: 'B C' }, { x: [0, 3] }).dims).toEqual({ B: 0, C: 3 });
  });
});

describe('shape errors', () => {
  const op = ruled({ x: 'B T C', w: 'C 4H' }, { y: 'B T 4H' });

  test('letters that disagree', () => {
    expect(message(() => op({ x: input([8, 256, 64]), w: input([32, 80]) }, {}))).toMatchInlineSnapshot(`
      "ruled: C is 32 in w but 64 in x.
          x [8, 256, 64]   w [32, 80]
          rule: x [B, T, C]   w [C, 4H]
          at test/node/graph/shapes.test.ts:LINE
          fix: make C equal in both."
    `);
  });

  test('of a result that nothing determines', () => {
    const unknown = ruled({ x: 'B C' }, { y: 'B Q' });
    expect(message(() => unknown({ x: input([2, 3]) }, {}))).toMatchInlineSnapshot(`
      "ruled: y is [B, Q], but no input that was given has an axis Q.
          x [2, 3]
          rule: x [B, C]
          at test/node/graph/shapes.test.ts:LINE
          fix: give the op a shape()."
    `);
    const leading = ruled({ x: 'B C' }, { y: '... C' });
    expect(message(() => leading({ x: input([2, 3]) }, {}))).toMatchInlineSnapshot(`
      "ruled: y is [..., C], but no input that was given has leading axes.
          x [2, 3]
          rule: x [B, C]
          at test/node/graph/shapes.test.ts:LINE"
    `);
    const free = ruled({ x: '*' }, { y: '*' });
    expect(message(() => free({ x: input([2, 3]) }, {}))).toMatchInlineSnapshot(`
      "ruled: y is [*], and nothing says which shape that is.
          x [2, 3]
          at test/node/graph/shapes.test.ts:LINE
          fix: give the op a shape()."
    `);
    expect(message(() => ruled({ x: 'B, C' }, { y: 'B' }))).toMatchInlineSnapshot(`
      "Axes are 'B, C', but B, is no axis.
          fix: write letters, 4H, or numbers; '...' comes first, '*' alone."
    `);
  });

  test('the wrong number of axes', () => {
    expect(message(() => op({ x: input([256, 64]), w: input([64, 80]) }, {}))).toMatchInlineSnapshot(`
      "ruled: x has 2 axes but 3 are needed.
          x [256, 64]   w [64, 80]
          rule: x [B, T, C]   w [C, 4H]
          at test/node/graph/shapes.test.ts:LINE
          fix: x must be [B, T, C]."
    `);
  });

  test('no multiple', () => {
    expect(message(() => op({ x: input([8, 256, 64]), w: input([64, 81]) }, {}))).toMatchInlineSnapshot(`
      "ruled: an axis of w is 81, not a multiple of 4.
          x [8, 256, 64]   w [64, 81]
          rule: x [B, T, C]   w [C, 4H]
          at test/node/graph/shapes.test.ts:LINE"
    `);
  });

  test('a fixed number', () => {
    const fixed = ruled({ x: 'N 3' }, { y: 'N' });
    expect(message(() => fixed({ x: input([8, 4]) }, {}))).toMatchInlineSnapshot(`
      "ruled: an axis of x is 4 but must be 3.
          x [8, 4]
          rule: x [N, 3]
          at test/node/graph/shapes.test.ts:LINE"
    `);
  });

  test('too few axes behind ...', () => {
    const wide = ruled({ x: '... T C' }, { y: '...' });
    expect(message(() => wide({ x: input([4]) }, {}))).toMatchInlineSnapshot(`
      "ruled: x has 1 axes but at least 2 are needed.
          x [4]
          rule: x [..., T, C]
          at test/node/graph/shapes.test.ts:LINE
          fix: x must be [..., T, C]."
    `);
  });

  test('leading axes that differ', () => {
    const pair = ruled({ a: '...', b: '... C' }, { y: '...' });
    expect(message(() => pair({ a: input([2, 3]), b: input([3, 2, 5]) }, {}))).toMatchInlineSnapshot(`
      "ruled: the leading axes are [3, 2] in b but [2, 3] in a.
          a [2, 3]   b [3, 2, 5]
          rule: a [...]   b [..., C]
          at test/node/graph/shapes.test.ts:LINE"
    `);
  });

  test('a result that is not whole', () => {
    const halved = ruled({ x: 'N' }, { y: '*' }, { shape: ({ x }: { x: Shape }) => ({ y: [x[0] / 2] }) });
    expect(halved({ x: input([6]) }, {}).y.shape).toEqual([3]);
    expect(message(() => halved({ x: input([5]) }, {}))).toMatchInlineSnapshot(`
      "ruled: y would have the shape [2.5].
          x [5]
          rule: x [N]
          at test/node/graph/shapes.test.ts:LINE"
    `);
  });

  test('a rule of the op, with its options', () => {
    expect(message(() => matmul(input([4, 5]), input([6, 7]), { activation: 'relu' })))
      .toMatchInlineSnapshot(`
        "matmul: a has K = 5 but b has K = 6.
            a [4, 5]   b [6, 7]   transposeA false   transposeB false   activation relu
            at test/node/graph/shapes.test.ts:LINE
            fix: the inner axes must be equal."
      `);
    expect(message(() => matmul(input([5]), input([5, 7])))).toMatchInlineSnapshot(`
      "matmul: both operands need at least two axes.
          a [5]   b [5, 7]   transposeA false   transposeB false   activation none
          at test/node/graph/shapes.test.ts:LINE
          fix: reshape a vector to [1, K] or [K, 1]."
    `);
    expect(message(() => matmul(input([2, 4, 5]), input([3, 5, 7])))).toMatchInlineSnapshot(`
      "matmul: the leading axes of a and b differ.
          a [2, 4, 5]   b [3, 5, 7]   transposeA false   transposeB false   activation none
          at test/node/graph/shapes.test.ts:LINE
          fix: make them equal, or give b two axes."
    `);
    expect(message(() => matmul(input([4, 5]), input([5, 7]), { bias: input([8]) }))).toMatchInlineSnapshot(`
      "matmul: bias has 8 values for N = 7 columns.
          a [4, 5]   b [5, 7]   bias [8]   transposeA false   transposeB false   activation none
          rule: bias [N]
          at test/node/graph/shapes.test.ts:LINE"
    `);
  });

  test('broadcasting', () => {
    expect(add(input([8, 1, 3]), input([4, 1])).shape).toEqual([8, 4, 3]);
    expect(mul(input([]), input([2, 2])).shape).toEqual([2, 2]);
    expect(message(() => add(input([8, 4]), input([8, 5])))).toMatchInlineSnapshot(`
      "add: [8, 4] and [8, 5] do not broadcast: 4 against 5.
          a [8, 4]   b [8, 5]
          at test/node/graph/shapes.test.ts:LINE
          fix: an axis must be equal in both, or 1, or missing."
    `);
    expect(message(() => mul(input([1, 1, 1, 1, 2]), input([2])))).toMatchInlineSnapshot(`
      "mul: broadcasting works up to 4 axes, here are 5.
          a [1, 1, 1, 1, 2]   b [2]
          at test/node/graph/shapes.test.ts:LINE
          fix: reshape both to fewer axes."
    `);
  });

  test('reshaping', () => {
    expect(reshape(input([4, 6]), [3, -1]).shape).toEqual([3, 8]);
    expect(message(() => reshape(input([4]), [3, -1]))).toMatchInlineSnapshot(`
      "reshape: 4 elements do not fill [3, 2], which has 6.
          x [4]
          at test/node/graph/shapes.test.ts:LINE
          fix: give a shape of 4 elements."
    `);
    expect(message(() => reshape(input([4]), [8, -1])).split('\n')[0]).toBe(
      'reshape: 4 elements do not fill [8, 1], which has 8.',
    );
    expect(message(() => reshape(input([4, 6]), [5, 5]))).toMatchInlineSnapshot(`
      "reshape: 24 elements do not fill [5, 5], which has 25.
          x [4, 6]
          at test/node/graph/shapes.test.ts:LINE
          fix: give a shape of 24 elements."
    `);
    expect(message(() => reshape(input([4, 6]), [5, -1]))).toMatchInlineSnapshot(`
      "reshape: 24 elements do not fill [5, 5], which has 25.
          x [4, 6]
          at test/node/graph/shapes.test.ts:LINE
          fix: give a shape of 24 elements."
    `);
    expect(message(() => reshape(input([4, 6]), [-1, -1]))).toMatchInlineSnapshot(`
      "reshape: [-1, -1] is no shape.
          at test/node/graph/shapes.test.ts:LINE
          fix: give whole numbers of at least 1, one may be -1."
    `);
  });

  test('reducing', () => {
    expect(mean(input([2, 3, 4]), -2, { keep: true }).shape).toEqual([2, 1, 4]);
    expect(sum(input([2, 3])).shape).toEqual([]);
    expect(message(() => sum(input([2, 3]), 2))).toMatchInlineSnapshot(`
      "sum: x has 2 axes, but no axis 2.
          x [2, 3]
          at test/node/graph/shapes.test.ts:LINE
          fix: use 0 to 1."
    `);
  });

  test('host values', () => {
    expect(message(() => array([2, 2], [1, 2, 3]))).toMatchInlineSnapshot(`
      "array: 3 values do not fill the shape [2, 2].
          at test/node/graph/shapes.test.ts:LINE
          fix: give 4 values, or another shape."
    `);
    expect(message(() => constant([2, 2], [1, 2, 3]))).toMatchInlineSnapshot(`
      "constant: 3 values do not fill [2, 2].
          at test/node/graph/shapes.test.ts:LINE
          fix: give 4 values."
    `);
  });

  test('assigning another shape', () => {
    const state = new State([3], 'zeros', 'hidden');
    expect(message(() => assign(state, input([4])))).toMatchInlineSnapshot(`
      "assign: hidden is f32 [3], the value f32 [4].
          at test/node/graph/shapes.test.ts:LINE
          fix: give both the same shape and type."
    `);
  });
});

describe('input errors', () => {
  const op = ruled({ x: 'N', ids: 'N', w: 'N' }, { y: 'N' }, { integers: ['ids'], optional: ['w'] });

  test('missing inputs', () => {
    expect(op({ x: input([2]), ids: input([2], 'u32') }, {}).y.shape).toEqual([2]);
    expect(message(() => op({ ids: input([2], 'u32') }, {}))).toMatchInlineSnapshot(`
      "ruled: x is missing.
          ids [2]
          rule: x [N]   ids [N]
          at test/node/graph/shapes.test.ts:LINE
          fix: pass x [N]."
    `);
  });

  test('types', () => {
    expect(message(() => op({ x: input([2]), ids: input([2]) }, {}))).toMatchInlineSnapshot(`
      "ruled: ids holds f32 but u32 is needed.
          x [2]   ids [2]
          rule: x [N]   ids [N]
          at test/node/graph/shapes.test.ts:LINE
          fix: pass a Uint32Array."
    `);
    expect(message(() => relu(input([2], 'u32')))).toMatchInlineSnapshot(`
      "relu: x holds u32 but f32 is needed.
          x [2]
          rule: x [...]
          at test/node/graph/shapes.test.ts:LINE
          fix: pass a Float32Array."
    `);
  });

  test('an array in place of a tensor', () => {
    const raw = array([2], [1, 2]) as unknown as Tensor;
    expect(message(() => relu(raw))).toMatchInlineSnapshot(`
      "relu: x is not a tensor.
          x [2]
          rule: x [...]
          at test/node/graph/shapes.test.ts:LINE
          fix: an array is a tensor as an argument of a step."
    `);
    expect(message(() => relu(7 as unknown as Tensor))).toMatchInlineSnapshot(`
      "relu: x is not a tensor.
          x 7
          rule: x [...]
          at test/node/graph/shapes.test.ts:LINE
          fix: an array is a tensor as an argument of a step."
    `);
  });
});

describe('the line', () => {
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n');
  const lineOf = (marker: string) => source.findIndex((line) => line.endsWith(`// ${marker}`)) + 1;
  const lineIn = (body: () => unknown): string => {
    try {
      body();
    } catch (error) {
      return /^ {4}at (.*)$/m.exec((error as Error).message)?.[1] ?? 'no line';
    }
    return 'nothing was thrown';
  };

  test('is the line of the call', () => {
    const body = () => {
      const a = input([4, 5]);
      return matmul(a, a); // here
    };
    expect(lineIn(body)).toBe(`test/node/graph/shapes.test.ts:${lineOf('here')}`);
  });

  test('is the line outside the library when a layer makes the call', () => {
    const layer = new Linear(6, 7);
    const body = () => relu(layer.forward(input([4, 5]))); // layer
    expect(lineIn(body)).toBe(`test/node/graph/shapes.test.ts:${lineOf('layer')}`);
  });

  test('is where an op was called, not where its definition was', () => {
    const op = ruled({ x: 'N' }, { y: 'N' });
    const wrapped = (x: Tensor) => op({ x }, {}); // wrapped
    expect(lineIn(() => wrapped(input([4, 5])))).toBe(`test/node/graph/shapes.test.ts:${lineOf('wrapped')}`);
  });

  const at = (stack: string) => callerLine(Object.assign(new Error(), { stack }));

  test.each([
    ['Chrome', 'Error\n    at train (http://localhost:5173/app/train.js?t=17:12:5)', 'app/train.js:12'],
    [
      'Chrome, without a function',
      'Error\n    at http://localhost:5173/app/train.js:12:5',
      'app/train.js:12',
    ],
    [
      'Firefox',
      'train@http://localhost:5173/app/train.js:12:5\n@http://localhost:5173/b.js:1:1',
      'app/train.js:12',
    ],
    ['Safari', 'global code@http://localhost:5173/app/train.js:12:5', 'app/train.js:12'],
    ['Node, a module', 'Error\n    at file:///home/me/train.js:12:5', '/home/me/train.js:12'],
    ['Node, a script', 'Error\n    at Object.<anonymous> (/home/me/train.js:12:5)', '/home/me/train.js:12'],
    [
      'Node, a folder with a space',
      'Error\n    at f (/home/my work/train.js:12:5)',
      '/home/my work/train.js:12',
    ],
    ['Deno', 'Error\n    at async file:///home/me/examples/a.ts:12:5', 'examples/a.ts:12'],
    ['nothing to see', 'Error', 'an unknown line'],
  ])('is read from a stack of %s', (_, stack, line) => expect(at(stack)).toBe(line));
});
