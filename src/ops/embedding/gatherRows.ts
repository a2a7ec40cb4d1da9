// Rows picked by number, of any type: the states of the sequences that a beam search goes on with.
//
//   y[m,…] = x[rows[m],…]

import kernel from '../../../shaders/embedding/gatherRows.wgsl';
import { check } from '../../graph/check';
import { NONE } from '../../graph/none';
import { defineOp } from '../../graph/op';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { embeddingDtable } from './embedding';
import { reshape } from '../layout/view';

/**
 * The rows of x [N, ...] that the u32 `rows` [M] name, as [M, ...]; one may be named several times, or not at all. A
 * number that is not below N gives NaN, or 2^32 − 1 where x holds u32, and has no gradient.
 */
export const gatherRows = (x: Tensor, rows: Tensor): Tensor => gatherRowsOp({ x, rows }, {}).y;

const NAN = 0x7fc00000;

const gatherRowsOp = defineOp<'x' | 'rows', 'y'>({
  name: 'gatherRows',
  inputs: { x: '*', rows: 'M' },
  outputs: { y: '*' },
  anyType: true,
  rules(_d, _a, { x, rows }) {
    check(x.shape.length > 0, 'x has no rows', 'x must be [N, ...]');
    check(rows.dtype === 'u32', 'rows holds f32 but u32 is needed', 'pass a Uint32Array');
  },
  shape: ({ x: [, ...rest], rows: [M] }) => ({ y: [M, ...rest] }),
  dispatch({ x, y }, { M }) {
    const C = sizeOf(x.shape.slice(1));
    const missing = x.dtype === 'u32' ? NONE : NAN;
    return {
      kernel: kernel.with({ ALIGNED: C % 4 === 0 }),
      params: { size: y.size, N: x.shape[0], M, C, missing },
      threads: [Math.ceil(y.size / 4)],
    };
  },
  gradient({ x, rows, dy }) {
    const V = x.shape[0];
    const { dtable } = embeddingDtable({ ids: rows, dy: reshape(dy, [dy.shape[0], -1]) }, { V });
    return { x: reshape(dtable, x.shape) };
  },
});
