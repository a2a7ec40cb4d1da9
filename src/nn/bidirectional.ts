// Two recurrent layers over one sequence, from its beginning and from its end, as PyTorch's `bidirectional` ones, with
// its names. Schuster & Paliwal 1997, "Bidirectional Recurrent Neural Networks".

import { check } from '../graph/check';
import { checkSizes } from '../graph/options';
import type { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { concat } from '../ops/layout/concat';
import { sequences, type SequenceOptions } from '../ops/recurrent/sequences';
import { Dropout } from './dropout';
import { checkInput } from './input';
import { Module } from './module';
import type { LayerState, Recurrent, RecurrentOptions } from './recurrent';

/** nn.RNN, nn.GRU or nn.LSTM. */
export type RecurrentKind<O extends RecurrentOptions> = new (
  inputs: number,
  hidden: number,
  options: O,
) => Recurrent;

/**
 * torch.nn.LSTM, GRU or RNN with `bidirectional: true`: x [B, T, inputs] to [B, T, 2 · hidden], h of the layer that
 * goes from the first step on, then of that which goes from the last one back; the next pair of layers is given both.
 * `lengths` as those of `sequences`.
 */
export class Bidirectional<O extends RecurrentOptions = RecurrentOptions> extends Module {
  readonly layers: number;
  /** Layers of one direction each, by turns: hidden, since parameters have PyTorch's names here. */
  readonly #cells: readonly Recurrent[];
  readonly #dropout: Dropout;

  constructor(
    Kind: RecurrentKind<O>,
    private readonly inputs: number,
    readonly hidden: number,
    options: O = {} as O,
  ) {
    super();
    checkSizes('Bidirectional', { inputs, hidden });
    const { layers = 1, dropout = 0, generator } = options;
    this.layers = layers;
    this.#dropout = new Dropout(dropout, { generator });
    this.#cells = Array.from({ length: 2 * layers }, (_, i) => {
      const own = { ...options, layers: 1, dropout: 0, ...(i > 1 && { inputGain: 1 }) };
      const cell = new Kind(i > 1 ? 2 * hidden : inputs, hidden, own);
      const fields: Record<string, Parameter> = Object(this);
      for (const [name, parameter] of cell.namedParameters())
        fields[`${name.replace(/0$/, `${i >> 1}`)}${i % 2 ? '_reverse' : ''}`] = parameter;
      return cell;
    });
  }

  /** The states before the first step, zeros, in PyTorch's order: of each layer from the start, then from the end. */
  zeroState(batch: number): LayerState[] {
    return this.#cells.flatMap((cell) => cell.zeroState(batch));
  }

  /** [B, T, inputs] to [B, T, 2 · hidden], from zero states. */
  override forward(x: Tensor, options: Pick<SequenceOptions, 'lengths'> = {}): Tensor {
    return this.unroll(x, this.zeroState(x.shape[0]), options).y;
  }

  /** The same from given states; gives those after the last step of every sequence, and after its first, too. */
  unroll(
    x: Tensor,
    states: readonly LayerState[],
    { lengths }: Pick<SequenceOptions, 'lengths'> = {},
  ): { y: Tensor; states: LayerState[] } {
    checkInput('Bidirectional', x, ['batch', 'time', this.inputs]);
    const text = `Bidirectional: there are ${states.length} states for ${this.layers} layers of two directions`;
    check(states.length === 2 * this.layers, text, 'give two for each: see zeroState');
    const ways = [false, true].map((reverse) => sequences({ lengths, reverse }));
    const after: LayerState[] = [];
    let value = x;
    for (let l = 0; l < this.layers; l++) {
      const input = l ? this.#dropout.forward(value) : value;
      const both = ways.map((way, d) => this.#cells[2 * l + d].unroll(input, [states[2 * l + d]], way));
      after.push(...both.flatMap((one) => one.states));
      value = concat(
        both.map(({ y }) => y),
        2,
      );
    }
    return { y: value, states: after };
  }
}
