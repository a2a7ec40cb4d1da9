// How elementwise work is launched: a thread takes one vec4 of a small tensor and four of a large one, which lie a
// workgroup apart, so that neighbouring threads read neighbouring memory. Where the work comes out even, nothing is
// guarded: a fifth of the time on a CPU adapter.

import type { ConstantValue, Kernel } from './kernel';
import type { Dispatch } from './tensor';
import { LARGE, WIDE } from './state';

/** Workgroups on an axis of any device; more would be folded, and the last row has some too many. */
const MOST = 65535;
const EACH = 4;
const WORKGROUP = WIDE / 4 / EACH;

/** A launch over `size` elements, in vec4s, of a kernel with the constants WORKGROUP and EACH. */
export function elementwise(
  kernel: Kernel,
  size: number,
  switches: Readonly<Record<string, ConstantValue>> = {},
): Pick<Dispatch, 'kernel' | 'workgroups' | 'whole'> {
  const each = 4 * Number(switches.WORKGROUP ?? WORKGROUP) * Number(switches.EACH ?? EACH);
  if (size < LARGE || size > MOST * each) {
    const variant = kernel.with(switches);
    const { constants } = variant;
    return { kernel: variant, workgroups: [Math.ceil(size / 4 / constants.WORKGROUP / constants.EACH)] };
  }
  const WHOLE = size % each === 0;
  return {
    kernel: kernel.with({ WORKGROUP, EACH, ...switches, WHOLE }),
    workgroups: [Math.ceil(size / each)],
    whole: WHOLE,
  };
}
