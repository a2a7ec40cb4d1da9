// What the recurrent layers share. Their products over all time steps are ordinary ops; only the loop over
// time is theirs: one launch a step in registers, or one launch for all steps in workgroup memory.
//
// The kernels of a layer agree on names: `xIn` and `xOut` for a state x before and after a step, `wh` and `whT`,
// constants TB × TJ (TK on the way back) for the block of a thread, and DY for "dy is given".

import delayKernel from '../../../shaders/recurrent/delay.wgsl';
import transposeKernel from '../../../shaders/recurrent/transpose.wgsl';
import type { Dims } from '../../graph/axes';
import { check } from '../../graph/check';
import { accumulate } from '../../graph/gradient';
import type { Kernel } from '../../graph/kernel';
import { defineOp } from '../../graph/op';
import { mapValues, type Dispatch, type Tensor } from '../../graph/tensor';
import { object, tensor, type Rules } from '../../graph/options';
import type { Traits } from '../../graph/traits';
import { product } from '../matmul/matmul';
import { directWorkgroup, launchFirst, sorted, stepTiles, type StepSizes } from '../matmul/tile';
import { reshape } from '../layout/view';
import type { Sequences } from './order';

/** The inputs that all recurrent layers have. */
export interface Recurrent {
  /** [B, T, I] */
  readonly x: Tensor;
  /** [I, gates · H] */
  readonly wx: Tensor;
  /** [H, gates · H] */
  readonly wh: Tensor;
  /** [gates · H], like bh; both or none. */
  readonly bx?: Tensor;
  readonly bh?: Tensor;
  /** [B, H], the hidden state before the first step. */
  readonly h0: Tensor;
  /** Where sequences have different lengths, or are gone through from their end: see `sequences`. */
  readonly sequences?: Sequences;
}

/** For every name that there is. */
export const RECURRENT: Rules<Recurrent> = {
  x: tensor,
  wx: tensor,
  wh: tensor,
  bx: tensor,
  bh: tensor,
  h0: tensor,
  sequences: object,
};

/** Refuses one bias without the other. */
export const checkBiases = (name: string, bx: Tensor | undefined, bh: Tensor | undefined): void =>
  check(!bx === !bh, `${name}: no ${bx ? 'bh' : 'bx'}`, 'give both biases or none');

/** One bias for both products; none where there is none. */
export function joinedBias(name: string, bx: Tensor | undefined, bh: Tensor | undefined): Tensor | undefined {
  checkBiases(name, bx, bh);
  return bx && bh && accumulate(bx, bh);
}

interface Kernels {
  /** All steps in one launch. */
  readonly sequence: Kernel;
  readonly step: Kernel;
  /** The same where neighbouring threads can share what they load. */
  readonly quad?: Kernel;
}

/** A state's tensors: before the first step, a spare one, after the last step. */
type States = Readonly<Record<string, readonly [first: Tensor, spare: Tensor, last: Tensor]>>;

/** The time loop. A thread of the step kernel takes one of `units` units, with so many `gates`. */
export function forward(
  { sequence, step, quad }: Kernels,
  { B, T, H }: Dims,
  traits: Traits,
  { gates, units }: { readonly gates: number; readonly units: readonly number[] },
  states: States,
): Dispatch | Dispatch[] {
  const cut = wholeSequence(B, H, traits);
  if (cut) return { kernel: sequence.with(cut.constants), workgroups: cut.workgroups };
  const blocks = stepBlocks({ B, H, K: H, gates }, units, traits, quad);
  return Array.from({ length: T }, (_, t) => {
    const bind = passOn(states, t, T);
    return launchFirst(blocks, (block) => {
      const { TB, units: TJ, WORKGROUP, threads } = block;
      const kernel = (block.quad ? quad! : step).with({ TB, TJ, WORKGROUP, ALIGNED: H % 4 === 0 });
      return { kernel, bind, params: { t }, threads };
    });
  });
}

/**
 * A launch may not read what it writes, so after step t a state is in `last` or in `spare`, in turn, such that
 * it ends in `last`.
 */
function passOn(states: States, t: number, T: number): Record<string, Tensor> {
  const bind: Record<string, Tensor> = {};
  for (const [name, [first, spare, last]] of Object.entries(states)) {
    const after = (s: number) => ((T - 1 - s) % 2 ? spare : last);
    bind[`${name}In`] = t ? after(t - 1) : first;
    bind[`${name}Out`] = after(t);
  }
  return bind;
}

interface Back {
  readonly gates: number;
  readonly wh: Tensor;
  /** Scratch for wh transposed. */
  readonly whT: Tensor;
  /** Gradients that come in, where they do. */
  readonly given: Readonly<Record<string, Tensor | undefined>>;
  /** Bound in place of those that do not. */
  readonly other: Tensor;
  /** How many steps of a sequence count, where not all do. */
  readonly lengths?: Tensor;
  /** More constants of the step kernel. */
  readonly constants?: Readonly<Record<string, boolean>>;
}

/** The time loop, from its end. */
export function backward(
  { sequence, step, quad }: Kernels,
  { B, T, H }: Dims,
  traits: Traits,
  { gates, wh, whT, given, lengths, other, constants }: Back,
): Dispatch[] {
  const bind = mapValues(given, (x) => x ?? other);
  const flags = Object.fromEntries(Object.entries(given).map(([name, x]) => [name.toUpperCase(), !!x]));
  const LENGTHS = lengths !== undefined;
  // There is no binding left for them; a gradient of the last state comes in with dy then, see sequences.ts.
  if (lengths) bind.dhN = lengths;
  const cut = wholeSequence(B, H, traits);
  if (cut) {
    const kernel = sequence.with({ ...cut.constants, ...flags, LENGTHS });
    return [turn(wh, whT), { kernel, bind, workgroups: cut.workgroups }];
  }
  const blocks = stepBlocks({ B, H, K: gates * H, gates: 1 }, [4, 8], traits, quad);
  const TURNED = traits.family === 'workgroup' && H % 4 === 0;
  if (TURNED) bind.wh = whT;
  const steps = Array.from({ length: T }, (_, s) =>
    launchFirst(blocks, (block) => {
      const { TB, units: TK, WORKGROUP, threads } = block;
      const own = { TB, TK, WORKGROUP, LENGTHS, ...(TURNED && { TURNED }), ...constants };
      // Only the last step in time reads what comes in behind it.
      const now: Record<string, boolean> = s ? { DY: flags.DY } : { ...flags, LAST: true };
      const kernel = (block.quad ? quad! : step).with({ ...own, ...now });
      return { kernel, bind, params: { t: T - 1 - s }, threads };
    }),
  );
  return TURNED ? [turn(wh, whT), ...steps] : steps;
}

interface Block {
  readonly TB: number;
  readonly units: number;
  readonly quad?: boolean;
  readonly WORKGROUP: number;
  readonly threads: readonly number[];
}

/** The rows of the batch and the units that one thread of a step takes, best first by the model. */
function stepBlocks(
  sizes: StepSizes,
  units: readonly number[],
  { family, quads }: Traits,
  quadKernel: Kernel | undefined,
): Block[] {
  if (family === 'direct') {
    return stepTiles(sizes, units, quads && quadKernel !== undefined).map(({ blocks, ...tile }) => {
      return { ...tile, WORKGROUP: directWorkgroup(family), threads: [blocks] };
    });
  }
  const { B, H, gates } = sizes;
  const tiles: (Block & { cost: number })[] = [];
  for (const TB of [1, 2, 4, 8, 16]) {
    for (const u of units) {
      const sums = TB * u * gates;
      if (sums > MOST_SUMS) continue;
      const blocks = Math.ceil(B / TB) * Math.ceil(H / u);
      const cost = Math.max(blocks, THREADS) * (sums + LOAD * (TB + u * gates));
      tiles.push({ TB, units: u, WORKGROUP: 64, threads: [blocks], cost });
    }
  }
  return sorted(tiles);
}

/** On a GPU: threads that keep it busy, and what a load costs in multiply-adds. */
const THREADS = 8192;
const LOAD = 8;
const MOST_SUMS = 128;

interface Cut {
  readonly constants: { readonly WORKGROUP: number; readonly ROWS: number };
  readonly workgroups: readonly number[];
}

/**
 * How the batch is cut for one launch through all time: a workgroup owns ROWS rows and has a thread for every unit.
 * Null where barriers are dear or a workgroup cannot hold all units.
 */
function wholeSequence(B: number, H: number, traits: Traits): Cut | null {
  if (traits.family === 'direct' || H > 256) return null;
  const WORKGROUP = [32, 64, 128, 256].find((size) => size >= H)!;
  // Rows share what is read of the weights, but every workgroup keeps another core busy.
  const ROWS = B <= 32 ? 1 : B <= 128 ? 2 : 4;
  return { constants: { WORKGROUP, ROWS }, workgroups: [Math.ceil(B / ROWS)] };
}

/** wh transposed: then neighbouring threads, who own neighbouring rows of it, read neighbouring elements. */
function turn(x: Tensor, y: Tensor): Dispatch {
  const [R, C] = x.shape;
  return { kernel: transposeKernel.with(), bind: { x, y }, params: { R, C }, threads: [x.size] };
}

/** y is x, D steps later, after D times `before`, and L steps long. */
const delayOp = defineOp<'x' | 'before', 'y', { L: number; D: number }>({
  name: 'delay',
  inputs: { x: 'B T N', before: 'B N' },
  outputs: { y: '*' },
  optional: ['before'],
  shape: ({ x: [B, , N] }, { L }) => ({ y: [B, L, N] }),
  dispatch: ({ x, before, y }) => ({
    kernel: delayKernel.with({ ALIGNED: y.shape[2] % 4 === 0 }),
    bind: { before: before ?? x },
    threads: [Math.ceil(y.size / 4)],
  }),
});

/** What the gradient of a time loop is told where not all steps count; see sequences.ts. */
export interface LoopAttrs {
  /** How many do, u32 [B]. */
  readonly lengths?: Tensor;
  /** x [B, T, N], 0 where a step does not count. */
  readonly seen?: (x: Tensor) => Tensor;
}

/** The gradient of wh: Σ over batch and time of h before a step times the gradient `d` of its product. */
export function weightGradient(y: Tensor, h0: Tensor, d: Tensor, { seen }: LoopAttrs): Tensor {
  const before = delayOp({ x: y, before: h0 }, { L: y.shape[1], D: 1 }).y;
  return product(rowsOf(seen ? seen(before) : before), rowsOf(d), { transposeA: true });
}

/** The gradient of h0 through the product of the first step. */
export function hiddenGradient(d: Tensor, wh: Tensor): Tensor {
  return product(rowsOf(delayOp({ x: d }, { L: 1, D: 0 }).y), wh, { transposeB: true });
}

/** [..., N] as rows of N. */
export const rowsOf = (x: Tensor): Tensor => reshape(x, [-1, x.shape.at(-1)!]);
