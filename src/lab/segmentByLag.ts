// What a truncation leaves of the gradient, by lag: the histograms of "Styles of Truncated Backpropagation" (r2rt.com,
// 2016), for any of the switches of tbptt.ts.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import { gradient } from '../graph/gradient';
import type { HostArray } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import { concat } from '../ops/layout/concat';
import { constant } from '../ops/elementwise/constant';
import { rowNorm } from '../ops/norm/rowNorm';
import { reshape, slice } from '../ops/layout/view';
import type { Loss } from './byLag';
import type { RecurrentModel } from './recurrence';
import { segment, type Switches } from './tbptt';

/** What `segmentByLag` measures. */
export interface SegmentByLagOptions extends Omit<Switches, 'carry'> {
  readonly loss: Loss;
}

/**
 * A measurement on x [B, T, ...], of floats, and targets [B, T, ...]: element j is ‖∂loss[t]/∂x[t−j]‖₂ as the segment's
 * gradient has it, the mean over the batch and all positions t that have a loss and an input x[t−j]. Takes a backward
 * pass for every position. Dropout does not act.
 */
export function segmentGradientByLag(
  engine: Engine,
  model: RecurrentModel,
  { loss, ...switches }: SegmentByLagOptions,
) {
  const { lead = 0 } = switches;
  const step = engine.record((x: Tensor, targets: Tensor) => {
    if (x.dtype === 'u32') {
      fail('segmentGradientByLag: x holds ids, and they have no gradient.', {
        at: callerLine(hereStack()),
        fix: 'measure the part of the model behind the embedding, on embedded ids.',
      });
    }
    const [B, T] = x.shape;
    const y = segment(model, x, switches);
    const norms = Array.from({ length: T - lead }, (_, i) => {
      const one = loss(slice(y, 1, i, i + 1), slice(targets, 1, lead + i, lead + i + 1));
      // The loss is a mean over the batch; each sequence's own gradient is B times as large.
      const [dx] = gradient(one, [x], constant(one.shape, B));
      return reshape(rowNorm(reshape(dx, [B, T, -1])), [1, B, T]);
    });
    return concat(norms, 0); // [T − lead, B, T]
  });
  return async (x: HostArray, targets: HostArray): Promise<number[]> => {
    const norms = await step(x, targets).read();
    const [B, T] = x.shape;
    return Array.from({ length: T }, (_, lag) => {
      const first = Math.max(lead, lag);
      let total = 0;
      for (let t = first; t < T; t++) {
        for (let b = 0; b < B; b++) total += norms[((t - lead) * B + b) * T + t - lag];
      }
      return total / (B * (T - first));
    });
  };
}
