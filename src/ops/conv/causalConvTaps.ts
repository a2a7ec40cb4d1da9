// One step of a dilated causal convolution of many rows: what its taps see is gathered from the ring, and one product
// with the weights is the step.

import tapsKernel from '../../../shaders/conv/causalConvTaps.wgsl';
import { defineOp } from '../../graph/op';
import type { State } from '../../graph/state';
import { effect } from '../../graph/tape';
import type { Tensor } from '../../graph/tensor';
import { add } from '../elementwise/binary';
import type { Activation } from '../elementwise/activation';
import { gate, isGate, type GateForm } from '../elementwise/gate';
import { relu, sigmoid, tanh } from '../elementwise/unary';
import { detach, reshape } from '../layout/view';
import { matmul } from '../matmul/matmul';

/** What is computed: as of causalConvStep. */
interface TapsStep {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly ring: State;
  readonly position: Tensor;
  readonly bias?: Tensor;
  readonly beside?: Tensor;
  readonly activation: Activation | GateForm;
}

const UNARY = { relu, sigmoid, tanh, none: (sums: Tensor) => sums } as const;

/** The step as a product: y [B, O], of a gate [B, O/2]. */
export function causalConvTaps({ x, w, ring, position, bias, beside, activation }: TapsStep): Tensor {
  const [K, C, O] = w.shape;
  const { after, seen } = causalConvTapsOp({ ring, x, position }, { K });
  effect(after, 'causalConvStep');
  const product = matmul(seen, reshape(w, [K * C, O]), { bias });
  const sums = beside ? add(product, beside) : product;
  return detach(isGate(activation) ? gate(sums, activation) : UNARY[activation](sums));
}

/** What K taps see at one position, [B, K · C], the earliest first. */
export const causalConvTapsOp = defineOp<'ring' | 'x' | 'position', 'after' | 'seen', { readonly K: number }>(
  {
    name: 'causalConvTaps',
    inputs: { ring: 'B L C', x: 'B C', position: '1' },
    outputs: { after: 'B L C', seen: '*' },
    integers: ['position'],
    stops: ['ring', 'x', 'position'],
    inPlace: { after: 'ring' },
    shape: ({ ring: [B, L, C] }, { K }) => ({ after: [B, L, C], seen: [B, K * C] }),
    dispatch: ({ after, seen }, { L }, { K }) => ({
      kernel: tapsKernel.with({}),
      bind: { ring: after, y: seen },
      params: { size: seen.size, K, dilation: K > 1 ? (L - 1) / (K - 1) : 1 },
      threads: [seen.size],
    }),
  },
);
