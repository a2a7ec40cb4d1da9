// Sums over the middle one of three axes, in two launches where one would leave most of the device idle.

import reduceSumDxKernel from '../../../shaders/reduce/reduceSumDx.wgsl';
import { defineOp } from '../../graph/op';
import type { Tensor } from '../../graph/tensor';
import { gatheredRows } from '../layout/pickedRows';
import { reshape } from '../layout/view';
import { reduceDispatch, sumWidth } from './reduceDispatch';

interface Attrs {
  readonly factor: number;
}

/** y[p,q] = factor · Σ_r x[p,r,q], by way of `parts` [P, S, Q] when S > 1. */
const reduceSumOp = defineOp<'x', 'y' | 'parts', Attrs>({
  name: 'reduceSum',
  inputs: { x: 'P R Q' },
  outputs: { y: 'P Q', parts: '*' },
  shape: ({ x: [P, R, Q] }) => ({ y: [P, Q], parts: splits(P, R, Q) > 1 ? [P, splits(P, R, Q), Q] : [] }),
  dispatch({ x, y, parts }, { P, R, Q }, { factor }) {
    const S = splits(P, R, Q);
    if (S === 1) return reduceDispatch({ x, y }, { P, R, Q, S, length: R }, factor);
    return [
      reduceDispatch({ x, y: parts }, { P, R, Q, S, length: Math.ceil(R / S) }, 1),
      reduceDispatch({ x: parts, y }, { P, R: S, Q, S: 1, length: S }, factor),
    ];
  },
  flops: ({ x }) => x.size,
  gradient: ({ dy }, { R }, { factor }) => ({ x: reduceSumDxOp({ dy }, { R, factor }).dx }),
  // The sum of all rows, of which there are sums already.
  rewrite(seen) {
    const { P, Q } = seen.dims;
    const sums = P === 1 && Q > 1 ? gatheredRows(seen.t.x, seen) : null;
    return sums && { y: sumMiddle(reshape(sums, [1, ...sums.shape]), seen.attrs.factor) };
  },
});

/** dx[p,r,q] = factor · dy[p,q]. */
const reduceSumDxOp = defineOp<'dy', 'dx', Attrs & { R: number }>({
  name: 'reduceSumDx',
  inputs: { dy: 'P Q' },
  outputs: { dx: '*' },
  shape: ({ dy: [P, Q] }, { R }) => ({ dx: [P, R, Q] }),
  dispatch: ({ dx }) => ({
    kernel: reduceSumDxKernel.with(),
    params: { size: dx.size },
    threads: [Math.ceil(dx.size / 4)],
  }),
  gradient: ({ ddx }, _d, { factor }) => ({ dy: sumMiddle(ddx, factor) }),
});

/** At least this many elements are summed by one thread. */
const LEAST = 64;
/** As many threads as keep any adapter busy. */
const ENOUGH = 4096;

const splits = (P: number, R: number, Q: number): number =>
  Math.max(1, Math.min(Math.floor(R / LEAST), Math.floor((ENOUGH * sumWidth(Q)) / (P * Q))));

/** factor · Σ over the middle axis of [P, R, Q], as [P, Q]. */
export const sumMiddle = (x: Tensor, factor = 1): Tensor => reduceSumOp({ x }, { factor }).y;

/** Σ of all rows of x [..., N], as [N]. */
export function sumRows(x: Tensor): Tensor {
  const N = x.shape.at(-1)!;
  return reshape(sumMiddle(reshape(x, [1, -1, N])), [N]);
}
