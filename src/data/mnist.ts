// MNIST as sequences of pixels (Le, Jaitly & Hinton 2015): an image of 28 × 28 is read pixel by pixel, row by row, or
// in an order that is random and always the same; at the end, which digit it was.
//   x       (pixel / 255 − 0.1307) / 0.3081, mean and deviation of the training images   [B, 784, 1]
//   target  the digit                                                                    [B]

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import { Random } from '../random';
import { readIdx } from './idx';

/** Pixels of an image, 28 × 28: the steps of a sequence. */
export const PIXELS = 784;
/** Classes: the digits 0 … 9. */
export const DIGITS = 10;
const SIDE = 28;

/** Images of a split. */
export interface Images {
  /** [N, 784] */
  readonly pixels: Uint8Array;
  /** [N] */
  readonly labels: Uint8Array;
}

/** The published files; for validation, images are taken from the training split. */
export interface Mnist {
  readonly train: Images;
  readonly test: Images;
}

/** The last 5,000 of the 60,000 training images are for validation. */
export const VALIDATION_IMAGES = 5000;

/** Two IDX files, without gzip, as images with their digits. */
export function readImages(pixels: Uint8Array, labels: Uint8Array, where: readonly [string, string]): Images {
  const images = readIdx(pixels, 3, where[0]);
  const digits = readIdx(labels, 1, where[1]);
  const [count, height, width] = images.shape;
  const fix = 'fetch the files again with `npx seqgpu data mnist`.';
  if (height !== SIDE || width !== SIDE) {
    fail(`mnist: ${where[0]} has images of ${height} × ${width} pixels, not ${SIDE} × ${SIDE}.`, { fix });
  }
  if (count !== digits.shape[0]) {
    fail(`mnist: ${where[0]} has ${count} images, ${where[1]} ${digits.shape[0]} digits.`, { fix });
  }
  const strange = digits.data.findIndex((digit) => digit >= DIGITS);
  if (strange >= 0) {
    fail(`mnist: ${where[1]} has ${digits.data[strange]} at ${strange}, which is no digit.`, { fix });
  }
  return { pixels: images.data, labels: digits.data };
}

/** Images `from` … `to` − 1. */
export const someImages = ({ pixels, labels }: Images, from: number, to: number): Images => ({
  pixels: pixels.subarray(from * PIXELS, to * PIXELS),
  labels: labels.subarray(from, to),
});

/** The seed of the order of the pixels: every paper permutes MNIST in its own way, and this is ours. */
const PERMUTATION_SEED = 784;

/** Step t of permuted MNIST is pixel `permutation()[t]`, whatever the seed of a run. */
export function permutation(): Uint16Array {
  const order = Array.from({ length: PIXELS }, (_, pixel) => pixel);
  new Random(PERMUTATION_SEED).shuffle(order);
  return Uint16Array.from(order);
}

const MEAN = 0.1307;
const DEVIATION = 0.3081;

/** The images of these numbers as x [B, 784, 1] and targets u32 [B]; `order` says which pixel comes when. */
export function imageBatch(
  { pixels, labels }: Images,
  numbers: readonly number[],
  order?: Uint16Array,
): HostArray[] {
  const B = numbers.length;
  const x = new Float32Array(B * PIXELS);
  numbers.forEach((image, row) => {
    for (let t = 0; t < PIXELS; t++) {
      const pixel = pixels[image * PIXELS + (order ? order[t] : t)];
      x[row * PIXELS + t] = (pixel / 255 - MEAN) / DEVIATION;
    }
  });
  return [
    { shape: [B, PIXELS, 1], data: x },
    { shape: [B], data: Uint32Array.from(numbers, (image) => labels[image]) },
  ];
}
