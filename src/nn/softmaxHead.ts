// The end of a language model: from hidden values to a probability for every word.

import type { Initial, Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { isTraining } from '../graph/tape';
import { crossEntropy } from '../ops/loss/crossEntropy';
import { matmul } from '../ops/matmul/matmul';
import { logSoftmax } from '../ops/norm/softmax';
import { fill, normal, parameter, uniform } from './init';
import { Module } from './module';

/** What makes words of hidden states: a full softmax, or an adaptive one. */
export interface SoftmaxHead extends Module {
  /**
   * Mean nats per word of u32 targets [...] after h [..., H], as a tensor []; one of 0xFFFFFFFF does not count.
   * `places` are an adaptive softmax's.
   */
  loss(h: Tensor, targets: Tensor, ...places: Tensor[]): Tensor;
  /** [..., V] from h [..., H]: their exp sums to 1. */
  logProbabilities(h: Tensor): Tensor;
}

/** Where the weights of an embedding and of a softmax start in the published loop: U(±0.1). */
const WORD_BOUND = 0.1;

/** Where an embedding of words starts: in the published loop, or with a standard deviation. */
export const wordStart = (deviation?: number): Initial =>
  deviation === undefined ? uniform(WORD_BOUND) : normal(deviation);

/** The options of a full softmax. */
export interface FullSoftmaxOptions {
  /** The table of an embedding [V, H], used as W (Press & Wolf 2017, Inan et al. 2017). */
  readonly tied?: Parameter;
  /** The part of every target that the loss of a training step, and of no other, spreads over all words; default: 0. */
  readonly smoothing?: number;
  /** Whether there is a bias; default: true. */
  readonly bias?: boolean;
  /** Where W starts, where it is not tied; default: U(±0.1). */
  readonly weight?: Initial;
}

/** One logit for every word: h · Wᵀ + b. W is [V, H]; b starts at 0. */
export class FullSoftmax extends Module implements SoftmaxHead {
  /** Stored as PyTorch stores it: a row for every word, as in an embedding. */
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  private readonly smoothing: number;

  constructor(inputs: number, vocabulary: number, options: FullSoftmaxOptions = {}) {
    super();
    const { tied, smoothing = 0, bias = true, weight } = options;
    this.weight = tied ?? parameter([vocabulary, inputs], weight ?? uniform(WORD_BOUND));
    this.bias = bias ? parameter([vocabulary], fill(0)) : null;
    this.smoothing = smoothing;
  }

  /** The logits [..., V]. */
  override forward(h: Tensor): Tensor {
    return matmul(h, this.weight, { transposeB: true, bias: this.bias ?? undefined });
  }

  logProbabilities(h: Tensor): Tensor {
    return logSoftmax(this.forward(h));
  }

  loss(h: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(h), targets, { smoothing: isTraining() ? this.smoothing : 0 });
  }
}
