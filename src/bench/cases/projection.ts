// The projection that keeps a recurrent weight stable, as it follows an update.

import { clipSpectrum } from '../../optim/spectralNorm';
import { noise, type Case } from '../case';

const N = 256;
const LAMBDA = 0.99;

/** The largest singular value, by 200 steps of power iteration in doubles: never above the true one. */
function largestSingularValue(w: ArrayLike<number>): number {
  let v = Float64Array.from({ length: N }, (_, i) => Math.sin(i + 1));
  let size = 0;
  for (let round = 0; round < 200; round++) {
    const next = new Float64Array(N);
    for (let i = 0; i < N; i++) {
      let sum = 0;
      for (let j = 0; j < N; j++) sum += w[i * N + j] * v[j];
      for (let j = 0; j < N; j++) next[j] += w[i * N + j] * sum;
    }
    size = Math.hypot(...next);
    v = next.map((value) => value / size);
  }
  return Math.sqrt(size);
}

/** The projection of a matrix onto a ball of the spectral norm. */
export const PROJECTION: Case = {
  name: 'spectral projection',
  about: `singular values of [${N}, ${N}] clipped at ${LAMBDA}, as after an update`,
  limit: 'fma',
  inputs: () => ({ w: noise([N, N], 1, 1 / Math.sqrt(N)) }),
  build: (engine, { w }) => ({
    step: engine.record((x) => clipSpectrum(x, LAMBDA)),
    args: [w],
    // It starts at 1.15; a result above the bound is wrong by so much.
    error: ([y]) =>
      y.every(Number.isFinite) ? Math.max(0, largestSingularValue(y) - LAMBDA) / LAMBDA : Infinity,
  }),
};
