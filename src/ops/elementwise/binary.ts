// Arithmetic of two tensors with broadcasting: shapes are aligned at their last axes, and an axis that is
// missing or 1 in one is repeated. A number in place of b is a constant of the graph.

import binaryKernel from '../../../shaders/elementwise/binary.wgsl';
import kernel from '../../../shaders/elementwise/chain.wgsl';
import { check, shapeText } from '../../graph/check';
import { elementwise } from '../../graph/elementwise';
import { defineOp, type Op } from '../../graph/op';
import type { Shape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { sum } from '../reduce/reduce';
import { scale } from './unary';
import { reshape } from '../layout/view';

type Slopes = (t: { a: Tensor; b: Tensor; y: Tensor; dy: Tensor }) => { a: Tensor; b: Tensor };

/* @__NO_SIDE_EFFECTS__ */
function row(name: string, OPERATION: string, slopes: Slopes): Op<'a' | 'b', 'y', object> {
  return defineOp<'a' | 'b', 'y'>({
    name,
    inputs: { a: '*', b: '*' },
    outputs: { y: '*' },
    shape: ({ a, b }) => ({ y: broadcast(a, b) }),
    dispatch({ a, b, y }) {
      const params = {
        size: y.size,
        ...extents(y.shape),
        ...strides('a', a.shape),
        ...strides('b', b.shape),
      };
      const SAME = a.size === y.size && b.size === y.size;
      if (SAME) return { ...elementwise(binaryKernel, y.size, { OPERATION, SAME }), params };
      return { kernel: binaryKernel.with({ OPERATION }), params, threads: [Math.ceil(y.size / 4)] };
    },
    flops: ({ y }) => y.size,
    gradient(t) {
      const { a, b } = slopes(t);
      return { a: unbroadcast(a, t.a.shape), b: unbroadcast(b, t.b.shape) };
    },
    link: (through) =>
      through === 'a'
        ? { does: name, kernel, operand: 'b' }
        : { does: SWAPPED[name] ?? name, kernel, operand: 'a' },
  });
}

/** What these do to their second operand, in a chain. */
const SWAPPED: Readonly<Record<string, string>> = { sub: 'subFrom', div: 'divInto' };

const addRow = row('add', 'ADD', ({ dy }) => ({ a: dy, b: dy }));
const subRow = row('sub', 'SUB', ({ dy }) => ({ a: dy, b: scale(dy, -1) }));
const mulRow = row('mul', 'MUL', ({ a, b, dy }) => ({ a: mul(dy, b), b: mul(dy, a) }));
// By the quotients alone: b² would leave the range of f32 long before they do.
const divRow = row('div', 'DIV', ({ b, y, dy }) => ({
  a: div(dy, b),
  b: scale(mul(div(dy, b), y), -1),
}));

/** a + b, broadcast. */
export const add = (a: Tensor, b: Tensor | number): Tensor =>
  typeof b === 'number' ? scale(a, 1, b) : addRow({ a, b }, {}).y;
/** a − b, broadcast. */
export const sub = (a: Tensor, b: Tensor | number): Tensor =>
  typeof b === 'number' ? scale(a, 1, -b) : subRow({ a, b }, {}).y;
/** a · b, broadcast, element by element. */
export const mul = (a: Tensor, b: Tensor | number): Tensor =>
  typeof b === 'number' ? scale(a, b) : mulRow({ a, b }, {}).y;
/** a / b, broadcast. */
export const div = (a: Tensor, b: Tensor | number): Tensor =>
  typeof b === 'number' ? scale(a, 1 / b) : divRow({ a, b }, {}).y;

/** The shape both shapes repeat to. */
function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  check(rank <= 4, `broadcasting works up to 4 axes, here are ${rank}`, 'reshape both to fewer axes');
  return Array.from({ length: rank }, (_, i) => {
    const m = fromEnd(a, i - rank);
    const n = fromEnd(b, i - rank);
    const text = `${shapeText(a)} and ${shapeText(b)} do not broadcast: ${m} against ${n}`;
    check(m === n || m === 1 || n === 1, text, 'an axis must be equal in both, or 1, or missing');
    return Math.max(m, n);
  });
}

/** The extent of an axis counted from the end (-1 is the last); 1 where the shape has no such axis. */
const fromEnd = (shape: Shape, axis: number): number => shape[shape.length + axis] ?? 1;

const padded = (shape: Shape): number[] => [...Array<number>(4 - shape.length).fill(1), ...shape];

function extents(shape: Shape): Record<string, number> {
  const [, D1, D2, D3] = padded(shape);
  return { D1, D2, D3 };
}

function strides(name: 'a' | 'b', shape: Shape): Record<string, number> {
  const result: Record<string, number> = {};
  let step = 1;
  for (const [i, extent] of [...padded(shape).entries()].reverse()) {
    result[`${name}${i}`] = extent === 1 ? 0 : step;
    step *= extent;
  }
  return result;
}

/** Sums a gradient over the axes along which its tensor was repeated. */
function unbroadcast(d: Tensor, shape: Shape): Tensor {
  let result = d;
  const rank = d.shape.length;
  for (let axis = 0; axis < rank; axis++) {
    if (fromEnd(shape, axis - rank) !== d.shape[axis]) result = sum(result, axis, { keep: true });
  }
  return reshape(result, shape);
}
