// How the kernels of all optimizers are launched: parameters `p`, their gradients `g`, and the gradients' global norm,
// given where they are clipped by it.

import { elementwise } from '../graph/elementwise';
import type { Kernel } from '../graph/kernel';
import type { Dispatch, Part } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import { bindableParts } from './parts';

interface Updated {
  readonly p: Tensor;
  readonly g: Tensor;
  readonly norm?: Tensor;
}

/** `t`: everything that the op has; what is as long as p is taken part by part, where it is too long for a binding. */
export function updateLaunch(
  kernel: Kernel,
  t: Updated & Readonly<Record<string, Tensor | undefined>>,
  traits: Traits,
): Dispatch[] {
  const { p, g, norm } = t;
  return bindableParts(p.size, traits).map(({ offset, size }) => {
    const part = (tensor: Tensor): Part => ({ tensor, offset, size });
    const long = Object.entries(t).flatMap(([name, x]) => (x?.size === p.size ? [[name, part(x)]] : []));
    return {
      // One vec4 of each of so many tensors fills the registers.
      ...elementwise(kernel, size, { EACH: 1, CLIP: norm !== undefined }),
      bind: { ...Object.fromEntries(long), norm: norm ?? part(g) },
      params: { size },
    };
  });
}
