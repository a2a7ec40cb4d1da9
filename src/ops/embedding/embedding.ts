// Ids to vectors.
//
//   y[…,c] = table[ids[…], c]
//
// For the gradient positions are sorted by id, in a stable radix sort of four bits a pass. Then each row of
// the table adds up its own places in their order: no atomics, the same bits every time, and not O(N · V)
// loads but O(N · log V + V · C).

import embeddingKernel from '../../../shaders/embedding/embedding.wgsl';
import embeddingCountKernel from '../../../shaders/embedding/embeddingCount.wgsl';
import embeddingDtableKernel from '../../../shaders/embedding/embeddingDtable.wgsl';
import embeddingSortKernel from '../../../shaders/embedding/embeddingSort.wgsl';
import embeddingStartsKernel from '../../../shaders/embedding/embeddingStarts.wgsl';
import { checkIds } from '../../graph/knownIds';
import { defineOp } from '../../graph/op';
import type { Dispatch, Rewriting, Tensor } from '../../graph/tensor';
import { sizeOf } from '../../graph/shape';
import { matmul, matmulCall } from '../matmul/matmul';
import { readOnce, rowsBehind, worthIt } from '../layout/pickedRows';
import { reshape } from '../layout/view';

/**
 * Row ids[...] of `table` [V, C] for every one of the u32 `ids` [...]; gives [..., C]. An id that is not
 * below V gives NaN and has no gradient.
 */
export function embedding(ids: Tensor, table: Tensor): Tensor {
  const { y } = embeddingOp({ ids, table }, {});
  checkIds(ids, table.shape[0]);
  return y;
}

const NAN = 0x7fc00000;

const embeddingOp = defineOp<'ids' | 'table', 'y'>({
  name: 'embedding',
  inputs: { ids: '...', table: 'V C' },
  outputs: { y: '... C' },
  integers: ['ids'],
  picks: 'table',
  dispatch: ({ y }, { C }) => ({
    kernel: embeddingKernel.with({ ALIGNED: C % 4 === 0 }),
    params: { size: y.size, nan: NAN },
    threads: [Math.ceil(y.size / 4)],
  }),
  gradient: ({ ids, dy }, { V }) => ({ table: embeddingDtable({ ids, dy }, { V }).dtable }),
});

/** Sums of rows of a product: where they are fewer, the product of sums of rows. */
function ofProduct(seen: Rewriting<unknown>): { dtable: Tensor } | null {
  const { ids, dy, dtable } = seen.t;
  const [V] = dtable.shape;
  const rows = rowsBehind(dy, seen);
  const made = seen.madeBy(rows);
  if (made?.op !== matmulCall || !worthIt(V, ids.size) || !readOnce(rows, seen)) return null;
  const { a, b, bias } = made.inputs;
  const { transposeA, transposeB, activation } = made.attrs;
  if (transposeA || bias || activation !== 'none' || b.shape.length !== 2) return null;
  const placed = reshape(rowsBehind(a, seen), [...ids.shape, a.shape.at(-1)!]);
  const sums = embeddingDtable({ ids, dy: placed }, { V }).dtable;
  return { dtable: matmul(sums, b, { transposeB: transposeB === true }) };
}

/** Chunks are sorted by one thread each, at least this long, at most this many. */
const LENGTH = 32;
const CHUNKS = 64;

const chunkLength = (N: number): number => Math.max(LENGTH, Math.ceil(N / CHUNKS));

/** The sum of the rows of dy [N, C] by the row of the table that each was picked from: [V, C]. */
export const embeddingDtable = defineOp<
  'ids' | 'dy',
  'dtable' | 'order' | 'spare' | 'counts' | 'starts',
  { V: number }
>({
  name: 'embeddingDtable',
  gathers: 'dy',
  rewrite: ofProduct,
  inputs: { ids: '...', dy: '... C' },
  outputs: { dtable: '*', order: '*', spare: '*', counts: '*', starts: '*' },
  integers: ['ids', 'order', 'spare', 'counts', 'starts'],

  shape({ ids, dy }, { V }) {
    const N = sizeOf(ids);
    const { DIGITS } = embeddingCountKernel.with().constants;
    const counts = [Math.ceil(N / chunkLength(N)), DIGITS];
    return { dtable: [V, dy.at(-1)!], order: [N], spare: [N], counts, starts: [V + 1] };
  },

  dispatch({ dtable, ids, order, spare }, { N, C }, { V }, { family }) {
    const sums = {
      kernel: embeddingDtableKernel.with({ ALIGNED: C % 4 === 0, BATCHED: family === 'workgroup' }),
      params: { size: dtable.size },
      threads: [Math.ceil(dtable.size / 4)],
    };
    return [
      ...sortLaunches({ ids, order, spare }, N, V),
      { kernel: embeddingStartsKernel.with(), threads: [V + 1] },
      sums,
    ];
  },
  flops: ({ dy }) => dy.size,
});

/** Passes from the last digit to the first; the last one writes to `order`. Ids up to V are told apart. */
function sortLaunches(
  { ids, order, spare }: Record<'ids' | 'order' | 'spare', Tensor>,
  N: number,
  V: number,
): Dispatch[] {
  const bits = Math.log2(embeddingCountKernel.with().constants.DIGITS);
  const passes = Math.ceil((Math.floor(Math.log2(V)) + 1) / bits);
  const length = chunkLength(N);
  const Q = Math.ceil(N / length);
  return Array.from({ length: passes }, (_, pass): Dispatch[] => {
    const [before, after] = (passes - pass) % 2 ? [spare, order] : [order, spare];
    const FIRST = pass === 0;
    const bind = { before: FIRST ? ids : before, after };
    const params = { Q, length, shift: pass * bits };
    return [
      { kernel: embeddingCountKernel.with({ FIRST }), bind, params, threads: [Q] },
      { kernel: embeddingSortKernel.with({ FIRST }), bind, params, threads: [Q] },
    ];
  }).flat();
}
