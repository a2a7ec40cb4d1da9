// Sums and means over axes.

import { callerLine, check, inContext, hereStack, shapeText, shown } from '../../graph/check';
import { checked, flag } from '../../graph/options';
import { sizeOf, type Shape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { reshape } from '../layout/view';
import { sumMiddle } from './sumMiddle';

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
