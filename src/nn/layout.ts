// Between a parameter's layout here and PyTorch's: split the axes, permute them, or the other way round.

import { sizeOf, type Shape } from '../graph/shape';
import type { TorchLayout } from '../graph/state';

/** What is known of a parameter, or of a state that is stored as it is. */
interface Stored {
  readonly shape: Shape;
  readonly torch?: TorchLayout;
}

/** The shape that PyTorch has for a parameter. */
export const torchShape = ({ shape, torch }: Stored): Shape => torch?.shape ?? shape;

/** Our values in PyTorch's order. */
export const toTorch = ({ torch }: Stored, values: Float32Array): Float32Array =>
  moved(torch, values, (ours, theirs, from, to) => (to[theirs] = from[ours]));

/** PyTorch's values in our order. */
export const fromTorch = ({ torch }: Stored, values: Float32Array): Float32Array =>
  moved(torch, values, (ours, theirs, from, to) => (to[ours] = from[theirs]));

function moved(
  layout: TorchLayout | undefined,
  values: Float32Array,
  move: (ours: number, theirs: number, from: Uint32Array, to: Uint32Array) => void,
): Float32Array {
  if (!layout) return values;
  const { split, permute } = layout;
  // Bits are moved, not numbers, so that a NaN keeps its payload.
  const from = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const to = new Uint32Array(values.length);
  const strides = split.map((_, axis) => sizeOf(split.slice(axis + 1)));
  const extents = permute.map((axis) => split[axis]);
  const steps = permute.map((axis) => strides[axis]);
  for (let ours = 0; ours < values.length; ours++) {
    let rest = ours;
    let theirs = 0;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      theirs += (rest % extents[axis]) * steps[axis];
      rest = Math.floor(rest / extents[axis]);
    }
    move(ours, theirs, from, to);
  }
  return new Float32Array(to.buffer);
}
