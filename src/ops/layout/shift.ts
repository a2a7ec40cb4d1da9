// The same numbers some places later (or earlier) along an axis; zeros come in, and what leaves is lost.
//
//   y[…,t,…] = x[…, t − by, …]        0 where there is no such place

import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { strided } from './copyView';

const shiftOp = defineOp<'x', 'y', { axis: number; by: number }>({
  name: 'shift',
  anyType: true,
  inputs: { x: '...' },
  outputs: { y: '...' },
  rules(_d, { axis, by }, { x }) {
    check(axis in x.shape, `x has no axis ${axis}`);
    const extent = x.shape[axis];
    const whole = Number.isInteger(by) && Math.abs(by) < extent;
    check(whole, `an axis of ${extent} cannot be shifted by ${by}`, 'give a whole number below its length');
  },
  dispatch({ x, y }, _d, { axis, by }) {
    const [P, extent, Q] = [x.shape.slice(0, axis), [x.shape[axis]], x.shape.slice(axis + 1)].map(sizeOf);
    const bounds = { offset: by < 0 ? -by * Q : 0, start: Math.max(by, 0), length: extent - Math.abs(by) };
    return strided(y, [P, extent, 1, Q], [extent * Q, Q, 0, 1], bounds, true);
  },
  gradient: ({ dy }, _d, { axis, by }) => ({ x: shift(dy, axis, -by) }),
});

/** x, `by` places later along `axis` (earlier where negative), with zeros where nothing comes from. */
export const shift = (x: Tensor, axis: number, by: number): Tensor =>
  by === 0 ? x : shiftOp({ x }, { axis: axis < 0 ? axis + x.shape.length : axis, by }).y;
