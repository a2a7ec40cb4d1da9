// How strong each frequency is in a sound, over time: the short-time Fourier transform in Hann windows, in decibels.

import { Fourier, hann } from './speech/fourier';

/** The windows of a spectrogram, in samples. */
export interface SpectrogramOptions {
  /** Samples of a window, a power of two. */
  readonly window: number;
  /** From one window to the next. */
  readonly hop: number;
}

/** Frames of window / 2 values, from frequency 0 up; the loudest value of all is 0 dB. */
export function spectrogram(samples: Float32Array, { window, hop }: SpectrogramOptions): Float64Array[] {
  const [fourier, weights] = [new Fourier(window), hann(window)];
  const frame = new Float64Array(window);
  const frames: Float64Array[] = [];
  let loudest = 1e-12;
  for (let start = 0; start + window <= Math.max(samples.length, window); start += hop) {
    for (let t = 0; t < window; t++) frame[t] = (samples[start + t] ?? 0) * weights[t];
    const spectrum = fourier.forward(frame);
    const powers = Float64Array.from(
      { length: window / 2 },
      (_, k) => spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2,
    );
    loudest = powers.reduce((most, power) => Math.max(most, power), loudest);
    frames.push(powers);
  }
  return frames.map((powers) => powers.map((power) => 10 * Math.log10(Math.max(power / loudest, 1e-12))));
}
