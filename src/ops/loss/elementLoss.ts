// Losses that compare element by element: the mean over rows, weighted, of a sum over each row.
//
//   loss = factor · Σ_n w[n] · Σ_v f(x[n,v], t[n,v]) / Σ_n w[n]

import elementLossKernel from '../../../shaders/loss/elementLoss.wgsl';
import elementLossDxKernel from '../../../shaders/loss/elementLossDx.wgsl';
import { defineOp } from '../../graph/op';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { meanLaunches, meanShapes, withMean, type MeanTensors } from './weightedMean';

interface Attrs {
  readonly FUNCTION: 'SQUARED_ERROR' | 'BINARY_CROSS_ENTROPY';
  readonly factor: number;
}

/** vec4s that one thread sums. Fewer would make more pairs than they save time. */
const LENGTH = 32;

/** [N, V] with rows at whole vec4s: all of them, or only one. */
const isAligned = (N: number, V: number): boolean => N === 1 || V % 4 === 0;

/** x and t [N, V] and, unless all rows count alike, w [N], to a loss []. */
export const elementLoss = (x: Tensor, t: Tensor, w: Tensor | undefined, attrs: Attrs): Tensor =>
  elementLossOp({ x, t, w }, attrs).loss;

const elementLossOp = defineOp<'x' | 't' | 'w', 'loss' | keyof MeanTensors, Attrs>({
  name: 'elementLoss',
  inputs: { x: 'N V', t: 'N V', w: 'N' },
  optional: ['w'],
  outputs: withMean({ loss: '' }),
  shape: ({ x: [N, V] }) => ({ loss: [], ...meanShapes(N * Math.ceil(V / 4 / LENGTH)) }),

  dispatch(t, { N, V }, { FUNCTION, factor }, traits) {
    const S = Math.ceil(V / 4 / LENGTH);
    const kernel = elementLossKernel.with({ FUNCTION, ALIGNED: isAligned(N, V), WEIGHTED: !!t.w });
    const rows = { kernel, bind: { w: t.w ?? t.x }, params: { S, length: LENGTH }, threads: [N * S] };
    return [rows, ...meanLaunches({ ...t, mean: t.loss }, factor, traits)];
  },

  gradient({ x, t, w, total, dloss }, _d, attrs) {
    const { dx } = elementLossDx({ x, t, w, total, dy: dloss }, attrs);
    // Only the squared error is the same, but for its sign, in both.
    return attrs.FUNCTION === 'SQUARED_ERROR'
      ? { x: dx, t: elementLossDx({ x: t, t: x, w, total, dy: dloss }, attrs).dx }
      : { x: dx };
  },
  flops: ({ x }) => 3 * x.size,
});

const elementLossDx = defineOp<'x' | 't' | 'w' | 'total' | 'dy', 'dx', Attrs>({
  name: 'elementLossDx',
  inputs: { x: 'N V', t: 'N V', w: 'N', total: '2', dy: '' },
  optional: ['w'],
  outputs: { dx: 'N V' },
  dispatch: ({ x, w }, { N, V }, { FUNCTION }) => ({
    kernel: elementLossDxKernel.with({ FUNCTION, ALIGNED: isAligned(N, V), WEIGHTED: !!w }),
    bind: { w: w ?? x },
    params: { size: sizeOf(x.shape) },
    threads: [Math.ceil(x.size / 4)],
  }),
  flops: ({ x }) => 3 * x.size,
});
