// Truncated backpropagation through time, its three switches kept apart: is the state carried, where is the gradient
// cut, where is the forward context cut.
//
//   chunked     pieces of n inputs; the state goes on, the gradient stops between them. The loss at place j of a
//               piece (from 0) reaches back j + 1 inputs, (n + 1)/2 on average: not n.
//   true        every k1 inputs, their k1 losses go back through k2 inputs. k1 = 1: every loss goes back k2 exactly;
//               k1 = k2: the same as chunked.
//
// Williams & Peng 1990; Sutskever 2013, section 2.8.6; "Styles of Truncated Backpropagation", r2rt.com, 2016.

import { callerLine, fail, hereStack } from '../graph/check';
import { assign } from '../graph/assign';
import { State } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import type { LayerState } from '../nn/recurrent';
import { concat } from '../ops/layout/concat';
import { detach, reshape, slice } from '../ops/layout/view';
import type { Loss } from './byLag';
import { flat, mapStates, sizesOf, stacked, zeroStates, type RecurrentModel, type Run } from './recurrence';
import { truncate } from './truncate';

/** Where gradients are cut: in chunks of n steps, or k2 steps behind every k1-th loss. */
export type GradientCut =
  | { readonly style: 'chunked'; readonly n: number }
  | { readonly style: 'true'; readonly k1: number; readonly k2: number };

/** The storage of a carried state. */
export type CarriedState = LayerState & { readonly h: State; readonly c?: State };

/** How a segment of a sequence is run. */
export interface Switches {
  /** The segment begins at this state and leaves it where the next segment begins; default: zeros. */
  readonly carry?: readonly CarriedState[];
  /** Where gradients are cut inside the segment; default: nowhere. At its start they always are. */
  readonly cut?: GradientCut;
  /** Every position sees so many inputs and no state: `truncate`. Of cuts it takes `true` with k1 = 1. */
  readonly context?: number;
  /**
   * The first so many inputs only lead in: they have no loss, and the next segment begins with inputs that this one
   * has ended with, as many. With k2 − k1 (context: k − 1) every loss of a stream sees as far back as any other.
   */
  readonly lead?: number;
}

/** Room for a state that is carried from step to step; zeros at first. */
export const carriedState = (model: RecurrentModel, batch: number): CarriedState[] =>
  mapStates(zeroStates(model, batch, 'carriedState'), ({ shape }) => {
    return new State(shape, 'zeros', 'carried state');
  }) as CarriedState[];

/**
 * The outputs of a segment x [B, T, ...]: y [B, T − lead, ...], every position with the history and the gradient that
 * the switches say. Their gradient is the sum of what the positions' truncated gradients are.
 */
export function segment(model: RecurrentModel, x: Tensor, switches: Switches = {}): Tensor {
  const { B, T } = sizesOf(x, 'segment');
  const { carry, cut, context, lead = 0 } = switches;
  checkSwitches(switches, T);
  if (context !== undefined) {
    const gradientSteps = cut?.style === 'true' ? cut.k2 : undefined;
    return from(truncate(model, context, { gradientSteps }).forward(x), lead);
  }
  const start = carry ?? zeroStates(model, B, 'segment');
  const { y, stateAt } =
    cut?.style === 'true'
      ? windowed(model, x, start, cut)
      : cut
        ? inPieces(model, x, start, every(cut.n, T))
        : inPieces(model, x, start, lead ? [T - lead, T] : [T], (state) => state);
  if (carry) {
    const last = flat(stateAt(T - lead));
    flat(carry).forEach((state, i) => assign(state as State, last[i]));
  }
  return from(y, lead);
}

/** The loss of a segment: `loss` of its outputs and of targets [B, T, ...], of which the lead is left out. */
export const segmentLoss = (
  model: RecurrentModel,
  {
    x,
    targets,
    loss,
    ...switches
  }: Switches & { readonly x: Tensor; readonly targets: Tensor; readonly loss: Loss },
): Tensor => loss(segment(model, x, switches), from(targets, switches.lead ?? 0));

const from = (x: Tensor, start: number): Tensor => slice(x, 1, start);

/** n, 2n, … and T. */
const every = (n: number, T: number): number[] =>
  Array.from({ length: Math.ceil(T / n) }, (_, i) => Math.min((i + 1) * n, T));

interface Pieces {
  readonly y: Tensor;
  /** The state, cut off, before input t. */
  stateAt(t: number): LayerState[];
}

/** The model run from edge to edge, with no gradient across unless `pass` lets it. */
function inPieces(
  model: RecurrentModel,
  x: Tensor,
  start: readonly LayerState[],
  edges: readonly number[],
  pass: (state: Tensor) => Tensor = detach,
): Pieces {
  const runs: Run[] = [];
  const before: (readonly LayerState[])[] = [start];
  edges.forEach((end, i) => {
    const run = model.unroll(slice(x, 1, edges[i - 1] ?? 0, end), before[i]);
    runs.push(run);
    before.push(mapStates(run.states, pass));
  });
  const stateAt = (t: number): LayerState[] => {
    const i = edges.filter((edge) => edge <= t).length - 1;
    const at = edges[i] ?? 0;
    if (at === t) return mapStates(before[i + 1], detach);
    return mapStates(model.unroll(slice(x, 1, at, t), before[i + 1]).states, detach);
  };
  const ys = runs.map(({ y }) => y);
  return { y: concat(ys, 1), stateAt };
}

/**
 * Losses up to input k2 go back to the start in one run. Every later k1 of them have a window of k2 inputs of their
 * own, from the state that a run without gradients has left there; the windows are one batch.
 */
function windowed(
  model: RecurrentModel,
  x: Tensor,
  start: readonly LayerState[],
  { k1, k2 }: { readonly k1: number; readonly k2: number },
): Pieces {
  const [B, T, ...rest] = x.shape;
  const first = Math.min(Math.floor(k2 / k1) * k1, T);
  const head = model.unroll(slice(x, 1, 0, first), start).y;
  // Windows end at multiples of k1, and begin k2 before.
  const offset = (k1 - (k2 % k1)) % k1;
  const edges = offset ? [offset, ...every(k1, T - offset).map((edge) => edge + offset)] : every(k1, T);
  const { stateAt } = inPieces(model, x, start, edges);
  const ends = every(k1, T).filter((end) => end > first);
  if (!ends.length) return { y: head, stateAt };
  const M = ends.length;
  const inputs = ends.map((end) => reshape(slice(x, 1, end - k2, end), [B, 1, k2, ...rest]));
  const states = stacked(ends.map((end) => stateAt(end - k2)));
  const { y } = model.unroll(reshape(concat(inputs, 1), [B * M, k2, ...rest]), states);
  const tail = reshape(slice(y, 1, k2 - k1), [B, M * k1, ...y.shape.slice(2)]);
  return { y: concat([head, tail], 1), stateAt };
}

function checkSwitches({ carry, cut, context, lead = 0 }: Switches, T: number): void {
  const refuse = (what: string, fix: string) =>
    fail(`segment: ${what}.`, { at: callerLine(hereStack()), fix });
  const whole = (...values: number[]) => values.every((value) => Number.isInteger(value) && value >= 1);
  if (!(lead === 0 || whole(lead)) || lead >= T) {
    refuse(`lead is ${lead} of ${T} inputs`, 'give a whole number below the length.');
  }
  if (cut?.style === 'chunked' && !whole(cut.n)) {
    refuse(`chunks are ${cut.n} long`, 'give n, a whole number of at least 1.');
  }
  if (cut?.style === 'true') {
    const { k1, k2 } = cut;
    if (!whole(k1, k2) || k2 < k1) {
      refuse(`k1 is ${k1} and k2 ${k2}`, 'give whole numbers with 1 ≤ k1 ≤ k2.');
    }
    if (T % k1) refuse(`${T} inputs are no multiple of k1 = ${k1}`, 'give segments of whole k1 inputs.');
  }
  if (context === undefined) return;
  if (carry) {
    refuse(
      `a context of ${context} inputs carries no state`,
      `leave out carry; give lead: ${context - 1}, and segments that overlap by as much.`,
    );
  }
  if (cut && (cut.style === 'chunked' || cut.k1 !== 1)) {
    refuse(
      'with a context, every position has a network of its own: there are no chunks',
      "leave out cut, or use { style: 'true', k1: 1, k2 }.",
    );
  }
}
