// The largest numbers of every row and where they are: what a beam search goes on with.

import kernel from '../../../shaders/random/topK.wgsl';
import { check, shown } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { count } from '../../graph/options';
import { sizeOf } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

/** What topK gives. */
export interface TopK {
  /** [..., k], the largest first. */
  readonly values: Tensor;
  /** Where in their row they are, u32 [..., k]. */
  readonly ids: Tensor;
}

/**
 * The k largest numbers of every row of x [..., V], the largest first, of equal ones the one with the lower id first;
 * NaN is larger than any number. k is at most V and at most 128. There is no gradient.
 */
export function topK(x: Tensor, k: number): TopK {
  check(count(k) === true && k <= MOST, `topK: k is ${shown(k)}`, `give a whole number from 1 to ${MOST}`);
  const { values, ids } = topKOp({ x }, { k });
  return { values, ids };
}

/** A thread keeps them all. */
const MOST = 128;

const topKOp = defineOp<'x', 'values' | 'ids' | 'partIds' | 'partValues', { k: number }>({
  name: 'topK',
  inputs: { x: '... V' },
  outputs: { values: '*', ids: '*', partIds: '*', partValues: '*' },
  integers: ['ids', 'partIds'],
  rules: ({ V }, { k }) => check(k <= V, `a row has ${V} numbers, of which ${k} are asked for`),
  shape({ x }, { k }) {
    const lead = x.slice(0, -1);
    const P = partsOf(sizeOf(lead), x.at(-1)!, k, ENOUGH.workgroup);
    const parts = P > 1 ? [sizeOf(lead), P, k] : [1];
    return { values: [...lead, k], ids: [...lead, k], partIds: parts, partValues: parts };
  },
  dispatch({ x, values, ids, partIds, partValues }, { N, V }, { k }, { family }) {
    const P = partsOf(N, V, k, ENOUGH[family]);
    const params = { P, length: Math.ceil(V / P) };
    const [toIds, toValues] = P > 1 ? [partIds, partValues] : [ids, values];
    const parts = {
      kernel: kernel.with({ K: k }),
      bind: { x, given: x, ids: toIds, values: toValues },
      params,
      threads: [N * P],
    };
    if (P === 1) return parts;
    const merge = {
      kernel: kernel.with({ K: k, MERGE: true }),
      bind: { x, given: partIds, ids, values },
      params,
      threads: [N],
    };
    return [parts, merge];
  },
});

/** Threads that keep an adapter busy: more parts are more numbers that are among the largest of theirs alone. */
const ENOUGH = { direct: 64, workgroup: 4096 };

/** Parts of each of N rows that threads take: none has fewer than eight times k numbers, or than 64. */
const partsOf = (N: number, V: number, k: number, enough: number): number =>
  Math.max(1, Math.min(128, Math.ceil(enough / N), Math.floor(V / Math.max(64, 8 * k))));
