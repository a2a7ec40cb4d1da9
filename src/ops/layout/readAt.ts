// One place of an axis, named by a number that the device has: what a step reads, it need not be told by the host.
//
//   y[b,…] = x[b, (position + offset) mod L, …]

import readAtKernel from '../../../shaders/layout/readAt.wgsl';
import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { checked, integer, type Rules } from '../../graph/options';
import { sizeOf, type Shape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

/** Which place of a state is meant. */
export interface PlaceOptions {
  /** Added to the position; default: 0. */
  readonly offset?: number;
}

/**
 * x[:, position + offset], of x [B, L, ...] of either type: y [B, ...]. `position` is u32 [1]; places are counted
 * modulo L, so that x may be a ring: position + L is the same place, and so is position − L. It has no gradient.
 */
export function readAt(x: Tensor, position: Tensor, options: PlaceOptions = {}): Tensor {
  const { offset = 0 } = checked('readAt', options, PLACE);
  return readAtOp({ x, position }, { offset }).y;
}

/** The rules of PlaceOptions, see graph/options. */
export const PLACE: Rules<PlaceOptions> = { offset: integer };

const readAtOp = defineOp<'x' | 'position', 'y', { offset: number }>({
  name: 'readAt',
  inputs: { x: '*', position: '1' },
  outputs: { y: '*' },
  anyType: true,
  stops: ['x', 'position'],
  rules: (_d, _a, { x, position }) => checkPlace(x, position),
  shape: ({ x: [B, , ...rest] }) => ({ y: [B, ...rest] }),
  dispatch: ({ x, y }, _d, { offset }) => ({
    kernel: readAtKernel.with(),
    params: { size: y.size, ...placeParams(x.shape, offset) },
    threads: [y.size],
  }),
});

/** What places of an axis need, to be read or written. */
export function checkPlace(x: Tensor, position: Tensor): void {
  check(x.shape.length >= 2, 'there are no places', 'give [B, L, ...]');
  check(position.dtype === 'u32', `position holds ${position.dtype}`, 'give a u32 [1]');
}

/** The position itself is modulo 2^32, of which L need not be a divisor: so offsets are made positive. */
export const placeParams = (
  [, L, ...rest]: Shape,
  offset: number,
): { L: number; Q: number; offset: number } => ({
  L,
  Q: sizeOf(rest),
  offset: ((offset % L) + L) % L,
});
