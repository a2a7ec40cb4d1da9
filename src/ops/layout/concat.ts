// Tensors one behind the other.

import concatKernel from '../../../shaders/layout/concat.wgsl';
import { check, shapeText, shown } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { slice, withExtent } from './view';

/** Tensors one behind the other along `axis`; their other axes are equal. */
export function concat(list: readonly Tensor[], axis: number): Tensor {
  check(
    Array.isArray(list) && list.length,
    `concat: the tensors are ${shown(list)}`,
    'give a list of at least one',
  );
  if (list.length === 1) return list[0];
  const half = Math.ceil(list.length / 2);
  const [a, b] = [list.slice(0, half), list.slice(half)].map((part) => concat(part, axis));
  return concatOp({ a, b }, { axis: axis < 0 ? axis + a.shape.length : axis }).y;
}

const concatOp = defineOp<'a' | 'b', 'y', { axis: number }>({
  name: 'concat',
  inputs: { a: '*', b: '*' },
  outputs: { y: '*' },
  anyType: true,
  rules: (_d, _a, { a, b }) => check(a.dtype === b.dtype, `a holds ${a.dtype}, b ${b.dtype}`),
  shape({ a, b }, { axis }) {
    const fits =
      a.length === b.length &&
      axis in a &&
      shapeText(withExtent(a, axis, 0)) === shapeText(withExtent(b, axis, 0));
    check(
      fits,
      `${shapeText(a)} and ${shapeText(b)} do not join along axis ${axis}`,
      'all other axes must be equal',
    );
    return { y: withExtent(a, axis, a[axis] + b[axis]) };
  },
  dispatch({ a, b, y }, _d, { axis }) {
    const [inA, inB] = [a, b].map((x) => sizeOf(x.shape.slice(axis)));
    const WIDE = inA % 4 === 0 && inB % 4 === 0;
    return {
      kernel: concatKernel.with({ WIDE }),
      params: { size: y.size, inA, inB },
      threads: [Math.ceil(y.size / 4)],
    };
  },
  gradient: ({ a, dy }, _d, { axis }) => ({
    a: slice(dy, axis, 0, a.shape[axis]),
    b: slice(dy, axis, a.shape[axis]),
  }),
});
