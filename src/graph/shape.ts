// Shapes and element types: what is known of a tensor without its value.

import { check, shapeText, shown } from './check';

/** Extents of a tensor's axes; [] is a single number. */
export type Shape = readonly number[];
/** What the elements of a tensor are. */
export type DType = 'f32' | 'u32';
/** Elements on the host. */
export type TypedArray = Float32Array | Uint32Array;

const isList = (shape: unknown): shape is Shape =>
  Array.isArray(shape) && shape.every((extent) => Number.isInteger(extent) && extent > 0);

/** Lists of whole numbers: no tensor is empty. */
export const isShape = (shape: unknown): shape is Shape =>
  isList(shape) && Number.isSafeInteger(sizeOf(shape));

/** Every tensor passes here. */
export function checkShape(shape: Shape): void {
  if (isShape(shape)) return;
  const text = Array.isArray(shape) ? shapeText(shape) : shown(shape);
  const size = isList(shape) ? sizeOf(shape) : 0;
  const much = `${size.toPrecision(3)} elements, ${(size / 2 ** 28).toPrecision(3)} GiB`;
  check(!size, `${text} is too large: ${much}`, 'make it smaller');
  check(false, `${text} is no shape`, 'give whole numbers of at least 1');
}

/** How many elements a tensor of this shape has. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1);
