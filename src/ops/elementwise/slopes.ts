// The way back through functions of one tensor: dy times the derivative, which is a step of chain.wgsl.

import type { Kernel } from '../../graph/kernel';
import { defineOp } from '../../graph/op';
import { launchStep } from '../../graph/steps';
import type { Link, Tensor } from '../../graph/tensor';

/** dy · f'(x), of dy and of the tensor in which f' is written: x or y. */
export type Slope = (u: Tensor, dy: Tensor) => Tensor;

/** The way back through the function of that name, a step of `kernel`. */
/* @__NO_SIDE_EFFECTS__ */
export function slopeOf(name: string, kernel?: Kernel): Slope {
  const link: Link = { does: `${name}Dx`, kernel, operand: 'u' };
  const op = defineOp<'u' | 'dy', 'dx'>({
    name: `${name}Dx`,
    inputs: { u: '...', dy: '...' },
    outputs: { dx: '...' },
    dispatch: ({ u, dy, dx }) => launchStep(link, dy, dx, { operand: u }),
    link: (through) => (through === 'dy' ? link : null),
  });
  return (u, dy) => op({ u, dy }, {}).dx;
}

/** Those through what a product can apply to its result, written in y. */
export const slopes = { relu: slopeOf('relu'), tanh: slopeOf('tanh'), sigmoid: slopeOf('sigmoid') };
