// A sound from the amplitudes of its short-time spectra alone: the fast algorithm of Griffin and Lim (Perraudin, Balazs
// & Søndergaard 2013), as librosa has it: 32 iterations, momentum 0.99.

import { check } from '../../graph/check';
import { Random } from '../../random';
import { framesOf, type ShortTime } from './fourier';

/** How phases are looked for. */
export interface GriffinLimOptions {
  /** Default: 32. */
  readonly iterations?: number;
  /** Default: 0.99; 0: the algorithm of 1984. */
  readonly momentum?: number;
  /** A sound whose phases stand at the start; default: random phases of the seed. */
  readonly from?: ArrayLike<number>;
  /** What draws these phases; default: 1. */
  readonly seed?: number;
}

/** `length` samples whose spectra have nearly these amplitudes: size / 2 + 1 for every frame. */
export function griffinLim(
  shortTime: ShortTime,
  amplitudes: readonly Float64Array[],
  length: number,
  options: GriffinLimOptions = {},
): Float64Array {
  const { iterations = 32, momentum = 0.99, from, seed = 1 } = options;
  const frames = framesOf(length, shortTime.framing);
  const text = `griffinLim: ${length} samples have ${frames} frames, and ${amplitudes.length} are given`;
  check(frames === amplitudes.length, text, 'give one for every hop, and one for the first sample');
  let spectra: Float64Array[] = from ? shortTime.forward(from) : randomPhases(amplitudes, seed);
  spectra = spectra.map((spectrum, f) => withAmplitudes(spectrum, amplitudes[f]));
  let before: Float64Array[] = spectra.map((spectrum) => new Float64Array(spectrum.length));
  for (let i = 0; i < iterations; i++) {
    const rebuilt = shortTime.forward(shortTime.inverse(spectra, length));
    const share = momentum / (1 + momentum);
    spectra = rebuilt.map((spectrum, f) => {
      const ahead = spectrum.slice();
      for (let k = 0; k < ahead.length; k++) ahead[k] -= share * before[f][k];
      return withAmplitudes(ahead, amplitudes[f]);
    });
    before = rebuilt;
  }
  return shortTime.inverse(spectra, length);
}

/** Phases of a spectrum with other amplitudes. */
function withAmplitudes(spectrum: Float64Array, amplitudes: Float64Array): Float64Array {
  const result = new Float64Array(spectrum.length);
  for (let k = 0; k < amplitudes.length; k++) {
    const re = spectrum[2 * k];
    const im = spectrum[2 * k + 1];
    const length = Math.sqrt(re * re + im * im);
    result[2 * k] = length > 0 ? (amplitudes[k] * re) / length : amplitudes[k];
    result[2 * k + 1] = length > 0 ? (amplitudes[k] * im) / length : 0;
  }
  return result;
}

function randomPhases(amplitudes: readonly Float64Array[], seed: number): Float64Array[] {
  const random = new Random(seed).fork('phases');
  return amplitudes.map((frame) => {
    const spectrum = new Float64Array(2 * frame.length);
    frame.forEach((_, k) => {
      const angle = 2 * Math.PI * random.uniform();
      spectrum[2 * k] = Math.cos(angle);
      spectrum[2 * k + 1] = Math.sin(angle);
    });
    return spectrum;
  });
}
