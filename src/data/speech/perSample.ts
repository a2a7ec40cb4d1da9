// Features of frames as features of samples: on straight lines between the middles of frames, level behind the last.

import { normalised, type Normalisation } from './normalisation';
import { SPEECH_FRAMING } from './fourier';

/** f32 [length, features] of the samples from `start` on; frames are normalised first. */
export function perSample(
  frames: readonly Float64Array[],
  normalisation: Normalisation,
  { start, length }: { readonly start: number; readonly length: number },
): Float32Array {
  const { hop } = SPEECH_FRAMING;
  const known = new Map<number, Float64Array>();
  const frameAt = (f: number): Float64Array => {
    const place = Math.min(f, frames.length - 1);
    const found = known.get(place) ?? normalised(frames[place], normalisation);
    known.set(place, found);
    return found;
  };
  const width = normalisation.mean.length;
  const values = new Float32Array(length * width);
  for (let t = 0; t < length; t++) {
    const place = (start + t) / hop;
    const share = place - Math.floor(place);
    const [before, after] = [frameAt(Math.floor(place)), frameAt(Math.floor(place) + 1)];
    for (let c = 0; c < width; c++) values[t * width + c] = (1 - share) * before[c] + share * after[c];
  }
  return values;
}
