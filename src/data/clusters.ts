// Which targets fall into which tail of an adaptive softmax: found on the host, so that on the device a tail makes
// logits only for the places that ask for one of its words. Lengths are rounded up to a few, since each set of shapes
// is recorded once.

import type { HostArray } from '../graph/host';
import { NONE } from '../graph/none';

/** Where words of one tail are asked for. */
export interface TailPlaces {
  /** u32 [C], places among the targets; padded with 0. */
  readonly places: HostArray;
  /** u32 [C], the number of the word there within the tail; 0xFFFFFFFF, which does not count, where padded. */
  readonly targets: HostArray;
}

/** Lengths are multiples of this part of all targets. */
const PARTS = 8;

/** `ends`: where the words of the head end, then those of every tail. */
export function tailPlaces(targets: ArrayLike<number>, ends: readonly number[]): TailPlaces[] {
  const unit = Math.ceil(targets.length / PARTS);
  return ends.slice(1).map((end, i) => {
    const found: number[] = [];
    for (let n = 0; n < targets.length; n++) if (targets[n] >= ends[i] && targets[n] < end) found.push(n);
    const shape = [Math.max(1, Math.ceil(found.length / unit)) * unit];
    const places = new Uint32Array(shape[0]);
    const words = new Uint32Array(shape[0]).fill(NONE);
    found.forEach((n, at) => {
      places[at] = n;
      words[at] = targets[n] - ends[i];
    });
    return { places: { shape, data: places }, targets: { shape, data: words } };
  });
}
