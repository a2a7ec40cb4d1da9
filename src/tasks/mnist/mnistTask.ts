// Sequential and permuted MNIST (Le, Jaitly & Hinton 2015): which digit an image was, after its 784 pixels, one a step.

import {
  DIGITS,
  PIXELS,
  VALIDATION_IMAGES,
  imageBatch,
  permutation,
  someImages,
  type Images,
  type Mnist,
} from '../../data/mnist';
import { callerLine, fail, hereStack } from '../../graph/check';
import type { HostArray } from '../../graph/host';
import { accuracy, crossEntropy } from '../../ops/loss/crossEntropy';
import type { Random } from '../../random';
import type { Source } from '../../train/fit';
import { sequenceTask, type SequenceTask } from '../sequence';
import type { Split } from '../task';

/** Images, and how many of them a step and a run take. */
export interface MnistOptions {
  readonly mnist: Mnist;
  readonly batch: number;
  /** Pixels in an order that is random and always the same. */
  readonly permuted?: boolean;
  /** Trains on the first so many images only; 0: on all 55,000. Default: 0. */
  readonly trainImages?: number;
  /** Validates and tests on the first so many images of their splits only, likewise. */
  readonly evaluationImages?: number;
}

const EVALUATION_BATCH = 50;

/** Images that are trained on. */
export const trainedOn = (available: number, trainImages = 0): number =>
  Math.min(available - VALIDATION_IMAGES, trainImages || Infinity);

/** Pixel by pixel to a digit: x [B, 784, 1] to logits [B, 10], measured as the share of errors. */
export function mnistTask({ mnist, batch, permuted, ...counts }: MnistOptions): SequenceTask {
  const { trainImages, evaluationImages } = counts;
  const all = mnist.train.labels.length;
  const few = (images: Images, from: number) =>
    someImages(images, from, from + (evaluationImages || images.labels.length));
  const splits = {
    train: someImages(mnist.train, 0, trainedOn(all, trainImages)),
    valid: few(mnist.train, all - VALIDATION_IMAGES),
    test: few(mnist.test, 0),
  };
  const order = permuted ? permutation() : undefined;
  const count = splits.train.labels.length;
  if (count < batch) {
    fail(`mnist: a batch of ${batch} does not fit into ${count} training images.`, {
      at: callerLine(hereStack()),
      fix: 'train on more images, or take a smaller batch.',
    });
  }
  return sequenceTask({
    name: permuted ? 'Permuted MNIST' : 'Sequential MNIST',
    inputs: 1,
    outputs: DIGITS,
    longest: PIXELS,
    asksLast: true,
    metric: 'error',
    anchors: [mostFrequent(splits.train, splits.test)],
    stepsPerEpoch: Math.floor(count / batch),
    source: (random) => new Epochs(splits.train, batch, random, order),
    loss: (y, digits) => crossEntropy(y, digits),
    measures: (y, digits) => ({ 'cross-entropy': crossEntropy(y, digits), accuracy: accuracy(y, digits) }),
    weightOf: ([x]) => x.shape[0],
    *batches(split: Split) {
      const { length } = splits[split].labels;
      for (let first = 0; first < length; first += EVALUATION_BATCH) {
        const size = Math.min(EVALUATION_BATCH, length - first);
        yield imageBatch(
          splits[split],
          Array.from({ length: size }, (_, i) => first + i),
          order,
        );
      }
    },
    report: (means) => ({ error: 1 - means.accuracy, ...means }),
  });
}

/** The digit that is most often trained on, as an answer to every image. */
function mostFrequent({ labels: trained }: Images, { labels: tested }: Images) {
  const countOf = (labels: Uint8Array, digit: number) => labels.filter((label) => label === digit).length;
  const counts = Array.from({ length: DIGITS }, (_, digit) => countOf(trained, digit));
  const digit = counts.indexOf(Math.max(...counts));
  return { name: `always ${digit}`, value: 1 - countOf(tested, digit) / tested.length };
}

/** Whole batches of images in random order, another one in every epoch; what is left over of an epoch is not used. */
class Epochs implements Source {
  private start: number[];
  private numbers: number[] = [];
  private taken = 0;

  constructor(
    private readonly images: Images,
    private readonly batch: number,
    private readonly random: Random,
    private readonly order?: Uint16Array,
  ) {
    this.start = random.save();
    this.shuffle();
  }

  next(): readonly HostArray[] {
    const { batch, images } = this;
    if (this.taken + batch > images.labels.length) {
      this.start = this.random.save();
      this.shuffle();
    }
    const numbers = this.numbers.slice(this.taken, this.taken + batch);
    this.taken += batch;
    return imageBatch(images, numbers, this.order);
  }

  save(): { random: number[]; taken: number } {
    return { random: this.start, taken: this.taken };
  }

  restore({ random, taken }: { random: number[]; taken: number }): void {
    this.start = random;
    this.random.restore(random);
    this.shuffle();
    const rightPlace = Number.isSafeInteger(taken) && taken >= 0 && taken <= this.numbers.length;
    if (!rightPlace) {
      fail(`mnist: ${taken} is no place among these ${this.numbers.length} images.`, {
        fix: 'resume with the same images.',
      });
    }
    this.taken = taken;
  }

  private shuffle(): void {
    this.numbers = Array.from(this.images.labels.keys());
    this.random.shuffle(this.numbers);
    this.taken = 0;
  }
}
