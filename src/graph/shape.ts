// Shapes and element types: what is known of a tensor without its value.

import { check, shapeText, shown } from './check';

/** Extents of a tensor's axes; [] is a single number. */
export type Shape = readonly number[];
/** What the elements of a tensor are. */
export type DType = 'f32' | 'u32';
/** Elements on the host. */
export type TypedArray = Float32Array | Uint32Array;

/** Lists of whole numbers: no tensor is empty. */
export const isShape = (shape: unknown): shape is Shape =>
  Array.isArray(shape) &&
  shape.every((extent) => Number.isInteger(extent) && extent > 0) &&
  Number.isSafeInteger(sizeOf(shape));

/** Every tensor passes here. */
export function checkShape(shape: Shape): void {
  if (isShape(shape)) return;
  const list = Array.isArray(shape);
  const text = list ? shapeText(shape) : shown(shape);
  const size = list ? sizeOf(shape) : 0;
  check(
    !(size > 2 ** 53),
    `${text} has ${size} elements, ${Math.round(size / 2 ** 28)} GiB`,
    'make it smaller',
  );
  check(false, `${text} is no shape`, 'give whole numbers of at least 1');
}

/** How many elements a tensor of this shape has. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);
