// A Transformer over vectors, where a language model has an embedding:
//
//   x → linear → + positions → dropout → layers

import type { Tensor } from '../graph/tensor';
import { add } from '../ops/binary';
import { Dropout } from './dropout';
import { Linear } from './linear';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';
import { Positions } from './positions';
import { Transformer, type TransformerOptions } from './transformer';

export interface SequenceTransformerOptions extends TransformerOptions {
  /** The most steps of a sequence. */
  readonly length: number;
  /** Sines, as published, unless given. */
  readonly positions?: 'sinusoidal' | 'learned';
}

/** Causal: [B, T, inputs] to [B, T, width]. */
export class SequenceTransformer extends Module implements Stepwise {
  readonly linear: Linear;
  readonly position: Positions;
  readonly transformer_encoder: Transformer;
  private readonly dropout: Dropout;

  constructor(inputs: number, width: number, { length, positions, ...options }: SequenceTransformerOptions) {
    super();
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
