// What the lab asks of a model: that it can be run from a given state. nn.RNN, nn.LSTM, nn.GRU and models made of
// them have these two methods.

import { callerLine, fail, hereStack, shapeText } from '../graph/check';
import type { Tensor } from '../graph/tensor';
import { Module } from '../nn/module';
import type { LayerState } from '../nn/recurrent';
import { zeros } from '../ops/elementwise/constant';
import { concat } from '../ops/layout/concat';
import { reshape, slice } from '../ops/layout/view';

/** What the lab asks of a model. */
export interface Recurrence {
  /** The state before the first input, of every layer: zeros. */
  zeroState(batch: number): LayerState[];
  /** x [B, T, ...] (or u32 ids [B, T]) from given states to y [B, T, ...]; and the states after the last input. */
  unroll(x: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] };
}

/** A model that the lab can measure. */
export type RecurrentModel = Module & Recurrence;

/** What a run of a model gives. */
export interface Run {
  readonly y: Tensor;
  readonly states: LayerState[];
}

/** Every tensor of the states, h before c, layer by layer. */
export const flat = (states: readonly LayerState[]): Tensor[] =>
  states.flatMap(({ h, c }) => (c ? [h, c] : [h]));

/** States of the same form, of other tensors. */
export const mapStates = (states: readonly LayerState[], to: (x: Tensor) => Tensor): LayerState[] =>
  states.map(({ h, c }) => (c ? { h: to(h), c: to(c) } : { h: to(h) }));

/**
 * Zeros for every state of the model, each a tensor of its own. Refuses, in the name of `what`, a model that has no
 * state, or one that does not start at zero.
 */
export function zeroStates(model: Recurrence, batch: number, what: string): LayerState[] {
  const at = () => callerLine(hereStack());
  const name = (model as object).constructor?.name ?? String(model);
  const fix =
    'give a recurrent model: nn.RNN, nn.LSTM, nn.GRU, or one with zeroState(batch) and unroll(x, states).';
  if (typeof model?.zeroState !== 'function' || typeof model.unroll !== 'function') {
    fail(`${what}: ${name} has no recurrence: it carries no state from step to step.`, { at: at(), fix });
  }
  const states = model.zeroState(batch);
  if (!states.length) fail(`${what}: ${name} has no state.`, { at: at(), fix });
  return mapStates(states, (x) => {
    const { source } = x;
    if (source.kind !== 'constant' || source.data.some((value) => value !== 0)) {
      fail(`${what}: ${name} does not start at a state of zeros.`, {
        given: `a state ${shapeText(x.shape)}`,
        at: at(),
        fix: 'let zeroState(batch) give zeros([batch, …]).',
      });
    }
    return zeros(x.shape);
  });
}

/** The batch and the length of x [B, T, ...]. */
export function sizesOf(x: Tensor, what: string): { B: number; T: number } {
  const [B, T] = x.shape;
  if (!(B > 0 && T > 0)) {
    fail(`${what}: x is ${shapeText(x.shape)}.`, {
      at: callerLine(hereStack()),
      fix: 'give a batch of sequences [B, T, …].',
    });
  }
  return { B, T };
}

/** x [B, T, ...] from `start` to before `end`, every position a sequence of one: [B·(end − start), 1, ...]. */
export function positions(x: Tensor, start: number, end: number): Tensor {
  const [B, , ...rest] = x.shape;
  return reshape(slice(x, 1, start, end), [B * (end - start), 1, ...rest]);
}

/** The model run one input a call, so that every state is a tensor: the states after each input, and each y. */
export function stepwise(model: Recurrence, x: Tensor, from: readonly LayerState[]): Run[] {
  const runs: Run[] = [];
  for (let t = 0; t < x.shape[1]; t++) {
    runs.push(model.unroll(slice(x, 1, t, t + 1), runs.at(-1)?.states ?? from));
  }
  return runs;
}

/** One state a position: of states [B, ...] at T times, [B · T, ...]. */
export function stacked(states: readonly (readonly LayerState[])[]): LayerState[] {
  const lists = states.map(flat);
  let i = 0;
  return mapStates(states[0], ({ shape: [B, ...rest] }) => {
    const own = lists.map((list) => reshape(list[i], [B, 1, ...rest]));
    i++;
    return reshape(concat(own, 1), [B * states.length, ...rest]);
  });
}

/** The states before every input of x: [B · T, ...]. */
export function statesBefore(model: Recurrence, x: Tensor, what: string): LayerState[] {
  const { B } = sizesOf(x, what);
  const start = zeroStates(model, B, what);
  const runs = x.shape[1] > 1 ? stepwise(model, slice(x, 1, 0, -1), start) : [];
  return stacked([start, ...runs.map(({ states }) => states)]);
}

/** All numbers of the states side by side, [N, S]. */
export const joined = (states: readonly LayerState[]): Tensor =>
  concat(
    flat(states).map((x) => reshape(x, [x.shape[0], -1])),
    1,
  );
