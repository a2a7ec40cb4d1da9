// Between our order of axes and another: done once, on the host, outside of what is timed.

import { array, type HostArray } from '../../../src/graph/host';
import { sizeOf } from '../../../src/graph/shape';

/** Axis i of the result is axis `order[i]` of the given array. */
export function transposed({ shape, data }: HostArray, order: readonly number[]): HostArray {
  const result = new Float32Array(data.length);
  const extents = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => sizeOf(shape.slice(axis + 1)));
  for (let i = 0; i < data.length; i++) {
    let rest = i;
    let from = 0;
    for (let axis = order.length - 1; axis >= 0; axis--) {
      from += (rest % extents[axis]) * steps[axis];
      rest = Math.floor(rest / extents[axis]);
    }
    result[i] = data[from];
  }
  return array(extents, result);
}
