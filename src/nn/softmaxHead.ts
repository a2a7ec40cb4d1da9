// The end of a language model: from hidden values to a probability for every word.

import { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { isTraining } from '../graph/tape';
import { crossEntropy } from '../ops/loss/crossEntropy';
import { matmul } from '../ops/matmul/matmul';
import { logSoftmax } from '../ops/norm/softmax';
import { fill, parameter, uniform } from './init';
import { Module } from './module';

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
export const WORD_BOUND = 0.1;

/**
 * One logit for every word: h · Wᵀ + b. W [V, H] starts at U(±0.1), b at 0. With `tied` W is that parameter, which an
 * embedding has too (Press & Wolf 2017, Inan et al. 2017). With `smoothing` the loss of a training step, and of no
 * other, has that part of every target spread over all words.
 */
export class FullSoftmax extends Module implements SoftmaxHead {
  /** Stored as PyTorch stores it: a row for every word, as in an embedding. */
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(
    inputs: number,
    vocabulary: number,
    tied?: Parameter,
    private readonly smoothing = 0,
  ) {
    super();
    this.weight = tied ?? parameter([vocabulary, inputs], uniform(WORD_BOUND));
    this.bias = parameter([vocabulary], fill(0));
  }

  /** The logits [..., V]. */
  override forward(h: Tensor): Tensor {
    return matmul(h, this.weight, { transposeB: true, bias: this.bias });
  }

  logProbabilities(h: Tensor): Tensor {
    return logSoftmax(this.forward(h));
  }

  loss(h: Tensor, targets: Tensor): Tensor {
    return crossEntropy(this.forward(h), targets, { smoothing: isTraining() ? this.smoothing : 0 });
  }
}
