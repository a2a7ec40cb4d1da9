// How a sum over the middle one of three axes is launched, and how parts of a sum are joined.

import reduceSumKernel from '../../../shaders/reduce/reduceSum.wgsl';
import reduceSumWideKernel from '../../../shaders/reduce/reduceSumWide.wgsl';
import type { Dispatch, Tensor } from '../../graph/tensor';

/** x [P, R, Q], summed over R in S parts, `length` terms each. */
export interface SumSizes {
  readonly P: number;
  readonly R: number;
  readonly Q: number;
  readonly S: number;
  readonly length: number;
}

/** Elements that one thread makes. */
export const sumWidth = (Q: number): number => (Q % 4 ? 1 : 4);

/** y [P, S, Q] = factor times the parts. */
export function reduceDispatch(bind: { x: Tensor; y: Tensor }, sizes: SumSizes, factor: number): Dispatch {
  const { P, Q, S } = sizes;
  const kernel = (sumWidth(Q) > 1 ? reduceSumWideKernel : reduceSumKernel).with();
  return { kernel, bind, params: { ...sizes, factor }, threads: [(P * S * Q) / sumWidth(Q)] };
}

/** y = the sum of S parts, each as large as y. */
export const joinParts = (parts: Tensor, y: Tensor, S: number): Dispatch =>
  reduceDispatch({ x: parts, y }, { P: 1, R: S, Q: y.size, S: 1, length: S }, 1);
