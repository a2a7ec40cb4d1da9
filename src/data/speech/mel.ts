// Log-mel spectra of speech: how strong it is in bands that are narrow where hearing is fine, on O'Shaughnessy's scale,
// mel = 2595 · log10(1 + f / 700); and the powers of the frequencies that such bands come from.

import { check } from '../../graph/check';
import { ShortTime } from './fourier';

/** Bands between 0 and half the rate. */
export const BANDS = 40;
/** The least power that is told from none: 80 dB below that of a sine of amplitude 2. */
const FLOOR = 1e-8;
/** What a band holds where there is silence: the logarithm of that power. */
export const SILENT = Math.log(FLOOR);

/** Power of a source that is as good as none: nothing is made of it, and nothing divided by zero. */
const QUIET = 1e-12;

const powersIn = (spectrum: Float64Array): Float64Array =>
  Float64Array.from(
    { length: spectrum.length / 2 },
    (_, k) => spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2,
  );

const melOf = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const hertzOf = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/** The middles of the bands in hertz. */
export const bandCentres = (rate: number, bands = BANDS): number[] =>
  Array.from({ length: bands }, (_, b) => hertzOf((melOf(rate / 2) * (b + 1)) / (bands + 1)));

/** Triangles over the bins of a transform, each from the middle of the band below to that of the band above. */
function triangles(rate: number, size: number, bands: number): Float64Array[] {
  const middles = [0, ...bandCentres(rate, bands), rate / 2];
  return Array.from({ length: bands }, (_, b) => {
    const [low, middle, high] = middles.slice(b, b + 3);
    const weights = Float64Array.from({ length: size / 2 + 1 }, (__, k) => {
      const f = (k * rate) / size;
      return Math.max(0, Math.min((f - low) / (middle - low), (high - f) / (high - middle)));
    });
    const text = `MelSpectra: band ${b} of ${bands} has no frequency of a transform of ${size}`;
    check(
      weights.some((w) => w > 0),
      text,
      'take fewer bands or a larger transform',
    );
    return weights;
  });
}

/** Log-mel spectra of sounds, and powers from them. */
export class MelSpectra {
  private readonly filters: readonly Float64Array[];
  /** The sum over all bands of every bin: what a step of the inverse divides by. */
  private readonly reach: Float64Array;

  constructor(
    readonly shortTime = new ShortTime(),
    readonly bands = BANDS,
  ) {
    const { rate, size } = shortTime.framing;
    this.filters = triangles(rate, size, bands);
    this.reach = this.spread(new Float64Array(bands).fill(1));
  }

  /** Frames of `bands` natural logarithms of powers, at least SILENT. */
  forward(samples: ArrayLike<number>): Float64Array[] {
    const scale = 1 / this.shortTime.gain ** 2;
    return this.shortTime.forward(samples).map((spectrum) => {
      const power = powersIn(spectrum).map((value) => value * scale);
      return this.gathered(power).map((value) => Math.log(Math.max(value, FLOOR)));
    });
  }

  /**
   * Powers of the bins that give these bands, none below zero: the likeliest by so many steps of Richardson and Lucy,
   * which weigh quiet bands as much as loud ones.
   */
  powers(logMel: ArrayLike<number>, steps = 40): Float64Array {
    const wanted = Float64Array.from(logMel, Math.exp);
    const even = this.filters.map((filter, b) => wanted[b] / filter.reduce((sum, w) => sum + w, 0));
    let power = this.divided(this.spread(Float64Array.from(even)));
    for (let step = 0; step < steps; step++) {
      const ratio = this.gathered(power).map((value, b) => wanted[b] / Math.max(value, 1e-300));
      const factor = this.divided(this.spread(ratio));
      power = power.map((value, k) => value * factor[k]);
    }
    return power;
  }

  /** The same as amplitudes of spectra, see ShortTime. */
  amplitudes(logMel: ArrayLike<number>): Float64Array {
    return this.powers(logMel).map((power) => Math.sqrt(power) * this.shortTime.gain);
  }

  /** A spectrum with other bands: between their middles it is made louder and quieter along straight lines. */
  shaped(spectrum: Float64Array, logMel: ArrayLike<number>): Float64Array {
    const own = this.gathered(powersIn(spectrum));
    const scale = this.shortTime.gain ** 2;
    const gains = this.divided(
      this.spread(own.map((power, b) => (Math.exp(logMel[b]) * scale) / (power + QUIET))),
    );
    return spectrum.map((value, i) => value * Math.sqrt(gains[i >> 1]));
  }

  /** Bins to bands. */
  private gathered(power: Float64Array): Float64Array {
    return Float64Array.from(this.filters, (filter) => filter.reduce((sum, w, k) => sum + w * power[k], 0));
  }

  /** Bands to bins, by the same weights. */
  private spread(bands: Float64Array): Float64Array {
    return Float64Array.from({ length: this.filters[0].length }, (_, k) =>
      this.filters.reduce((sum, filter, b) => sum + filter[k] * bands[b], 0),
    );
  }

  /** What reaches no band is zero. */
  private divided(bins: Float64Array): Float64Array {
    return bins.map((value, k) => (this.reach[k] > 0 ? value / this.reach[k] : 0));
  }
}
