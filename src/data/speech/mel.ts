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

/** What the bands are of the bins: a bin is in two of them at the most, which are neighbours. */
interface Triangles {
  /** The lower band of every bin. */
  readonly band: Int32Array;
  /** How much of a bin is in that band, and how much in the one above. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Triangles over the bins of a transform, each from the middle of the band below to that of the band above. */
function triangles(rate: number, size: number, bands: number): Triangles {
  const middles = [0, ...bandCentres(rate, bands), rate / 2];
  const bins = size / 2 + 1;
  const band = new Int32Array(bins);
  const [lower, upper] = [new Float64Array(bins), new Float64Array(bins)];
  const empty = new Set(Array.from({ length: bands }, (_, b) => b));
  for (let k = 0; k < bins; k++) {
    const f = (k * rate) / size;
    const above = Math.max(
      1,
      middles.findIndex((middle) => middle >= f),
    );
    const share = (f - middles[above - 1]) / (middles[above] - middles[above - 1]);
    // Bands count from the second middle; the first has none below, the last none above.
    band[k] = Math.max(0, Math.min(bands - 2, above - 2));
    if (above === 1) lower[k] = share;
    else if (above === bands + 1) upper[k] = 1 - share;
    else [lower[k], upper[k]] = [1 - share, share];
    if (lower[k] > 0) empty.delete(band[k]);
    if (upper[k] > 0) empty.delete(band[k] + 1);
  }
  const [first] = empty;
  const text = `MelSpectra: band ${first} of ${bands} has no frequency of a transform of ${size}`;
  check(!empty.size, text, 'take fewer bands or a larger transform');
  return { band, lower, upper };
}

/** Log-mel spectra of sounds, and powers from them. */
export class MelSpectra {
  private readonly triangles: Triangles;
  /** The sum of every band over all bins. */
  private readonly areas: Float64Array;
  /** The sum over all bands of every bin: what a step of the inverse divides by. */
  private readonly reach: Float64Array;

  constructor(
    readonly shortTime = new ShortTime(),
    readonly bands = BANDS,
  ) {
    const { rate, size } = shortTime.framing;
    this.triangles = triangles(rate, size, bands);
    this.areas = this.gathered(new Float64Array(size / 2 + 1).fill(1));
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
    const power = this.divided(this.spread(wanted.map((value, b) => value / this.areas[b])));
    for (let step = 0; step < steps; step++) {
      const ratio = this.gathered(power);
      for (let b = 0; b < ratio.length; b++) ratio[b] = wanted[b] / Math.max(ratio[b], 1e-300);
      const factor = this.divided(this.spread(ratio));
      for (let k = 0; k < power.length; k++) power[k] *= factor[k];
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
    const { band, lower, upper } = this.triangles;
    const sums = new Float64Array(this.bands);
    for (let k = 0; k < power.length; k++) {
      sums[band[k]] += lower[k] * power[k];
      sums[band[k] + 1] += upper[k] * power[k];
    }
    return sums;
  }

  /** Bands to bins, by the same weights. */
  private spread(bands: Float64Array): Float64Array {
    const { band, lower, upper } = this.triangles;
    const bins = new Float64Array(band.length);
    for (let k = 0; k < bins.length; k++) {
      bins[k] = lower[k] * bands[band[k]] + upper[k] * bands[band[k] + 1];
    }
    return bins;
  }

  /** What reaches no band is zero. */
  private divided(bins: Float64Array): Float64Array {
    for (let k = 0; k < bins.length; k++) bins[k] = this.reach[k] > 0 ? bins[k] / this.reach[k] : 0;
    return bins;
  }
}
