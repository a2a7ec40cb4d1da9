// A model of speech parameters: any model of vectors, and what makes its output recurrent.

import type { Generator } from '../../graph/generator';
import type { Tensor } from '../../graph/tensor';
import { Module } from '../../nn/module';
import type { LayerState } from '../../nn/recurrent';
import { RecurrentOutput } from '../../nn/recurrentOutput';
import type { SequenceModel } from '../../nn/sequenceModel';
import type { TaskModel } from '../task';

/** [B, T, inputs] to [B, T, outputs]; with a linear output where `output` is null. */
export class SpeechModel extends Module implements TaskModel {
  readonly generator: Generator;

  constructor(
    readonly sequence: SequenceModel,
    readonly output: RecurrentOutput | null,
  ) {
    super();
    this.generator = sequence.generator;
  }

  override forward(x: Tensor): Tensor {
    const v = this.sequence.forward(x);
    return this.output ? this.output.forward(v) : v;
  }

  /** The states before the first step, that of the output the last. */
  zeroState(batch: number): LayerState[] {
    const own = this.sequence.zeroState(batch);
    return this.output ? [...own, this.output.zeroState(batch)] : own;
  }

  unroll(x: Tensor, states: readonly LayerState[]): { y: Tensor; states: LayerState[] } {
    if (!this.output) return this.sequence.unroll(x, states);
    const inner = this.sequence.unroll(x, states.slice(0, -1));
    const { y, state } = this.output.unroll(inner.y, states[states.length - 1]);
    return { y, states: [...inner.states, state] };
  }
}
