// The Fourier transform of real numbers, and short-time spectra of a sound: frames of it under a window, and the sound
// that such frames come from by weighted overlap-add (Griffin & Lim 1984).

import FFT from 'fft.js';
import { check } from '../../graph/check';

/** The transform of `size` real numbers, a power of two of at least 4, to size / 2 + 1 complex ones, and back. */
export class Fourier {
  private readonly fft: FFT;
  private readonly time: Float64Array;
  private readonly frequency: Float64Array;

  constructor(readonly size: number) {
    const text = `Fourier: its size is ${size}`;
    check(
      size >= 4 && Number.isInteger(Math.log2(size)),
      text,
      'give a power of two of at least 4, e.g. 256',
    );
    this.fft = new FFT(size);
    this.time = new Float64Array(2 * size);
    this.frequency = new Float64Array(2 * size);
  }

  /** Complex numbers that a spectrum has. */
  get bins(): number {
    return this.size / 2 + 1;
  }

  /** Real and imaginary parts by turns, from frequency 0 up to half the rate. */
  forward(values: ArrayLike<number>): Float64Array {
    this.fft.realTransform(this.frequency, values);
    return this.frequency.slice(0, 2 * this.bins);
  }

  /** The real numbers whose spectrum it is. */
  inverse(spectrum: Float64Array): Float64Array {
    this.frequency.set(spectrum);
    this.fft.completeSpectrum(this.frequency);
    this.fft.inverseTransform(this.time, this.frequency);
    return Float64Array.from({ length: this.size }, (_, t) => this.time[2 * t]);
  }
}

/** Hann's window of so many samples, as one period of it. */
export const hann = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / length));

/** How a sound is cut into frames. */
export interface Framing {
  /** Samples per second. */
  readonly rate: number;
  /** Samples under the window. */
  readonly window: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
  /** Samples of a transform, a power of two: the window stands in the middle of so many, between zeros. */
  readonly size: number;
}

/** Windows of 25 ms, every 10 ms, at 8,000 samples per second. */
export const SPEECH_FRAMING: Framing = { rate: 8000, window: 200, hop: 80, size: 256 };

/** Frames of a sound: one in the middle of every hop, from the first sample on. */
export const framesOf = (samples: number, { hop }: Framing): number => 1 + Math.floor(samples / hop);

/** Short-time spectra and back. */
export class ShortTime {
  readonly fourier: Fourier;
  private readonly window: Float64Array;

  constructor(readonly framing: Framing = SPEECH_FRAMING) {
    const { window, size } = framing;
    check(
      window <= size,
      `ShortTime: a window of ${window} samples is longer than ${size}`,
      'give a larger size',
    );
    this.fourier = new Fourier(size);
    this.window = new Float64Array(size);
    this.window.set(hann(window), Math.floor((size - window) / 2));
  }

  /** The sum of the window: a sine of amplitude A is a peak of A / 2 times so much. */
  get gain(): number {
    return this.window.reduce((sum, w) => sum + w, 0);
  }

  /** A spectrum, see Fourier, for every frame; the sound stands between zeros. */
  forward(samples: ArrayLike<number>): Float64Array[] {
    const { hop, size } = this.framing;
    const frame = new Float64Array(size);
    return Array.from({ length: framesOf(samples.length, this.framing) }, (_, f) => {
      const start = f * hop - size / 2;
      for (let t = 0; t < size; t++) frame[t] = (samples[start + t] ?? 0) * this.window[t];
      return this.fourier.forward(frame);
    });
  }

  /** The `length` samples whose spectra are nearest to these, in the sense of least squares. */
  inverse(spectra: readonly Float64Array[], length: number): Float64Array {
    const { hop, size } = this.framing;
    const samples = new Float64Array(length);
    const weights = new Float64Array(length);
    spectra.forEach((spectrum, f) => {
      const frame = this.fourier.inverse(spectrum);
      const start = f * hop - size / 2;
      for (let t = Math.max(0, -start); t < size && start + t < length; t++) {
        samples[start + t] += frame[t] * this.window[t];
        weights[start + t] += this.window[t] ** 2;
      }
    });
    return samples.map((x, t) => (weights[t] > 1e-8 ? x / weights[t] : 0));
  }
}
