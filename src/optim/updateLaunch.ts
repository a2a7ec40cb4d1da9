// How the kernels of all optimizers are launched, over parameters `p`.

import { elementwise } from '../graph/elementwise';
import type { Kernel } from '../graph/kernel';
import type { Attrs, Dispatch, Part } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import { bindableParts } from './parts';

export interface UpdateAttrs extends Attrs {
  /** Gradients are scaled down to a norm. */
  readonly clip: boolean;
}

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
      // One vec4 of each of so many tensors fills the registers.
      ...elementwise(kernel, size, { EACH: 1, CLIP }),
      bind: Object.fromEntries(long),
      params: { size },
    };
  });
}
