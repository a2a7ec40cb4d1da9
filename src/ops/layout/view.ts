// The same elements under another shape (free), or in another order, or some of them (one copy).

import { check, shapeText, shown } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { isShape, sizeOf, type Shape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { copyLaunch, strided } from './copyView';

const reshapeOp = defineOp<'x', 'y', { shape: Shape }>({
  name: 'reshape',
  inputs: { x: '*' },
  outputs: { y: '*' },
  anyType: true,
  view: true,
  shape({ x }, { shape }) {
    const [own, other] = [sizeOf(x), sizeOf(shape)];
    const text = `${own} elements do not fill ${shapeText(shape)}, which has ${other}`;
    check(own === other, text, `give a shape of ${own} elements`);
    return { y: shape };
  },
  dispatch: () => [],
  gradient: ({ x, dy }) => ({ x: reshape(dy, x.shape) }),
});

/** The same elements in the same order; costs nothing. One axis may be -1: what is left over. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const rest = Array.isArray(shape) ? shape.indexOf(-1) : 0;
  check(
    Array.isArray(shape) && isShape(shape.map((extent, i) => (i === rest ? 1 : extent))),
    `reshape: ${Array.isArray(shape) ? shapeText(shape) : shown(shape)} is no shape`,
    'give whole numbers of at least 1, one may be -1',
  );
  const known = shape.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
  const whole = shape.map((extent) => (extent === -1 ? Math.ceil(x.size / known) : extent));
  return shapeText(whole) === shapeText(x.shape) ? x : reshapeOp({ x }, { shape: whole }).y;
}

/** x, through which no gradient flows back: what computed x is a constant to a loss behind it. Costs nothing. */
export const detach = (x: Tensor): Tensor => detachOp({ x }, {}).y;

const detachOp = defineOp<'x', 'y'>({
  name: 'detach',
  inputs: { x: '*' },
  outputs: { y: '*' },
  anyType: true,
  view: true,
  stops: ['x'],
  shape: ({ x }) => ({ y: x }),
  dispatch: () => [],
});

/** Axis i of the result is axis `axes[i]` of x; default: the last two are swapped. */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  check(
    axes === undefined || Array.isArray(axes),
    `transpose: the axes are ${shown(axes)}`,
    'give a list of all axes',
  );
  const rank = x.shape.length;
  const order = axes ?? [...Array(Math.max(0, rank - 2)).keys(), rank - 1, rank - 2];
  return order.every((axis, i) => axis === i) && order.length === rank
    ? x
    : transposeOp({ x }, { axes: order }).y;
}

const transposeOp = defineOp<'x', 'y', { axes: readonly number[] }>({
  name: 'transpose',
  inputs: { x: '*' },
  outputs: { y: '*' },
  anyType: true,
  shape({ x }, { axes }) {
    const all = x.every((_, axis) => axes.includes(axis)) && axes.length === x.length;
    check(
      all,
      `axes ${shapeText(axes)} are not the ${x.length} axes of x`,
      `name each of 0 to ${x.length - 1} once`,
    );
    return { y: axes.map((axis) => x[axis]) };
  },
  dispatch: ({ x, y }, _d, { axes }) =>
    copyLaunch(
      y,
      axes.map((axis) => [x.shape[axis], sizeOf(x.shape.slice(axis + 1))]),
    ),
  gradient: ({ dy }, _d, { axes }) => ({
    x: transpose(
      dy,
      axes.map((_, axis) => axes.indexOf(axis)),
    ),
  }),
});

/** Elements start … end − 1 of one axis of x [...]. Negative numbers count from the end. */
export function slice(x: Tensor, axis: number, start: number, end = x.shape.at(axis)): Tensor {
  const rank = x.shape.length;
  const extent = x.shape.at(axis) ?? 0;
  const fromStart = (i: number, whole: number) => (i < 0 ? i + whole : i);
  const attrs = {
    axis: fromStart(axis, rank),
    start: fromStart(start, extent),
    end: fromStart(end ?? 0, extent),
  };
  return attrs.axis < rank && attrs.start === 0 && attrs.end === extent ? x : sliceOp({ x }, attrs).y;
}

/** The last step of x [B, T, C], as [B, C]. */
export const lastStep = (x: Tensor): Tensor => reshape(slice(x, 1, -1), [x.shape[0], -1]);

const sliceOp = defineOp<'x', 'y', { axis: number; start: number; end: number }>({
  name: 'slice',
  inputs: { x: '*' },
  outputs: { y: '*' },
  anyType: true,
  shape({ x }, { axis, start, end }) {
    check(axis in x, `x has no axis ${shown(axis)}`);
    const whole = Number.isInteger(start) && Number.isInteger(end);
    check(
      whole && start >= 0 && start < end && end <= x[axis],
      `${start} to ${end} is no part of an axis of ${x[axis]}`,
    );
    return { y: withExtent(x, axis, end - start) };
  },
  dispatch({ x, y }, _d, { axis, start }) {
    const [P, R, Q] = around(x.shape, axis);
    return copyLaunch(
      y,
      [
        [P, R * Q],
        [y.shape[axis], Q],
        [Q, 1],
      ],
      start * Q,
    );
  },
  gradient: ({ x, dy }, _d, { axis, start }) => ({ x: pad(dy, axis, x.shape[axis], start) }),
});

/** x from `start` on, of an axis of `extent` that is zero elsewhere. */
export const pad = (x: Tensor, axis: number, extent: number, start = 0): Tensor =>
  padOp({ x }, { axis, start, extent }).y;

/** The way back from a slice. */
const padOp = defineOp<'x', 'y', { axis: number; start: number; extent: number }>({
  name: 'pad',
  anyType: true,
  inputs: { x: '*' },
  outputs: { y: '*' },
  shape: ({ x }, { axis, extent }) => ({ y: withExtent(x, axis, extent) }),
  dispatch({ x, y }, _d, { axis, start, extent }) {
    const [P, length, Q] = around(x.shape, axis);
    const strides = [length * Q, Q, 0, 1];
    return strided(y, [P, extent, 1, Q], strides, { offset: 0, start, length }, true);
  },
  gradient: ({ x, dy }, _d, { axis, start }) => ({ x: slice(dy, axis, start, start + x.shape[axis]) }),
});

/** The shape with one axis of another length. */
export const withExtent = (shape: Shape, axis: number, extent: number): Shape =>
  shape.map((n, i) => (i === axis ? extent : n));

/** Any shape as three axes: those before `axis`, it, and those behind it. */
const around = (shape: Shape, axis: number): [number, number, number] => [
  sizeOf(shape.slice(0, axis)),
  shape[axis],
  sizeOf(shape.slice(axis + 1)),
];
