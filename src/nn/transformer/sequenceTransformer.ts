// A Transformer over vectors, where a language model has an embedding:
//
//   x → linear → + positions → dropout → layers

import { checked, count, oneOf, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { add } from '../../ops/elementwise/binary';
import { Dropout } from '../dropout';
import { Linear } from '../linear';
import { Module } from '../module';
import type { Memory, StepFunction, Stepwise } from '../stepwise';
import { Positions } from '../positions';
import { OPTIONS, Transformer, type TransformerOptions } from './transformer';

/** The options of a SequenceTransformer. */
export interface SequenceTransformerOptions extends TransformerOptions {
  /** The most steps of a sequence. */
  readonly length: number;
  /** Default: sines, as published. */
  readonly positions?: 'sinusoidal' | 'learned';
}

const RULES: Rules<SequenceTransformerOptions> = {
  ...OPTIONS,
  length: count,
  positions: oneOf(['sinusoidal', 'learned']),
};

/** Causal: [B, T, inputs] to [B, T, width]. */
export class SequenceTransformer extends Module implements Stepwise {
  readonly linear: Linear;
  readonly position: Positions;
  readonly transformer_encoder: Transformer;
  private readonly dropout: Dropout;

  constructor(inputs: number, width: number, settings: SequenceTransformerOptions) {
    super();
    const { length, positions, ...options } = checked('SequenceTransformer', settings, RULES, 'length');
    this.linear = new Linear(inputs, width);
    this.position = new Positions(length, width, positions === 'learned');
    this.transformer_encoder = new Transformer(width, options);
    this.dropout = new Dropout(options.dropout ?? 0, { generator: options.generator });
  }

  override forward(x: Tensor): Tensor {
    const placed = add(this.linear.forward(x), this.position.forward(x));
    return this.transformer_encoder.forward(this.dropout.forward(placed));
  }

  stepper(memory: Memory): StepFunction {
    const step = this.transformer_encoder.stepper(memory, this.position.length);
    return (x) => step(this.dropout.forward(add(this.linear.forward(x), this.position.at(memory.position))));
  }
}
