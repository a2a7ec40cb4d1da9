// A model that says of which class a sequence is, after its last step.
//
//   symbols → embedding → body → linear        numbers → body → linear

import { Embedding } from '../nn/embedding';
import { Module } from '../nn/module';
import type { Generator } from '../graph/generator';
import type { Tensor } from '../graph/tensor';
import type { Body } from '../nn/bodies';
import type { SequenceModel, SequenceSettings } from '../nn/sequenceModel';
import { gatherRows } from '../ops/embedding/gatherRows';
import { reshape } from '../ops/layout/view';
import { sequenceModel } from './sequenceModel';

/** What is classified. */
export interface ClassifierSizes {
  /** Symbols of a text; undefined: steps are numbers. */
  readonly vocabulary?: number;
  /** Numbers of a step, those of an embedded symbol. */
  readonly width: number;
  readonly classes: number;
}

/** Sequences of symbols u32 [B, T] or of numbers [B, T, width] to logits of classes. */
export class Classifier extends Module {
  readonly encoder?: Embedding;
  readonly sequence: SequenceModel;

  constructor(body: Body, sizes: ClassifierSizes, settings: SequenceSettings & { readonly seed: number }) {
    super();
    const { vocabulary, width, classes } = sizes;
    if (vocabulary !== undefined) this.encoder = new Embedding(vocabulary, width);
    this.sequence = sequenceModel(body, [width, classes], settings);
  }

  get generator(): Generator {
    return this.sequence.generator;
  }

  /** Logits [B, T, classes] after every step. */
  override forward(x: Tensor): Tensor {
    return this.sequence.forward(this.encoder ? this.encoder.forward(x) : x);
  }

  /**
   * Logits [B, classes] after the last step of each sequence. `last`: u32 [B], the rows of these steps among all B · T;
   * what is behind them changes nothing.
   */
  classify(x: Tensor, last: Tensor): Tensor {
    const y = this.forward(x);
    const [B, T, classes] = y.shape;
    return gatherRows(reshape(y, [B * T, classes]), last);
  }
}
