// What the recurrent layers share. Their products over all time steps are ordinary ops; only the loop over
// time is theirs: one launch a step in registers ('direct'), or one launch for all steps ('workgroup').

import delayKernel from '../../shaders/delay.wgsl';
import transposeKernel from '../../shaders/transpose.wgsl';
import { defineOp, type Dispatch } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import type { Traits } from '../graph/traits';
import { matmul } from './matmul';
import { reshape } from './view';

export interface Recurrent {
  /** [B, T, I] */
  readonly x: Tensor;
  /** [I, gates · H] */
  readonly wx: Tensor;
  /** [H, gates · H] */
  readonly wh: Tensor;
  /** [gates · H] */
  readonly bx: Tensor;
  /** [gates · H] */
  readonly bh: Tensor;
  /** [B, H], the hidden state before the first step. */
  readonly h0: Tensor;
}

interface Block {
  readonly rows: number;
  readonly units: number;
  readonly WORKGROUP: number;
  /** [How many such blocks there are]. */
  readonly threads: readonly number[];
}

/**
 * The rows of the batch and the units that one thread of a step takes. A thread keeps rows · units · gates sums
 * and loads rows + units · gates values to add to them; what a load costs depends on the adapter. Few blocks
 * leave lanes idle.
 */
export function stepBlock(B: number, H: number, gates: number, units: readonly number[], traits: Traits): Block {
  const { load, lanes, WORKGROUP } = COSTS[traits.family];
  let best = { rows: 1, units: units[0], blocks: 1, cost: Infinity };
  for (const rows of [1, 2, 4, 8, 16]) {
    for (const u of units) {
      const sums = rows * u * gates;
      if (sums > MOST_SUMS) continue;
      const blocks = Math.ceil(B / rows) * Math.ceil(H / u);
      const cost = Math.max(blocks, lanes) * (sums + load * (rows + u * gates));
      if (cost < best.cost) best = { rows, units: u, blocks, cost };
    }
  }
  return { rows: best.rows, units: best.units, WORKGROUP, threads: [best.blocks] };
}

/** `load` in multiply-adds; 47 was measured on SwiftShader. Small workgroups spread few blocks over all cores. */
const COSTS = {
  direct: { load: 47, lanes: 16, WORKGROUP: 8 },
  workgroup: { load: 8, lanes: 8192, WORKGROUP: 64 },
};
const MOST_SUMS = 128;

/**
 * How a kernel that runs through all time in one launch is cut: every workgroup owns ROWS rows of the batch and
 * has a thread for every unit. Null where barriers are dear or one workgroup does not hold all units.
 */
export function wholeSequence(B: number, H: number, traits: Traits): Whole | null {
  if (traits.family === 'direct' || H > 256) return null;
  const WORKGROUP = [32, 64, 128, 256].find((size) => size >= H)!;
  // Rows share what is read of the weights, but every workgroup keeps another core busy.
  const ROWS = B <= 32 ? 1 : B <= 128 ? 2 : 4;
  return { constants: { WORKGROUP, ROWS }, workgroups: [Math.ceil(B / ROWS)] };
}

interface Whole {
  readonly constants: { readonly WORKGROUP: number; readonly ROWS: number };
  readonly workgroups: readonly number[];
}

/** wh turned over, for `whole` kernels on their way back, in which neighbouring threads own neighbouring rows. */
export const turnWeights = (wh: Tensor, whT: Tensor): Dispatch => ({
  kernel: transposeKernel.with(),
  bind: { x: wh, y: whT },
  params: { R: wh.shape[0], C: wh.shape[1] },
  threads: [wh.size],
});

/**
 * The state before and after step t: it starts in `first`, ends in `last`, and in between goes to and fro
 * between `last` and `spare`, as no launch may read what it writes.
 */
export function passOn(t: number, T: number, [first, spare, last]: readonly Tensor[]): { before: Tensor; after: Tensor } {
  const after = (s: number) => ((T - 1 - s) % 2 ? spare : last);
  return { before: t ? after(t - 1) : first, after: after(t) };
}

/** y is x, D steps later, after D times `before`, and L steps long. */
const delayOp = defineOp<'x' | 'before', 'y', { L: number; D: number }>({
  name: 'delay',
  inputs: { x: 'B T N', before: 'B N' },
  outputs: { y: '*' },
  optional: ['before'],
  shape: ({ x: [B, , N] }, { L }) => ({ y: [B, L, N] }),
  dispatch: ({ x, before, y }) => ({
    kernel: delayKernel.with(),
    bind: { before: before ?? x },
    threads: [y.size],
  }),
});

/** Σ over batch and time of h before a step and d behind it: the gradient of the recurrent weights. */
export function weightGradient(y: Tensor, h0: Tensor, d: Tensor): Tensor {
  const before = delayOp({ x: y, before: h0 }, { L: y.shape[1], D: 1 }).y;
  return matmul(rowsOf(before), rowsOf(d), { transposeA: true });
}

/** The gradient of h0 through the first step's gates. */
export function hiddenGradient(d: Tensor, wh: Tensor): Tensor {
  return matmul(rowsOf(delayOp({ x: d }, { L: 1, D: 0 }).y), wh, { transposeB: true });
}

const rowsOf = (x: Tensor): Tensor => reshape(x, [-1, x.shape.at(-1)!]);
