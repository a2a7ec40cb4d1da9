// Softmax and its logarithm over the last axis.
//
//   softmax[…,v] = exp(x[…,v]) / Σ_u exp(x[…,u])        logSoftmax[…,v] = x[…,v] − log Σ_u exp(x[…,u])

import softmaxKernel from '../../../shaders/norm/softmax.wgsl';
import softmaxDxKernel from '../../../shaders/norm/softmaxDx.wgsl';
import softmaxDxRowsKernel from '../../../shaders/norm/softmaxDxRows.wgsl';
import softmaxRowsKernel from '../../../shaders/norm/softmaxRows.wgsl';
import { check } from '../../graph/check';
import type { Kernel } from '../../graph/kernel';
import { defineOp } from '../../graph/op';
import type { Dispatch, Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** Shorter rows are read by one thread even where workgroups are cheap. */
const LONG = 64;

interface Rows {
  readonly N: number;
  readonly V: number;
}

/** A thread for each row, or a workgroup where rows are long and barriers cheap. */
function overRows(
  kernel: Kernel,
  rowsKernel: Kernel,
  LOG: boolean,
  { N, V }: Rows,
  traits: Traits,
): Dispatch {
  return traits.family === 'workgroup' && V >= LONG
    ? { kernel: rowsKernel.with({ LOG }), workgroups: [N] }
    : { kernel: kernel.with({ LOG }), threads: [N] };
}

/* @__NO_SIDE_EFFECTS__ */
function row(name: string, LOG: boolean): (x: Tensor, ...more: never[]) => Tensor {
  const dxOp = defineOp<'y' | 'dy', 'dx'>({
    name: `${name}Dx`,
    inputs: { y: '... V', dy: '... V' },
    outputs: { dx: '... V' },
    dispatch: (_t, { N, V }, _a, traits) =>
      overRows(softmaxDxKernel, softmaxDxRowsKernel, LOG, { N, V }, traits),
    flops: ({ y }) => 4 * y.size,
  });
  const op = defineOp<'x', 'y'>({
    name,
    inputs: { x: '... V' },
    outputs: { y: '... V' },
    dispatch: (_t, { N, V }, _a, traits) => overRows(softmaxKernel, softmaxRowsKernel, LOG, { N, V }, traits),
    gradient: ({ y, dy }) => ({ x: dxOp({ y, dy }, {}).dx }),
    flops: ({ x }) => 5 * x.size,
  });
  return (x, ...more) => {
    check(!more.length, `${name}: it is over the last axis, and takes the tensor alone`, 'transpose first');
    return op({ x }, {}).y;
  };
}

/**
 * Probabilities over the last axis of x [..., V]. A value of −∞ has probability 0; a row with NaN or +∞, or of nothing
 * but −∞, is NaN.
 */
export const softmax = row('softmax', false);
/** Their logarithms, exact where the probabilities themselves would be 0. */
export const logSoftmax = row('logSoftmax', true);
