// Recurrent layers whose gates do not see the state (Feng et al. 2024, "Were RNNs All We Needed?", arXiv 2410.01201):
// what a step keeps and adds is known for all of time at once, and the states are a scan of it.
//
//   minGRU    h_t = (1 − z)·h_{t-1} + z·g(W_h x)                          z = σ(W_z x)
//   minLSTM   h_t = f/(f + i)·h_{t-1} + i/(f + i)·g(W_h x)                 f, i = σ(W_f x), σ(W_i x)
//
// with a bias to each product. In the paper's log-space form g(v) is v + ½ for v ≥ 0, and σ(v) below, so that states
// are positive. Logarithms are not needed for it: no step keeps more than there is, so the scan stays in range.

import { check } from '../graph/check';
import { assign } from '../graph/assign';
import type { Generator } from '../graph/generator';
import { checked, checkSizes, count, flag, object, oneOf, part, type Rules } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import { add, div, mul } from '../ops/elementwise/binary';
import { zeros } from '../ops/elementwise/constant';
import { clamp, negate, relu, sigmoid } from '../ops/elementwise/unary';
import { reshape, slice } from '../ops/layout/view';
import { linearScan } from '../ops/recurrent/linearScan';
import { Dropout } from './dropout';
import { checkInput } from './input';
import { Linear } from './linear';
import { Module } from './module';
import type { LayerState } from './recurrent';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** What becomes of the candidate of a state: g of the log-space form, or nothing. */
export const CANDIDATES = ['positive', 'linear'] as const;
/** What becomes of an input before it enters the state. */
export type Candidate = (typeof CANDIDATES)[number];

/** The options of MinGRU and MinLSTM. */
export interface MinRecurrentOptions {
  readonly layers?: number;
  /** Whether there are biases; default: true. */
  readonly bias?: boolean;
  /** Between the layers. */
  readonly dropout?: number;
  /** Default: 'positive', the log-space form. */
  readonly candidate?: Candidate;
  readonly generator?: Generator;
}

const OPTIONS: Rules<MinRecurrentOptions> = {
  layers: count,
  bias: flag,
  dropout: part,
  candidate: oneOf(CANDIDATES),
  generator: object,
};

/** What a step keeps of the state, and what it adds: both [B, T, hidden]. */
interface Steps {
  readonly a: Tensor;
  readonly v: Tensor;
}

/** The products of one layer. */
abstract class Cell extends Module {
  /** What the steps of x [B, T, inputs] keep and add. */
  abstract steps(x: Tensor): Steps;

  /** [B, T, inputs] to [B, T, hidden], from a zero state. */
  override forward(x: Tensor): Tensor {
    const { a, v } = this.steps(x);
    return linearScan({ a, v, h0: zeros([a.shape[0], a.shape[2]]) });
  }
}

abstract class MinRecurrent extends Module implements Stepwise {
  readonly cells: readonly Cell[];
  private readonly dropout: Dropout;

  constructor(
    private readonly kind: string,
    private readonly inputs: number,
    readonly hidden: number,
    options: MinRecurrentOptions,
  ) {
    super();
    checkSizes(kind, { inputs, hidden });
    checked(kind, options, OPTIONS);
    const { layers = 1, bias = true, dropout = 0, candidate = 'positive', generator } = options;
    this.dropout = new Dropout(dropout, { generator });
    const g = candidate === 'positive' ? positive : (v: Tensor) => v;
    this.cells = Array.from({ length: layers }, (_, l) => {
      const product = () => new Linear(l ? hidden : inputs, hidden, { bias });
      return this.cell(product, g);
    });
  }

  /** A layer of products that `product` makes; `g` is what becomes of the candidate. */
  protected abstract cell(product: () => Linear, g: (candidate: Tensor) => Tensor): Cell;

  /** The state before the first step: zeros. */
  zeroState(batch: number): LayerState[] {
    checkSizes(this.kind, { batch });
    return this.cells.map(() => ({ h: zeros([batch, this.hidden]) }));
  }

  /** [B, T, inputs] to [B, T, hidden], from a zero state. */
  override forward(x: Tensor): Tensor {
    checkInput(this.kind, x, ['batch', 'time', this.inputs]);
    return this.unroll(x, this.zeroState(x.shape[0])).y;
  }

  /** The same from a given state; gives the state after the last step too, so that it can be carried on. */
  unroll(x: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] } {
    const { kind, cells, hidden } = this;
    checkInput(kind, x, ['batch', 'time', this.inputs]);
    const text = `${kind}: there are ${states.length} states for ${cells.length} layers`;
    check(states.length === cells.length, text, 'give one for each: see zeroState');
    states.forEach(({ h }, l) => checkInput(kind, h, [x.shape[0], hidden], `h of layer ${l}`));
    const after: LayerState[] = [];
    let y = x;
    for (const [l, cell] of cells.entries()) {
      const { a, v } = cell.steps(l ? this.dropout.forward(y) : y);
      y = linearScan({ a, v, h0: states[l].h });
      after.push({ h: reshape(slice(y, 1, -1), [x.shape[0], hidden]) });
    }
    return { y, states: after };
  }

  stepper(memory: Memory): StepFunction {
    const carried = this.zeroState(memory.batch).map(({ h }, l) => ({ h: memory.carry(h.shape, `h_l${l}`) }));
    return (x) => {
      const { y, states } = this.unroll(x, carried);
      carried.forEach(({ h }, l) => assign(h, states[l].h));
      return y;
    };
  }
}

/** v + ½ for v ≥ 0, and σ(v) below: above 0, and without a jump. */
const positive = (v: Tensor): Tensor => add(relu(v), sigmoid(negate(relu(negate(v)))));

class MinGRUCell extends Cell {
  constructor(
    readonly z: Linear,
    readonly h: Linear,
    private readonly g: (candidate: Tensor) => Tensor,
  ) {
    super();
  }

  override steps(x: Tensor): Steps {
    const z = this.z.forward(x);
    // 1 − σ(z), with its digits where z is large.
    return { a: sigmoid(negate(z)), v: mul(sigmoid(z), this.g(this.h.forward(x))) };
  }
}

/** h = (1 − z)·h + z·g(h̃). The products of a layer are `cells.0.z` and `cells.0.h`; they start as a Linear does. */
export class MinGRU extends MinRecurrent {
  constructor(inputs: number, hidden: number, options: MinRecurrentOptions = {}) {
    super('MinGRU', inputs, hidden, options);
  }

  protected override cell(product: () => Linear, g: (candidate: Tensor) => Tensor): Cell {
    return new MinGRUCell(product(), product(), g);
  }
}

/** Beyond it a gate is as good as shut, and a quotient of two of them has no digits. */
const SHUT = 40;

class MinLSTMCell extends Cell {
  constructor(
    readonly f: Linear,
    readonly i: Linear,
    readonly h: Linear,
    private readonly g: (candidate: Tensor) => Tensor,
  ) {
    super();
  }

  override steps(x: Tensor): Steps {
    const [f, i] = [this.f, this.i].map((gate) => sigmoid(clamp(gate.forward(x), -SHUT, SHUT)));
    const both = add(f, i);
    return { a: div(f, both), v: mul(div(i, both), this.g(this.h.forward(x))) };
  }
}

/** h = f/(f + i)·h + i/(f + i)·g(h̃). The products of a layer are `cells.0.f`, `cells.0.i` and `cells.0.h`. */
export class MinLSTM extends MinRecurrent {
  constructor(inputs: number, hidden: number, options: MinRecurrentOptions = {}) {
    super('MinLSTM', inputs, hidden, options);
  }

  protected override cell(product: () => Linear, g: (candidate: Tensor) => Tensor): Cell {
    return new MinLSTMCell(product(), product(), product(), g);
  }
}
