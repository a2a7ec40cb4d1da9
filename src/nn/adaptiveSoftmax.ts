// The adaptive softmax (Grave, Joulin, Cissé, Grangier & Jégou 2016, arXiv 1609.04309), as
// torch.nn.AdaptiveLogSoftmaxWithLoss has it: frequent words are cheap, rare ones share a small space.
//
//   head      h · W, one logit for each of the first cutoffs[0] words and one for every tail
//   tail i    (h · A_i) · B_i, A_i from H to H / divisor^(i+1), one logit for each of its words
//   log p(w)  of a word of the head: log softmax(head)[w]; of one of tail i:
//             log softmax(head)[cutoffs[0] + i] + log softmax(tail i)[w]

import { callerLine, fail, hereStack } from '../graph/check';
import type { Tensor } from '../graph/tensor';
import { add } from '../ops/binary';
import { clusterTargets } from '../ops/clusterTargets';
import { concat } from '../ops/concat';
import { crossEntropy } from '../ops/crossEntropy';
import { logSoftmax } from '../ops/softmax';
import { reshape, slice } from '../ops/view';
import { Linear } from './linear';
import { Module } from './module';
import { Sequential } from './sequential';
import type { SoftmaxHead } from './softmaxHead';

export interface AdaptiveSoftmaxOptions {
  /** How many times narrower each tail is than the one before; 4 unless given. */
  readonly divisor?: number;
}

/** Words are numbered by falling frequency. */
export class AdaptiveSoftmax extends Module implements SoftmaxHead {
  readonly head: Linear;
  readonly tail: readonly Sequential[];
  /** Where the words of the head end, then those of every tail. */
  private readonly ends: readonly number[];

  /** `cutoffs`: words in the head, then where every tail but the last ends, e.g. [2000, 10000]. */
  constructor(
    readonly inputs: number,
    readonly vocabulary: number,
    cutoffs: readonly number[],
    { divisor = 4 }: AdaptiveSoftmaxOptions = {},
  ) {
    super();
    this.ends = [...cutoffs, vocabulary];
    checkEnds(this.ends, inputs, divisor);
    this.head = new Linear(inputs, cutoffs[0] + cutoffs.length, { bias: false });
    this.tail = cutoffs.map((start, i) => {
      const width = Math.max(1, Math.floor(inputs / divisor ** (i + 1)));
      const words = this.ends[i + 1] - start;
      return new Sequential(
        new Linear(inputs, width, { bias: false }),
        new Linear(width, words, { bias: false }),
      );
    });
  }

  /** The log-probability of every word, [..., V], from h [..., H]. */
  override forward(h: Tensor): Tensor {
    const [words, ...tails] = this.logitsOf(h);
    const head = logSoftmax(words);
    const [shortlist] = this.ends;
    const parts = tails.map((logits, i) =>
      add(logSoftmax(logits), slice(head, -1, shortlist + i, shortlist + i + 1)),
    );
    return concat([slice(head, -1, 0, shortlist), ...parts], -1);
  }

  logProbabilities(h: Tensor): Tensor {
    return this.forward(h);
  }

  loss(h: Tensor, targets: Tensor): Tensor {
    const found = clusterTargets(reshape(targets, [targets.size]), this.ends);
    const [words, ...tails] = this.logitsOf(h);
    const lossOf = (logits: Tensor, wanted: Tensor) =>
      crossEntropy(logits, reshape(wanted, targets.shape), { overAll: true });
    return tails.reduce(
      (sum, logits, i) => add(sum, lossOf(logits, slice(found.tails, 0, i, i + 1))),
      lossOf(words, found.head),
    );
  }

  /** Of the head, then of every tail. */
  private logitsOf(h: Tensor): Tensor[] {
    return [this.head, ...this.tail].map((part) => part.forward(h));
  }
}

function checkEnds(ends: readonly number[], inputs: number, divisor: number): void {
  const rising = ends.every((end, i) => Number.isInteger(end) && end > (i ? ends[i - 1] : 0));
  if (rising && ends.length > 1 && divisor >= 1) return;
  fail(`AdaptiveSoftmax: the cutoffs ${ends.slice(0, -1).join(', ')} do not cut ${ends.at(-1)} words.`, {
    given: `inputs ${inputs}, divisor ${divisor}`,
    at: callerLine(hereStack()),
    fix: 'give rising integers between 0 and the size of the vocabulary, e.g. 2000, 10000.',
  });
}
