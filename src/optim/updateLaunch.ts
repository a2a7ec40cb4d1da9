// How the kernels of all optimizers are launched, over parameters `p`.

import { elementwise } from '../graph/elementwise';
import type { Kernel } from '../graph/kernel';
import type { Attrs, Dispatch, Part, Tensor } from '../graph/tensor';
import { LARGE, WIDE } from '../graph/state';
import type { Traits } from '../graph/traits';
import { bindableParts } from './parts';

export interface UpdateAttrs extends Attrs {
  /** Gradients are scaled down to a norm. */
  readonly clip: boolean;
}

/**
 * One vec4 of each of so many tensors fills the registers, so a thread takes one after the other: starting a thread,
 * and the numbers that all of them need, are a third of the time on a CPU adapter. Together it is what flat buffers
 * are padded to.
 */
const LONG = { WORKGROUP: 64, EACH: WIDE / 4 / 64 };

/** `t`: everything that the op has; what is as long as p is taken part by part, where it is too long for a binding. */
export function updateLaunch(
  kernel: Kernel,
  t: { readonly p: Tensor } & Readonly<Record<string, Tensor>>,
  CLIP: boolean,
  traits: Traits,
): Dispatch[] {
  const { p } = t;
  return bindableParts(p.size, traits).map(({ offset, size }) => {
    const part = (tensor: Tensor): Part => ({ tensor, offset, size });
    const long = Object.entries(t).flatMap(([name, x]) => (x.size === p.size ? [[name, part(x)]] : []));
    return {
      ...elementwise(kernel, size, size < LARGE ? { CLIP } : { ...LONG, CLIP }),
      bind: Object.fromEntries(long),
      params: { size },
    };
  });
}
