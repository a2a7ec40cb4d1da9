// Features with mean 0 and deviation 1 over what is trained on, each by itself.

/** Mean and deviation of every feature. */
export interface Normalisation {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** The normalisation of these frames; a feature that never changes has deviation 1. */
export function normalisationOf(frames: readonly ArrayLike<number>[]): Normalisation {
  const [{ length: width }, count] = [frames[0], frames.length];
  const [mean, squares] = [new Float64Array(width), new Float64Array(width)];
  for (const frame of frames) for (let c = 0; c < width; c++) mean[c] += frame[c] / count;
  for (const frame of frames) for (let c = 0; c < width; c++) squares[c] += (frame[c] - mean[c]) ** 2 / count;
  return { mean, deviation: squares.map((square) => Math.sqrt(square) || 1) };
}

/** A frame with mean 0 and deviation 1. */
export const normalised = (frame: ArrayLike<number>, { mean, deviation }: Normalisation): Float64Array =>
  mean.map((m, c) => (frame[c] - m) / deviation[c]);

/** The frame that was normalised. */
export const restored = (frame: ArrayLike<number>, { mean, deviation }: Normalisation): Float64Array =>
  mean.map((m, c) => frame[c] * deviation[c] + m);
