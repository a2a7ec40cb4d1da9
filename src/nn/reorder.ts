// What a beam search does with the memory of its sequences: each goes on from the one that it comes from.

import { check, shapeText } from '../graph/check';
import { assign } from '../graph/assign';
import type { Tensor } from '../graph/tensor';
import { gatherRows } from '../ops/embedding/gatherRows';
import type { Memory } from './stepwise';

/**
 * After this step sequence b remembers what sequence `parents[b]` did before it: u32 [batch], each below the batch. For
 * a recording of its own, between one step and the next: a step reads states as they were before it.
 */
export function reorder(memory: Memory, parents: Tensor): void {
  const text = `reorder: parents ${shapeText(parents.shape)} of ${memory.batch} sequences`;
  check(parents.shape.length === 1 && parents.size === memory.batch, text, `give u32 [${memory.batch}]`);
  for (const state of memory.states) {
    if (state !== memory.position) assign(state, gatherRows(state, parents));
  }
}
