// A Transformer over vectors, where a language model has an embedding:
//
//   x → linear → + positions → dropout → layers

import { callerLine, check, explain, hereStack, shapeText } from '../graph/check';
import type { Tensor } from '../graph/tensor';
import { add } from '../ops/binary';
import { Dropout } from './dropout';
import { Linear } from './linear';
import { Module } from './module';
import type { Memory, StepFunction, Stepwise } from './stepwise';
import { Positions } from './positions';
import { Transformer, type Kept, type TransformerOptions } from './transformer';

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
    const step = this.transformer_encoder.stepIn(memory, this.position.length);
    return (x) => step(this.dropout.forward(add(this.linear.forward(x), this.position.at(memory.position))));
  }

  /** What every layer keeps of the steps before the first: nothing yet, [B, length, 2·width] each. */
  emptyCache(batch: number): Kept[] {
    return this.transformer_encoder.emptyCache(batch, this.position.length);
  }

  /**
   * One step further: x [B, 1, inputs] at `position`, u32 [1], counted from 0 and below `length`, to y [B, 1, width] as
   * `forward` has it there; and what is kept now. Only the new step is computed.
   */
  step(x: Tensor, kept: readonly Kept[], position: Tensor): { y: Tensor; kept: Kept[] } {
    const stack = hereStack();
    explain(
      'SequenceTransformer.step',
      () => `x ${shapeText(x.shape)}`,
      () => callerLine(stack),
      () => check(x.shape[1] === 1, 'one step at a time', 'give x [B, 1, inputs]'),
    );
    const placed = add(this.linear.forward(x), this.position.at(position));
    return this.transformer_encoder.step(this.dropout.forward(placed), kept, position);
  }
}
