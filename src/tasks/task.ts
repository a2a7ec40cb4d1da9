// A task is data, a loss and a measure; it says nothing about the model, but that it maps [B, T, inputs] to
// [B, T, outputs]. Every task can be trained with every sequence model.

import type { HostArray } from '../graph/host';
import type { Tensor } from '../graph/tensor';
import type { Random } from '../random';
import type { Source } from '../train/fit';

export interface Anchor {
  /** What reaches this value without learning anything, e.g. "guess 0". */
  readonly name: string;
  readonly value: number;
}

export type Split = 'valid' | 'test';

export interface Task {
  readonly name: string;
  /** Channels per step of the input and of the output. */
  readonly inputs: number;
  readonly outputs: number;
  /** The measure, e.g. "nats per step"; smaller is better. */
  readonly metric: string;
  readonly anchors: readonly Anchor[];
  /**
   * Logits that answer with the training data's frequencies whatever the input: the head's bias starts there,
   * so that no steps are spent on learning them.
   */
  readonly prior?: readonly number[];
  /** Steps that pass once over the training data, where there is a fixed set of it. */
  readonly stepsPerEpoch?: number;
  /** Training batches: x first, then what `loss` takes behind y. */
  source(random: Random): Source;
  /** y [B, T, outputs] is the model's answer to the first array of a batch, the rest follow it. */
  loss(y: Tensor, ...rest: Tensor[]): Tensor;
  /** Measures of one batch, each a mean that `weightOf` weighs; the first is the metric. */
  measures(y: Tensor, ...rest: Tensor[]): Readonly<Record<string, Tensor>>;
  /** How much the means of a batch count. */
  weightOf(batch: readonly HostArray[]): number;
  /** The batches of a split, always the same. */
  batches(split: Split): Iterable<readonly HostArray[]>;
}
