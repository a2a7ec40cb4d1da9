// From word numbers to what the head and the tails of an adaptive softmax are to answer; see
// nn/adaptiveSoftmax.ts. Integers all through: there is no gradient.

import kernel from '../../../shaders/loss/clusterTargets.wgsl';
import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { Tensor } from '../../graph/tensor';

/** Targets of the head and of the tails of an adaptive softmax. */
export interface ClusterTargets {
  /** u32 [N]: a word of the head, or the number of words in the head plus the number of the tail, from 0. */
  readonly head: Tensor;
  /** u32 [tails, N]: the word's number in the tail, or 0xFFFFFFFF where the target is not in it. */
  readonly tails: Tensor;
  /** f32 [N]: 1 where a target counts, else 0. */
  readonly counts: Tensor;
}

/**
 * For u32 targets [N] below the last of `ends`, which are where the words of the head end and those of every
 * tail. A target of 0xFFFFFFFF counts nowhere.
 */
export function clusterTargets(targets: Tensor, ends: readonly number[]): ClusterTargets {
  const table = new Tensor([ends.length], 'u32', { kind: 'constant', data: Uint32Array.from(ends) });
  return clusterTargetsOp({ targets, ends: table }, {});
}

const clusterTargetsOp = defineOp<'targets' | 'ends', 'head' | 'tails' | 'counts'>({
  name: 'clusterTargets',
  inputs: { targets: 'N', ends: 'E' },
  outputs: { head: 'N', tails: '*', counts: 'N' },
  integers: ['targets', 'ends', 'head', 'tails'],
  rules: ({ N, E }) => check(N > 0 && E > 1, `${N} targets, ${E} ends`, 'there must be a head and a tail'),
  shape: ({ targets: [N], ends: [E] }) => ({ head: [N], tails: [E - 1, N], counts: [N] }),
  dispatch: (_t, { N }) => ({ kernel: kernel.with(), threads: [N] }),
});
