// How near the diagonal an attention is, and the attention of one sentence as a picture.

/** Attention of a translation: [T, S] in rows, T symbols of the target over S of the source. */
export interface Attention {
  readonly weights: ArrayLike<number>;
  readonly T: number;
  readonly S: number;
}

/** The part of all attention within so many source symbols of the diagonal, which goes from corner to corner. */
export function shareNearDiagonal(all: readonly Attention[], within: number): number {
  let [near, total] = [0, 0];
  for (const { weights, T, S } of all) {
    for (let t = 0; t < T; t++) {
      const middle = T > 1 ? (t * (S - 1)) / (T - 1) : (S - 1) / 2;
      for (let s = 0; s < S; s++) {
        const weight = weights[t * S + s];
        total += weight;
        if (Math.abs(s - middle) <= within) near += weight;
      }
    }
  }
  return near / total;
}
