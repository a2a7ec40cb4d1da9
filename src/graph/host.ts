// Values on the host: what a step is called with, and what a reading gives back.

import { fail, shapeText } from './check';
import { sizeOf, type Shape, type TypedArray } from './tensor';

/** An array with a shape. Anything that looks like this can be passed to a recorded step. */
export interface HostArray {
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** Wraps numbers as a host array; f32 unless a Uint32Array is given. */
export function array(shape: Shape, data: TypedArray | readonly number[]): HostArray {
  const typed = data instanceof Uint32Array || data instanceof Float32Array ? data : Float32Array.from(data);
  if (typed.length !== sizeOf(shape)) {
    fail(`array: ${typed.length} values do not fill the shape ${shapeText(shape)}.`, {
      fix: `give ${sizeOf(shape)} values, or another shape.`,
    });
  }
  return { shape, data: typed };
}
