// The adaptive softmax (Grave, Joulin, Cissé, Grangier & Jégou 2016, arXiv 1609.04309), as
// torch.nn.AdaptiveLogSoftmaxWithLoss has it: frequent words are cheap, rare ones share a small space.
//
//   head      h · W, one logit for each of the first cutoffs[0] words and one for every tail
//   tail i    (h · A_i) · B_i, A_i from H to H / divisor^(i+1), one logit for each of its words
//   log p(w)  of a word of the head: log softmax(head)[w]; of one of tail i:
//             log softmax(head)[cutoffs[0] + i] + log softmax(tail i)[w]

import { callerLine, fail, hereStack } from '../graph/check';
import { checked, checkSizes, positive } from '../graph/options';
import type { Tensor } from '../graph/tensor';
import { add, div } from '../ops/elementwise/binary';
import { clusterTargets } from '../ops/loss/clusterTargets';
import { concat } from '../ops/layout/concat';
import { crossEntropy } from '../ops/loss/crossEntropy';
import { embedding } from '../ops/embedding/embedding';
import { mean } from '../ops/reduce/reduce';
import { logSoftmax } from '../ops/norm/softmax';
import { clamp, scale } from '../ops/elementwise/unary';
import { reshape, slice } from '../ops/layout/view';
import { Linear } from './linear';
import { Module } from './module';
import { Sequential } from './sequential';
import type { SoftmaxHead } from './softmaxHead';

/** The options of AdaptiveSoftmax. */
export interface AdaptiveSoftmaxOptions {
  /** How many times narrower each tail is than the one before; default: 4. */
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
    options: AdaptiveSoftmaxOptions = {},
  ) {
    super();
    checkSizes('AdaptiveSoftmax', { inputs, vocabulary });
    const { divisor = 4 } = checked('AdaptiveSoftmax', options, { divisor: positive });
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
    const head = logSoftmax(this.head.forward(h));
    const [shortlist] = this.ends;
    const parts = this.tail.map((part, i) =>
      add(logSoftmax(part.forward(h)), slice(head, -1, shortlist + i, shortlist + i + 1)),
    );
    return concat([slice(head, -1, 0, shortlist), ...parts], -1);
  }

  logProbabilities(h: Tensor): Tensor {
    return this.forward(h);
  }

  /**
   * The mean over the targets that count: one of 0xFFFFFFFF does not, and where none does the loss is 0, and so is its
   * gradient (in PyTorch it is NaN).
   *
   * `places`: for every tail the places [C] of the targets that are among its words, and these words' numbers in the
   * tail (see tailPlaces): the tail then makes logits for these places only. The loss is the same; without them every
   * tail makes logits for all places.
   */
  loss(h: Tensor, targets: Tensor, ...places: Tensor[]): Tensor {
    const { size } = targets;
    const rows = reshape(h, [size, this.inputs]);
    const found = clusterTargets(reshape(targets, [size]), this.ends);
    const lossOf = (part: Module, x: Tensor, wanted: Tensor) =>
      scale(crossEntropy(part.forward(x), wanted, { overAll: true }), wanted.size / size);
    const overAll = this.tail.reduce(
      (sum, part, i) => {
        const [at, words] = places.slice(2 * i);
        const all = () => reshape(slice(found.tails, 0, i, i + 1), [size]);
        return add(sum, at ? lossOf(part, embedding(at, rows), words) : lossOf(part, rows, all()));
      },
      lossOf(this.head, rows, found.head),
    );
    return div(overAll, clamp(mean(found.counts), 1 / size, 1));
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
