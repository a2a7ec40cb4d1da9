// An update whose gradients have a norm that is not finite, or whose squares would not be, does not happen, and is
// counted.

import updateGuardKernel from '../../shaders/optim/updateGuard.wgsl';
import { defineOp } from '../graph/op';
import type { Attrs, Tensor } from '../graph/tensor';
import type { State } from '../graph/state';

interface GuardAttrs extends Attrs {
  /** What moments that the host corrects for having begun at 0 keep from update to update; 0: there are none. */
  readonly betas: readonly [number, number];
  /** The largest norm that the update can take. */
  readonly most: number;
}

/** The largest number in f32, and one whose square is just in its range, with some room for a weight decay. */
export const LARGEST = (2 - 2 ** -23) * 2 ** 127;
/** The largest norm whose square is finite in f32, rounded down. */
export const SQUARABLE = 1.8e19;

const updateGuardOp = defineOp<'norm' | 'attempt' | 'skips', 'go' | 'skipsAfter', GuardAttrs>({
  name: 'updateGuard',
  inputs: { norm: '1', attempt: '1', skips: '2' },
  outputs: { go: '4', skipsAfter: '2' },
  integers: ['attempt', 'skips', 'skipsAfter'],
  inPlace: { skipsAfter: 'skips' },
  dispatch: (_t, _d, { betas: [one, two], most }) => ({
    kernel: updateGuardKernel.with(),
    params: { log1: logarithm(one), log2: logarithm(two), most },
    threads: [1],
  }),
});

/** The logarithm; of 0 a number whose exp is 0. */
const logarithm = (beta: number): number => Math.max(Math.log(beta), -1e4);

/** What the kernels of optimizers read as `go`, [4], and the count of skipped updates after this one. */
export const updateGuard = (
  norm: Tensor,
  attempt: Tensor,
  skips: State,
  attrs: GuardAttrs,
): { go: Tensor; skipsAfter: Tensor } => updateGuardOp({ norm, attempt, skips }, attrs);
