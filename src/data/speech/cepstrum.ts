// Mel-cepstra, and how far two of them are apart in decibels: the mel-cepstral distortion (Kubichek 1993) of speech
// synthesis; and which frames of two utterances belong together, by dynamic time warping.
//
//   log A(b) = c_0 + Σ_m c_m cos(π m (b + ½) / bands)          MCD = (10 / ln 10) · √(2 · Σ_{m ≥ 1} (c_m − c'_m)²)
//
// That is √(mean square of the difference of log-spectra), without what all bands have in common.

/** Coefficients that are compared, without the one of loudness. */
export const ORDER = 24;

/** Rows of the cosine transform that makes c_1 … c_order of log-powers: [order][bands]. */
export const cepstralTransform = (bands: number, order = ORDER): Float64Array[] =>
  Array.from({ length: order }, (_, m) =>
    Float64Array.from({ length: bands }, (__, b) => {
      // Half of 2 / bands: a logarithm of a power is twice that of an amplitude.
      return Math.cos((Math.PI * (m + 1) * (b + 0.5)) / bands) / bands;
    }),
  );

/** Decibels for a unit of the distance between two cepstra. */
export const DECIBELS = (10 / Math.LN10) * Math.SQRT2;

/** c_1 … c_order of a frame of log-mel powers. */
export function melCepstrum(
  logMel: ArrayLike<number>,
  transform = cepstralTransform(logMel.length),
): Float64Array {
  return Float64Array.from(transform, (row) => row.reduce((sum, weight, b) => sum + weight * logMel[b], 0));
}

/** Decibels between two cepstra. */
export const cepstralDistance = (a: Float64Array, b: Float64Array): number =>
  DECIBELS * Math.sqrt(a.reduce((sum, value, m) => sum + (value - b[m]) ** 2, 0));

/** Pairs of frames, from the first two to the last two, that are cheapest together; a step goes on in one or both. */
export function aligned(
  first: number,
  second: number,
  cost: (i: number, j: number) => number,
): [number, number][] {
  const best = Array.from({ length: first }, () => new Float64Array(second));
  const at = (i: number, j: number) => (i < 0 || j < 0 ? Infinity : best[i][j]);
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      const before = Math.min(at(i - 1, j - 1), at(i - 1, j), at(i, j - 1));
      best[i][j] = cost(i, j) + (i + j ? before : 0);
    }
  }
  const path: [number, number][] = [];
  for (let [i, j] = [first - 1, second - 1]; i >= 0 && j >= 0;) {
    path.push([i, j]);
    const [both, one] = [at(i - 1, j - 1), at(i - 1, j)];
    if (both <= one && both <= at(i, j - 1)) [i, j] = [i - 1, j - 1];
    else if (one <= at(i, j - 1)) i--;
    else j--;
  }
  return path.reverse();
}
