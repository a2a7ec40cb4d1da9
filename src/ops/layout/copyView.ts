// The launches that copy a strided view of a tensor.

import copyViewKernel from '../../../shaders/layout/copyView.wgsl';
import { check } from '../../graph/check';
import type { Dispatch, Tensor } from '../../graph/tensor';

/** Copies x to y; its axes are given by extent and by stride in x. Those that x has in one run become one. */
export function copyLaunch(y: Tensor, axes: readonly (readonly number[])[], offset = 0): Dispatch {
  const merged: [number, number][] = [];
  for (const [extent, stride] of axes) {
    const last = merged.at(-1);
    if (extent === 1) continue;
    if (last?.[1] === extent * stride) merged.splice(-1, 1, [last[0] * extent, stride]);
    else merged.push([extent, stride]);
  }
  check(merged.length <= 4, `this needs ${merged.length} strides`, 'move fewer axes at once: four at most');
  while (merged.length < 4) merged.unshift([1, 0]);
  const [extents, strides] = [0, 1].map((k) => merged.map((axis) => axis[k]));
  return strided(y, extents, strides, { offset, start: 0, length: 0 }, false);
}

/** Where x starts; and, when there are zeros around it, which part of axis 1 it fills. */
type Bounds = Record<'offset' | 'start' | 'length', number>;

/** Copies x to y as four axes with the strides `s` in x; see copyView.wgsl. */
export function strided(
  y: Tensor,
  [, D1, D2, D3]: number[],
  s: number[],
  bounds: Bounds,
  PAD: boolean,
): Dispatch {
  const WIDE = s[3] === 1 && [D3, s[0], s[1], s[2], bounds.offset].every((n) => n % 4 === 0);
  return {
    kernel: copyViewKernel.with({ WIDE, PAD }),
    params: { size: y.size, D1, D2, D3, s0: s[0], s1: s[1], s2: s[2], s3: s[3], ...bounds },
    threads: [Math.ceil(y.size / 4)],
  };
}
