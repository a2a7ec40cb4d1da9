// How far the truncated models of a model are from it on data, for many k in one recording.

import type { Engine } from '../gpu/engine';
import { callerLine, fail, hereStack } from '../graph/check';
import type { HostArray } from '../graph/host';
import { checked, numbers, oneOf, type Rules } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import { sub } from '../ops/elementwise/binary';
import { concat } from '../ops/layout/concat';
import { rowNorm } from '../ops/norm/rowNorm';
import { reshape } from '../ops/layout/view';
import type { Quantity } from './bound';
import { joined, positions, sizesOf, stacked, stepwise, zeroStates, type RecurrentModel } from './recurrence';
import { spread, type Spread } from './spread';
import { applications } from './truncate';

/** How far a truncation is from the model, over all positions. */
export interface TruncationError extends Spread {
  readonly k: number;
}

/** What `truncationError` measures. */
export interface TruncationErrorOptions {
  /** Which k; default: 1, 2, … up to the length of the data, but at most 64. */
  readonly ks?: readonly number[];
  /** The top layer's state (h, and c of an LSTM), or the model's output; default: the output. */
  readonly of?: Quantity;
}

/** The rules of TruncationErrorOptions, see graph/options. */
export const RULES: Rules<TruncationErrorOptions> = { ks: numbers, of: oneOf(['state', 'output']) };

/** Every k is an application of the cell to the whole of the data. */
const MOST = 64;

/**
 * A measurement of ‖y[t] − y^k[t]‖₂ (or of states) over all positions of x [B, T, ...], for every k in rising order.
 * Positions t < k, where both models see the same, count as 0. It may be repeated while the model is trained.
 */
export function truncationError(engine: Engine, model: RecurrentModel, options: TruncationErrorOptions = {}) {
  const { of = 'output' } = checked('truncationError', options, RULES);
  const ksFor = (T: number) =>
    checkedKs(options.ks ?? Array.from({ length: Math.min(T, MOST) }, (_, i) => i + 1));
  const step = engine.record((x: Tensor) => {
    const { B, T } = sizesOf(x, 'truncationError');
    const ks = ksFor(T);
    const start = zeroStates(model, B, 'truncationError');
    const runs = applications(model, x, ks.at(-1)!);
    const whole =
      of === 'state'
        ? joined(stacked(stepwise(model, x, start).map(({ states }) => states.slice(-1))))
        : positions(model.unroll(x, start).y, 0, T);
    const N = B * T;
    const distance = (k: number): Tensor => {
      const { y, states } = runs[Math.min(k, runs.length) - 1];
      const part = of === 'state' ? joined(states.slice(-1)) : y;
      return rowNorm(reshape(sub(reshape(whole, [N, -1]), reshape(part, [N, -1])), [1, N, -1]));
    };
    return concat(ks.map(distance), 0); // [ks, N]
  });
  return async (x: HostArray): Promise<TruncationError[]> => {
    const norms = await step(x).read();
    const ks = ksFor(x.shape[1]);
    const N = norms.length / ks.length;
    return ks.map((k, i) => ({ k, ...spread(norms.subarray(i * N, (i + 1) * N)) }));
  };
}

function checkedKs(ks: readonly number[]): number[] {
  const sorted = [...new Set(ks)].sort((a, b) => a - b);
  if (!sorted.length || sorted.some((k) => !Number.isInteger(k) || k < 1)) {
    fail(`truncationError: the ks are ${JSON.stringify(ks)}.`, {
      at: callerLine(hereStack()),
      fix: 'give whole numbers of at least 1.',
    });
  }
  return sorted;
}
