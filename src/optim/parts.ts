// A flat buffer of all parameters may be larger than what a device binds at once, 128 MiB on many: kernels then take it
// part by part.

import { WIDE } from '../graph/state';
import type { Traits } from '../graph/traits';

/** Consecutive elements of a flat buffer. */
export interface Range {
  readonly offset: number;
  readonly size: number;
}

/** `size` elements in parts that can be bound, each but the last a multiple of `step` long. */
export function bindableParts(size: number, { maxBindingBytes }: Traits, step = WIDE): Range[] {
  const most = Math.max(step, Math.floor(maxBindingBytes / 4 / step) * step);
  return Array.from({ length: Math.ceil(size / most) }, (_, i) => {
    const offset = i * most;
    return { offset, size: Math.min(most, size - offset) };
  });
}
