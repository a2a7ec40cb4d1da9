// Sums and means over axes, in two launches where one would leave most of the device idle.

import reduceSumDxKernel from '../../../shaders/reduce/reduceSumDx.wgsl';
import { callerLine, check, inContext, hereStack, shapeText, shown } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { checked, flag } from '../../graph/options';
import { sizeOf, type Shape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { gatheredRows } from '../layout/pickedRows';
import { reduceDispatch, sumWidth } from './reduceDispatch';
import { reshape } from '../layout/view';

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

/** The options of `sum` and `mean`. */
export interface ReduceOptions {
  /** Leaves the summed axis in place, with length 1. */
  readonly keep?: boolean;
}

/** Σ over one axis (negative: from the end), or over all of them, which gives a tensor of shape []. */
export const sum = (x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor =>
  reduced('sum', x, axis, options, () => 1);

/** The mean over one axis, or over all. */
export const mean = (x: Tensor, axis?: number, options: ReduceOptions = {}): Tensor =>
  reduced('mean', x, axis, options, (count) => 1 / count);

function reduced(
  name: string,
  x: Tensor,
  axis: number | undefined,
  options: ReduceOptions,
  factor: (n: number) => number,
): Tensor {
  const { keep } = checked(name, options, { keep: flag });
  if (axis === undefined) {
    const all = sumMiddle(reshape(x, [1, x.size, 1]), factor(x.size));
    return reshape(all, keep ? x.shape.map(() => 1) : []);
  }
  const stack = hereStack();
  const rank = x.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  inContext(
    name,
    () => `x ${shapeText(x.shape)}`,
    () => callerLine(stack),
    () =>
      check(
        at in x.shape && Number.isInteger(at),
        `x has ${rank} axes, but no axis ${shown(axis)}`,
        `use 0 to ${rank - 1}`,
      ),
  );
  const shape: Shape = [...x.shape.slice(0, at), ...(keep ? [1] : []), ...x.shape.slice(at + 1)];
  const count = x.shape[at];
  const wide = reshape(x, [sizeOf(x.shape.slice(0, at)), count, sizeOf(x.shape.slice(at + 1))]);
  return reshape(sumMiddle(wide, factor(count)), shape);
}
