// Models one step at a time, as generation needs them: what a model knows of the past lives in states on the device, so
// that a recorded step can be repeated there without the host.

import { assign } from '../graph/assign';
import { check } from '../graph/check';
import { dispose, type Destroyable } from '../graph/dispose';
import { checkSizes } from '../graph/options';
import { State } from '../graph/state';
import type { Shape } from '../graph/shape';
import type { Tensor } from '../graph/tensor';
import { advance } from '../ops/layout/advance';

/** One step further: x [B, 1, ...] to what `forward` gives at that position, [B, 1, ...]. Once in a recording. */
export type StepFunction = (x: Tensor) => Tensor;

/** What can go step by step. At every position a step function gives what `forward` gives there. */
export interface Stepwise {
  /** Puts what it must remember into `memory`, and returns the function of a step. */
  stepper(memory: Memory): StepFunction;
}

/** Whether a model goes step by step. */
export const goesStepwise = <M extends object>(model: M): model is M & Stepwise => 'stepper' in model;

/** What `prepare` has not made yet is no number, so that nobody takes it for one. */
const unmade = (size: number): Float32Array => new Float32Array(size).fill(NaN);

/**
 * What a model that goes step by step remembers of so many sequences. What its step function reads may have to be
 * computed before the first step, so it is made outside, and `prepare` runs before:
 *
 *     const memory = new nn.Memory(1);
 *     const next = model.stepper(memory);
 *     engine.record(() => memory.prepare())();
 *     const step = engine.record((ids) => {
 *       const logits = next(ids);
 *       memory.advance();
 *       return logits;
 *     });
 */
export class Memory implements Destroyable {
  /** Steps taken since the beginning, u32 [1]; see `advance`. */
  readonly position = new State([1], 'zeros', 'position', 'u32');
  /** The most steps from a beginning: more than a Transformer's positions there are not. */
  limit = Infinity;
  private readonly carried: State[] = [];
  private ownPlace?: State;
  /** How many of those below `prepare` has recorded. */
  private prepared = 0;
  private readonly derived: { readonly state: State; readonly make: () => Tensor }[] = [];

  constructor(
    /** Sequences side by side. */
    readonly batch: number,
  ) {
    checkSizes('Memory', { batch });
  }

  /**
   * Where a step stands in all that is read and drawn, u32 [1], for what is told beside every step: the position, but
   * of a model that has begun again, which whoever lets it begin again sets.
   */
  get place(): State {
    return (this.ownPlace ??= new State([1], 'zeros', 'place', 'u32'));
  }

  /** Counts a step: to be recorded at its end, behind the function of the step. */
  advance(): void {
    check(
      this.prepared === this.derived.length,
      'Memory: what the step reads has not been prepared',
      'make the step function once, outside of what is recorded, and call engine.record(() => memory.prepare())()',
    );
    advance(this.position);
    if (this.ownPlace) advance(this.ownPlace);
  }

  /** What is carried from step to step: zeros before the first one, where `prepare` does not make it. */
  get states(): readonly State[] {
    return [this.position, ...this.carried];
  }

  /** A new state that is carried from step to step. */
  carry(shape: Shape, name: string): State {
    return this.keep(new State(shape, 'zeros', name));
  }

  /** The same of a state that is there. */
  keep(state: State): State {
    this.carried.push(state);
    return state;
  }

  /** The same, but it begins as `make` says whenever `prepare` has run: with what an encoder leaves for a decoder. */
  begin(shape: Shape, name: string, make: () => Tensor): State {
    return this.keep(this.once(shape, name, make));
  }

  /** What does not change from step to step, computed once: see `prepare`. */
  once(shape: Shape, name: string, make: () => Tensor): State {
    const state = new State(shape, unmade, name);
    this.derived.push({ state, make });
    return state;
  }

  /** To be recorded and run once, before the first step and whenever parameters have changed. */
  prepare(): void {
    for (const { state, make } of this.derived) assign(state, make());
    this.prepared = this.derived.length;
  }

  /** Frees all that is remembered. */
  destroy(): void {
    for (const state of [...this.states, ...this.derived.map((one) => one.state)]) state.destroy();
    this.ownPlace?.destroy();
  }

  [dispose](): void {
    this.destroy();
  }
}
