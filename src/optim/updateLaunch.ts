// How the kernels of all optimizers are launched: parameters `p`, their gradients `g`, and the gradients' global norm,
// given where they are clipped by it.

import { elementwise } from '../graph/elementwise';
import type { Kernel } from '../graph/kernel';
import type { Dispatch } from '../graph/op';
import type { Tensor } from '../graph/tensor';

interface Updated {
  readonly p: Tensor;
  readonly g: Tensor;
  readonly norm?: Tensor;
}

export const updateLaunch = (kernel: Kernel, { p, g, norm }: Updated): Dispatch => ({
  // One vec4 of each of so many tensors fills the registers.
  ...elementwise(kernel, p.size, { EACH: 1, CLIP: norm !== undefined }),
  bind: { norm: norm ?? g },
  params: { size: p.size },
});
