// How strong each frequency is in a sound, over time: the short-time Fourier transform in Hann windows, in decibels.

export interface SpectrogramOptions {
  /** Samples of a window. */
  readonly window: number;
  /** From one window to the next. */
  readonly hop: number;
}

/** Frames of window / 2 values, from frequency 0 up; the loudest value of all is 0 dB. */
export function spectrogram(samples: Float32Array, { window, hop }: SpectrogramOptions): Float64Array[] {
  const hann = Float64Array.from(
    { length: window },
    (_, t) => 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / window),
  );
  const cosines = Float64Array.from({ length: window }, (_, i) => Math.cos((2 * Math.PI * i) / window));
  const frames: Float64Array[] = [];
  let loudest = 1e-12;
  for (let start = 0; start + window <= Math.max(samples.length, window); start += hop) {
    const frame = new Float64Array(window / 2);
    for (let k = 0; k < frame.length; k++) {
      let [real, imaginary] = [0, 0];
      for (let t = 0; t < window; t++) {
        const x = (samples[start + t] ?? 0) * hann[t];
        // sin a = cos(a − π/2)
        real += x * cosines[(k * t) % window];
        imaginary += x * cosines[(k * t + (3 * window) / 4) % window];
      }
      frame[k] = real * real + imaginary * imaginary;
      loudest = Math.max(loudest, frame[k]);
    }
    frames.push(frame);
  }
  return frames.map((frame) => frame.map((power) => 10 * Math.log10(Math.max(power / loudest, 1e-12))));
}
