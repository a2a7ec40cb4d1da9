// What translates: an encoder that reads a whole sentence, and a decoder that writes another, token by token.

import type { Generator } from '../../graph/generator';
import type { Tensor } from '../../graph/tensor';
import { Module } from '../module';
import type { Memory, StepFunction } from '../stepwise';

/**
 * What an encoder leaves of its sources for the decoder, by name; the first axis of each is the batch, so that a search
 * can repeat rows. Always has `lengths`: u32 [B], tokens of each source.
 */
export type Encoding = Readonly<Record<string, Tensor>>;

/** How many token ids there are, of the source and of the target. */
export interface Vocabularies {
  readonly source: number;
  readonly target: number;
}

/** The most tokens of a sentence that a model reads or writes, marks of its end and its beginning counted. */
export interface Longest {
  readonly source: number;
  readonly target: number;
}

/** A model of pairs of sentences: a distribution over the next target token, from a source and the target so far. */
export abstract class TranslationModel extends Module {
  /** The generator of all its random masks. */
  abstract readonly generator: Generator;

  /**
   * Source ids u32 [B, S], of each row the first `lengths`, u32 [B], which are at least 1; what stands behind them is
   * padding, of any ids, and changes nothing.
   */
  abstract encode(source: Tensor, lengths: Tensor): Encoding;

  /**
   * Teacher forcing: target inputs u32 [B, T], each row one token behind what is asked for, to logits [B, T, V].
   * `positions`, u32 [B, T]: where inputs stand in their targets, for models that know positions; default: from 0 on.
   */
  abstract decode(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor;

  /**
   * One step further: ids u32 [B, 1] to logits [B, 1, V], what `decode` gives at that position. What it remembers of
   * the target is carried in `memory`, whose batch is B.
   */
  abstract translationStepper(memory: Memory, encoding: Encoding): StepFunction;

  /**
   * The attention that is shown, under teacher forcing: of every target position a weight for each of the source,
   * [B, T, S], the mean over heads where there are several. `positions`: see `decode`. Models without attention do not
   * have it.
   */
  attentionOf?(encoding: Encoding, target: Tensor, positions?: Tensor): Tensor;

  /** Source ids, lengths and target inputs to logits: `encode`, then `decode`. */
  override forward(source: Tensor, lengths?: Tensor, target?: Tensor): Tensor {
    return this.decode(this.encode(source, lengths!), target!);
  }
}
