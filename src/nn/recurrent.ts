// Recurrent layers with PyTorch's equations and parameter names. Layers of a stack are called _l0, _l1, …;
// their dropout acts between them, not after the last.

import { check, fail } from '../graph/check';
import { assign } from '../graph/assign';
import { Generator } from '../graph/generator';
import { checked, checkSizes, count, finite, flag, object, part, type Rules } from '../graph/options';
import type { Initial, Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { zeros } from '../ops/elementwise/constant';
import { gru } from '../ops/recurrent/gru';
import { lstm } from '../ops/recurrent/lstm';
import type { Sequences } from '../ops/recurrent/order';
import { rnn } from '../ops/recurrent/rnn';
import { dropElements } from '../ops/random/elementDropout';
import { interleaved, parameter, transposed, uniform, withEvery } from './init';
import { checkInput } from './input';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';

/** The options of RNN, GRU and LSTM. */
export interface RecurrentOptions {
  readonly layers?: number;
  /** Whether there are biases; default: true. */
  readonly bias?: boolean;
  /** Between the layers. */
  readonly dropout?: number;
  /** Multiplies the initial input weights; more than 1 suits inputs that are mostly zero. */
  readonly inputGain?: number;
  readonly generator?: Generator;
}

/** What one layer carries from step to step: h, and for the LSTM c, each [B, hidden]. */
export interface LayerState {
  readonly h: Tensor;
  readonly c?: Tensor;
}

/** What a layer is called with besides its input and state: its weights, and how it goes through sequences. */
interface Weights {
  readonly sequences?: Sequences;
  readonly wx: Parameter;
  readonly wh: Parameter;
  readonly bx?: Parameter;
  readonly bh?: Parameter;
}

const OPTIONS: Rules<RecurrentOptions> = {
  layers: count,
  bias: flag,
  dropout: part,
  inputGain: finite,
  generator: object,
};
const LSTM_OPTIONS: Rules<LSTMOptions> = { ...OPTIONS, forgetBias: finite };
const GATES = { RNN: 1, GRU: 3, LSTM: 4 };

/** What RNN, GRU and LSTM share: layers, carried states, single steps. */
export abstract class Recurrent extends Module implements Stepwise {
  readonly layers: number;
  private readonly rate: number;
  private readonly generator: Generator;
  private readonly gates: number;

  constructor(
    inputs: number,
    readonly hidden: number,
    private readonly kind: keyof typeof GATES,
    options: RecurrentOptions,
  ) {
    super();
    checkSizes(kind, { inputs, hidden });
    checked(kind, options, kind === 'LSTM' ? LSTM_OPTIONS : OPTIONS);
    const { layers = 1, bias = true, dropout = 0, inputGain = 1, generator = new Generator(0) } = options;
    this.gates = GATES[kind];
    this.layers = layers;
    this.rate = dropout;
    this.generator = generator;
    const bound = 1 / Math.sqrt(hidden);
    const fields: Record<string, Parameter> = {};
    for (let l = 0; l < layers; l++) {
      const width = l ? hidden : inputs;
      fields[`weight_ih_l${l}`] = this.matrix(width, bound * (l ? 1 : inputGain));
      fields[`weight_hh_l${l}`] = this.matrix(hidden, bound);
      if (!bias) continue;
      fields[`bias_ih_l${l}`] = this.vector(uniform(bound));
      fields[`bias_hh_l${l}`] = this.vector(uniform(bound));
    }
    Object.assign(this, fields);
  }

  /** One layer over the whole sequence. */
  protected abstract layer(x: Tensor, w: Weights, state: LayerState): { y: Tensor; state: LayerState };

  /** The state before the first step: zeros. */
  zeroState(batch: number): LayerState[] {
    checkSizes(this.kind, { batch });
    return Array.from({ length: this.layers }, () => ({ h: zeros([batch, this.hidden]) }));
  }

  /** [B, T, inputs] to [B, T, hidden], from a zero state. `order`: lengths, or from the end; see `sequences`. */
  override forward(x: Tensor, order?: Sequences): Tensor {
    checkInput(this.kind, x, ['batch', 'time', this.weights(0).wx.shape[0]]);
    return this.unroll(x, this.zeroState(x.shape[0]), order).y;
  }

  /** The same from a given state; gives the state after the last step too, so that it can be carried on. */
  unroll(x: Tensor, states: readonly LayerState[], order?: Sequences): { y: Tensor; states: LayerState[] } {
    this.checkInputs(x, states);
    const after: LayerState[] = [];
    let value = order ? order.enter(x) : x;
    for (let l = 0; l < this.layers; l++) {
      const weights = { ...this.weights(l), sequences: order?.within };
      const below = l ? dropElements(value, this.rate, this.generator) : value;
      const { y, state } = this.layer(below, weights, states[l]);
      after.push(state);
      value = y;
    }
    return { y: order ? order.leave(value) : value, states: after };
  }

  private checkInputs(x: Tensor, states: readonly LayerState[]): void {
    const { kind, layers, hidden } = this;
    checkInput(kind, x, ['batch', 'time', this.weights(0).wx.shape[0]]);
    const text = `${kind}: there are ${states.length} states for ${layers} layers`;
    check(states.length === layers, text, 'give one for each: see zeroState');
    states.forEach(({ h, c }, l) => {
      checkInput(kind, h, [x.shape[0], hidden], `h of layer ${l}`);
      if (kind === 'LSTM') checkInput(kind, c!, [x.shape[0], hidden], `c of layer ${l}`);
    });
  }

  stepper(memory: Memory): StepFunction {
    const carried = this.zeroState(memory.batch).map(({ h, c }, l) => ({
      h: memory.carry(h.shape, `h_l${l}`),
      c: c && memory.carry(c.shape, `c_l${l}`),
    }));
    return (x) => {
      const { y, states } = this.unroll(x, carried);
      carried.forEach(({ h, c }, l) => {
        assign(h, states[l].h);
        if (c) assign(c, states[l].c!);
      });
      return y;
    };
  }

  /** A matrix from [rows] to all gates of all units. The LSTM's gates are interleaved, the others' stand in blocks. */
  private matrix(rows: number, bound: number): Parameter {
    const { gates, hidden } = this;
    return gates === 4
      ? interleaved(gates, hidden, rows, uniform(bound))
      : transposed(rows, gates * hidden, uniform(bound));
  }

  private vector(initial: Initial): Parameter {
    const { gates, hidden } = this;
    return gates === 4 ? interleaved(gates, hidden, null, initial) : parameter([gates * hidden], initial);
  }

  private weights(l: number): Weights {
    const fields: Record<string, Parameter> = Object(this);
    return {
      wx: fields[`weight_ih_l${l}`],
      wh: fields[`weight_hh_l${l}`],
      bx: fields[`bias_ih_l${l}`],
      bh: fields[`bias_hh_l${l}`],
    };
  }
}

/** torch.nn.RNN: h = tanh(W_ih·x + b_ih + W_hh·h + b_hh). Starts at U(±1/√hidden), like the others here. */
export class RNN extends Recurrent {
  constructor(inputs: number, hidden: number, options: RecurrentOptions = {}) {
    super(inputs, hidden, 'RNN', options);
  }

  protected override layer(x: Tensor, w: Weights, { h }: LayerState) {
    const { y, hN } = rnn({ x, ...w, h0: h });
    return { y, state: { h: hN } };
  }
}

/** The options of LSTM. */
export interface LSTMOptions extends RecurrentOptions {
  /** Where the forget gates' input bias starts; default: like the others (Jozefowicz et al. 2015 advise 1). */
  readonly forgetBias?: number;
}

/** torch.nn.LSTM (Hochreiter & Schmidhuber 1997, with forget gates: Gers et al. 2000). */
export class LSTM extends Recurrent {
  constructor(inputs: number, hidden: number, options: LSTMOptions = {}) {
    super(inputs, hidden, 'LSTM', options);
    const { forgetBias, bias = true } = options;
    if (forgetBias === undefined) return;
    check(bias, 'LSTM: forgetBias is given for no bias', 'leave out one of forgetBias and bias: false');
    const fields: Record<string, Parameter> = Object(this);
    for (let l = 0; l < this.layers; l++) {
      const { initial } = fields[`bias_ih_l${l}`];
      fields[`bias_ih_l${l}`] = interleaved(4, hidden, null, withEvery(initial, 1, 4, forgetBias));
    }
  }

  override zeroState(batch: number): LayerState[] {
    return super.zeroState(batch).map(({ h }) => ({ h, c: zeros([batch, this.hidden]) }));
  }

  protected override layer(x: Tensor, w: Weights, { h, c }: LayerState) {
    const { y, hN, cN } = lstm({ x, ...w, h0: h, c0: c! });
    return { y, state: { h: hN, c: cN } };
  }
}

/** torch.nn.GRU (Cho et al. 2014, with the reset gate behind the product). */
export class GRU extends Recurrent {
  constructor(inputs: number, hidden: number, options: RecurrentOptions = {}) {
    super(inputs, hidden, 'GRU', options);
  }

  protected override layer(x: Tensor, w: Weights, { h }: LayerState) {
    const { y, hN } = gru({ x, ...w, h0: h });
    return { y, state: { h: hN } };
  }
}

const KINDS = { lstm: LSTM, gru: GRU, rnn: RNN };
/** The name of a kind of recurrent layers. */
export type RecurrentName = keyof typeof KINDS;
/** The names of all kinds. */
export const RECURRENT = /* @__PURE__ */ Object.keys(KINDS) as readonly RecurrentName[];

/** The layers of that name; forgetBias is for an LSTM only. */
export function makeRecurrent(
  name: RecurrentName,
  inputs: number,
  hidden: number,
  options: LSTMOptions,
): Recurrent {
  const Kind =
    KINDS[name] ??
    fail(`There is no recurrent layer called ${name}.`, { fix: `use one of ${RECURRENT.join(', ')}.` });
  return new Kind(inputs, hidden, options);
}
