// The feed-forward model in a recurrent one: what it computes from its last k inputs and a zero state before them
// (Miller & Hardt 2019, section 1; trained so it is the LSTM n-gram of Chelba et al. 2017, n = k + 1).
//
//   H^j[t] = φ(H^(j−1)[t−1], x[t])      H^0 = 0,  H[−1] = 0;     the state at t is H^k[t]
//
// A network of k layers, all of the same weights, each over all positions at once: no loop over time.

import { callerLine, fail, hereStack } from '../graph/check';
import { callsBetween, replay } from '../graph/recompute';
import { anything, checked } from '../graph/options';
import { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { Module } from '../nn/module';
import { shift } from '../ops/layout/shift';
import { detach, reshape } from '../ops/layout/view';
import {
  flat,
  mapStates,
  sizesOf,
  zeroStates,
  type Recurrence,
  type RecurrentModel,
  type Run,
} from './recurrence';

/** How a truncated model is trained. */
export interface TruncateOptions {
  /** Lets gradients through the last so many of the k applications only; default: all. */
  readonly gradientSteps?: number;
}

/**
 * `model` with k inputs of memory: forward of x [B, T, ...] gives at every t the y that `model.unroll` gives after
 * x[t−k+1] … x[t] from a zero state; where t < k, after all there are. It has the model's own parameters under their
 * own names, so training it trains the model, and checkpoints fit both. Takes min(k, T) applications of the cell to
 * B·T positions: as much work as the recurrence times k, in launches whose number does not depend on T.
 */
export function truncate(model: RecurrentModel, k: number, options: TruncateOptions = {}): Truncated {
  return new Truncated(model, k, options);
}

/** The feed-forward model of the last k inputs. From `truncate`. */
export class Truncated extends Module {
  readonly #model: RecurrentModel;
  readonly #k: number;
  readonly #options: TruncateOptions;

  constructor(model: RecurrentModel, k: number, options: TruncateOptions) {
    super();
    checkCount('k', k, 'the number of inputs that it may see');
    const { gradientSteps = k } = checked('truncate', options, { gradientSteps: anything });
    checkCount('gradientSteps', gradientSteps, 'the number of steps that gradients go back');
    zeroStates(model, 1, 'truncate');
    // The model's fields are this module's, so that a parameter's path is the same wherever either stands.
    for (const [field, value] of Object.entries(model)) {
      if (value instanceof Parameter || value instanceof Module || Array.isArray(value)) {
        Reflect.set(this, field, value);
      }
    }
    this.#model = model;
    this.#k = k;
    this.#options = options;
  }

  /** Inputs that an output can see, itself included. */
  get receptiveField(): number {
    return this.#k;
  }

  /** x [B, T, ...] to y [B, T, ...]. */
  override forward(x: Tensor): Tensor {
    const { B, T } = sizesOf(x, 'truncate');
    const { y } = applications(this.#model, x, this.#k, this.#options).at(-1)!;
    return reshape(y, [B, T, ...y.shape.slice(2)]);
  }
}

/**
 * The runs over the last 1, 2, … min(k, T) inputs of every position of x [B, T, ...]: the last of them are those over
 * k. y [B·T, 1, ...], states [B·T, ...].
 */
export function applications(
  model: Recurrence,
  x: Tensor,
  k: number,
  { gradientSteps = k }: TruncateOptions = {},
): Run[] {
  const { B, T } = sizesOf(x, 'truncate');
  const count = Math.min(k, T);
  const zero = zeroStates(model, B * T, 'truncate');
  const first = model.unroll(reshape(x, [B * T, 1, ...x.shape.slice(2)]), zero);
  const runs: Run[] = [first];
  // What does not depend on the state is done once: the embedding, the first product, masks on inputs.
  const calls = callsBetween(flat(zero), [first.y, ...flat(first.states)]);
  const cut = count - gradientSteps;
  for (let j = 1; j < count; j++) {
    const before = flat(runs[j - 1].states).map((state) => {
      const earlier = reshape(shift(reshape(state, [B, T, -1]), 1, 1), state.shape);
      return j === cut ? detach(earlier) : earlier;
    });
    const now = new Map(flat(zero).map((x0, i) => [x0, before[i]]));
    for (const call of calls) replay(call, now);
    const of = (made: Tensor) => now.get(made) ?? made;
    runs.push({ y: of(first.y), states: mapStates(first.states, of) });
  }
  return runs;
}

function checkCount(name: string, value: number, what: string): void {
  if (Number.isInteger(value) && value >= 1) return;
  fail(`truncate: ${name} is ${value}.`, {
    at: callerLine(hereStack()),
    fix: `give ${what}, a whole number of at least 1.`,
  });
}
