// An argument that is on the GPU already: a buffer of the caller's, copied there and never through the CPU.

import { check, shapeText, shown } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import { checkShape, sizeOf, type DType, type Shape } from '../../graph/shape';
import { COPY_SRC } from '../device/usages';
import type { Located } from './replayMemory';

/** Numbers of a shape in a buffer on the engine's device. */
export class GpuArray {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    /** Itself, as argument i of a step; throws while the host has the buffer. */
    readonly given: (i: number) => GpuArray,
    /** Records that its numbers are copied. */
    readonly copy: (encoder: GPUCommandEncoder, to: Located) => void,
  ) {}
}

/** What a step is called with, checked. */
export type Given = HostArray | GpuArray;

/**
 * `shape` values of 4 bytes each that start `offset` bytes into a buffer of the engine's device, as an argument of a
 * step. The buffer needs the usage COPY_SRC; it is read when the step runs, in the order of the queue, and stays the
 * caller's.
 */
export function gpuArray(shape: Shape, buffer: GPUBuffer, offset = 0, dtype: DType = 'f32'): GpuArray {
  checkShape(shape);
  const bytes = sizeOf(shape) * 4;
  const what = `gpuArray: ${dtype} ${shapeText(shape)}`;
  check(dtype === 'f32' || dtype === 'u32', `${what} has an unknown type`, "give 'f32' or 'u32'");
  check(
    typeof buffer?.usage === 'number',
    `${what}: ${shown(buffer)} is no buffer of a device`,
    'give a GPUBuffer; numbers that the host has are array(shape, data)',
  );
  check(
    (buffer.usage & COPY_SRC) !== 0,
    `${what}: the buffer cannot be copied from`,
    'create it with GPUBufferUsage.COPY_SRC among its usages',
  );
  check(
    Number.isInteger(offset) && offset >= 0 && offset % 4 === 0,
    `${what} starts at byte ${offset}`,
    'give a multiple of 4',
  );
  check(
    offset + bytes <= buffer.size,
    `${what} takes ${bytes} bytes from byte ${offset} on, but the buffer has ${buffer.size}`,
    'give a larger buffer or a smaller shape',
  );
  // Here, so that who makes none pays for none of these words.
  const given = (i: number) => {
    // Not every implementation has the word.
    const free = (buffer.mapState ?? 'unmapped') === 'unmapped';
    check(
      free,
      `argument ${i + 1} of the step: its buffer is ${buffer.mapState}`,
      'unmap() it before the call',
    );
    return one;
  };
  const copy = (encoder: GPUCommandEncoder, to: Located) =>
    encoder.copyBufferToBuffer(buffer, offset, to.buffer, to.offset * 4, bytes);
  const one: GpuArray = new GpuArray([...shape], dtype, given, copy);
  return one;
}

/** The element type of an argument: f32 or u32. */
export const dtypeOfGiven = (given: Given): DType => {
  if (given instanceof GpuArray) return given.dtype;
  return given.data instanceof Uint32Array ? 'u32' : 'f32';
};
