// What synthesis is measured by, of sounds beside the recordings that they copy, frame by frame.

import { cepstralDistance, cepstralTransform, melCepstrum } from '../../data/speech/cepstrum';
import { BANDS } from '../../data/speech/mel';
import { hertzOf, parametersOf } from '../../data/speech/parameters';
import type { Spoken } from '../../tasks/speech/spoken';
import type { SynthesisErrors } from './speechCells';

/** The errors of sounds, one for each recording and as long. */
export function synthesisErrorsOf(
  recordings: readonly Spoken[],
  sounds: readonly ArrayLike<number>[],
): SynthesisErrors {
  const frames = recordings.flatMap(({ parameters }, i) => {
    const found = parametersOf(sounds[i]);
    return parameters.map((right, f) => ({ right, found: found[f] }));
  });
  const transform = cepstralTransform(BANDS);
  const cepstrum = (frame: Float64Array) => melCepstrum(frame.subarray(0, BANDS), transform);
  const distances = frames.map(({ right, found }) => cepstralDistance(cepstrum(right), cepstrum(found)));
  const pitches = frames.map(({ right, found }) => [hertzOf(right), hertzOf(found)]);
  const both = pitches.filter(([a, b]) => a > 0 && b > 0);
  return {
    distortion: mean(distances),
    pitch: Math.sqrt(mean(both.map(([a, b]) => (a - b) ** 2))),
    voicing: mean(pitches.map(([a, b]) => Number(a > 0 !== b > 0))),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
