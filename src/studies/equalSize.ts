// Models of equal size: the width with which one comes nearest to a wanted number of parameters.

import { fail } from '../graph/check';

/**
 * The multiple of `step`, at least once it, for which `sizeAt`, which grows with the width, is nearest to `wanted`.
 */
export function widthNear(wanted: number, sizeAt: (width: number) => number, step = 1): number {
  let above = step;
  while (sizeAt(above) < wanted) {
    above *= 2;
    if (above > WIDEST) {
      fail(`equal size: no width up to ${WIDEST} has ${wanted} parameters.`, {
        fix: 'give a size that grows with the width.',
      });
    }
  }
  let below = step;
  // The widths between two multiples of `step` that are still in question: below has too few, or is the least.
  while (above - below > step) {
    const middle = Math.floor((below + above) / 2 / step) * step;
    if (sizeAt(middle) < wanted) below = middle;
    else above = middle;
  }
  const [distance, other] = [below, above].map((width) => Math.abs(sizeAt(width) - wanted));
  return distance < other ? below : above;
}

const WIDEST = 2 ** 16;

/**
 * The number of parameters at any width, from three models: weights grow with the width's square at most, so it is a
 * parabola.
 */
export function sizeByWidth(sizeAt: (width: number) => number): (width: number) => number {
  // None that an embedding is likely to have: where a layer is as wide as its input, some need a matrix less.
  const [w0, w1, w2] = [10, 22, 46];
  const [s0, s1, s2] = [w0, w1, w2].map(sizeAt);
  // Newton's form.
  const slope = (s1 - s0) / (w1 - w0);
  const bend = ((s2 - s1) / (w2 - w1) - slope) / (w2 - w0);
  return (width) => s0 + (width - w0) * (slope + bend * (width - w1));
}
