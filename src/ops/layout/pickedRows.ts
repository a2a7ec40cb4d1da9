// A product with rows that an op picked from a table is, where the table has fewer rows, the product with the table,
// and then the rows of that; and its gradients are made of what the rows of the table get, summed. A model of
// characters has 64 rows or so, and thousands of positions: there, its first product is as good as free, and the
// way back too.
//
// Ops offer it as `rewrite`, so it is done in the schedule, behind the gradients.

import { apply } from '../../graph/op';
import type { Call, Rewriting, Tensor } from '../../graph/tensor';
import { sizeOf } from '../../graph/shape';
import { reshape } from './view';

/** How rows were picked from a table. */
export interface PickedRows {
  /** [V, K] */
  readonly table: Tensor;
  /** The same rows, picked from another table [V, N]: [..., N]. */
  pick(other: Tensor): Tensor;
  /** Rows [..., N], one for each that was picked, summed where they were picked from: [V, N]. */
  gather(rows: Tensor): Tensor;
}

/** Picking rows is a launch of its own, there and back, so it must save half of the work. */
const FEWER = 2;

/** Whether work on a table of V rows is worth a launch to spare that on so many rows. */
export const worthIt = (V: number, rows: number): boolean => FEWER * V <= rows;

/** What x shows the rows of: x itself, or what it is another view of with the same last axis. */
export function rowsBehind(x: Tensor, { madeBy }: Pick<Rewriting<unknown>, 'madeBy'>): Tensor {
  for (let call = madeBy(x); call?.op.view; call = madeBy(x)) {
    const [under] = Object.values(call.inputs);
    if (under.shape.at(-1) !== x.shape.at(-1)) break;
    x = under;
  }
  return x;
}

/** How the rows of x were picked, if they were, and from a table that has fewer. */
export function pickedRows(x: Tensor, seen: Rewriting<unknown>): PickedRows | null {
  const rows = rowsBehind(x, seen);
  const call = seen.madeBy(rows);
  const { picks, gradient } = call?.op ?? {};
  if (!call || !picks || !gradient) return null;
  const { op, inputs, outputs, attrs, dims, stack } = call;
  const [name] = Object.keys(outputs);
  const lead = rows.shape.slice(0, -1);
  const table = inputs[picks];
  if (!worthIt(table.shape[0], sizeOf(lead))) return null;
  return {
    table,
    pick: (other) => apply(op, { ...inputs, [picks]: other }, attrs, stack).outputs[name],
    gather(dy) {
      // In one shape, whoever asks, so that equal sums are found to be equal.
      const placed = reshape(rowsBehind(dy, seen), [...lead, dy.shape.at(-1)!]);
      return gradient({ ...inputs, ...outputs, [`d${name}`]: placed }, dims, attrs)[picks]!;
    },
  };
}

/** The sums of the rows of x, if they are made anyway: the result, [V, N], of an op that gathers them. */
export function gatheredRows(x: Tensor, seen: Rewriting<unknown>): Tensor | null {
  for (const { op, inputs, outputs } of readersOfRows(rowsBehind(x, seen), seen)) {
    const [sums] = Object.values(outputs);
    const all = op.gathers && inputs[op.gathers].size === x.size;
    if (all && worthIt(sums.shape[0], x.size / sums.shape[1])) return sums;
  }
  return null;
}

/** Also those that read the same rows under another shape. */
const readersOfRows = (x: Tensor, seen: Rewriting<unknown>): Call[] =>
  seen.readersOf(x).flatMap((call) => {
    const [view] = Object.values(call.outputs);
    const same = call.op.view && view.shape.at(-1) === x.shape.at(-1);
    return same ? readersOfRows(view, seen) : [call];
  });

/** Whether the rows of x are read once, by one call, and asked for by nobody else. */
export function readOnce(x: Tensor, seen: Rewriting<unknown>): boolean {
  const own = [...seen.readersOf(x)];
  if (own.length !== 1 || seen.wanted(x)) return false;
  return !own[0].op.view || readOnce(Object.values(own[0].outputs)[0], seen);
}
