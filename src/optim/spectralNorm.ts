// The Euclidean projection onto {‖W‖₂ ≤ λ}: every singular value above λ becomes λ, the others stay (Miller & Hardt
// 2019 project the tanh RNN so, by an SVD on the host). Here by products alone, on the device. With W = P·H, P
// orthogonal and H positive (the polar decomposition),
//
//   W − P·max(H − λ, 0)        and        max(D, 0) = ½(D + D·sign(D))
//
// P, and the sign of D = H − λ, by polynomials of signPolynomials.ts. Where these have not converged the result is
// right all the same: singular values far below λ get a P that is too small, and stay below; eigenvalues of D next to
// zero get any sign between -1 and 1, and are next to zero either way.

import quinticKernel from '../../shaders/optim/quintic.wgsl';
import spectralClipKernel from '../../shaders/optim/spectralClip.wgsl';
import spectralShiftKernel from '../../shaders/optim/spectralShift.wgsl';
import { callerLine, check, fail, hereStack } from '../graph/check';
import { defineOp } from '../graph/op';
import { checked, type Rules } from '../graph/options';
import type { Parameter } from '../graph/state';
import type { Tensor } from '../graph/tensor';
import { add, div } from '../ops/elementwise/binary';
import { matmul } from '../ops/matmul/matmul';
import { clamp } from '../ops/elementwise/unary';
import { reshape } from '../ops/layout/view';
import { Constraint } from './constraint';
import { gradientNorm } from './gradientNorm';
import { signPolynomials, type Quintic } from './signPolynomials';
import { symmetricProduct } from './symmetricProduct';

const quinticOp = defineOp<'b' | 'c' | 'norm', 'y', Quintic & { SCALED: boolean }>({
  name: 'quintic',
  inputs: { b: 'N N', c: 'N N', norm: '1' },
  outputs: { y: 'N N' },
  dispatch: ({ y }, _d, { SCALED }) => ({ kernel: quinticKernel.with({ SCALED }), threads: [y.size] }),
  flops: ({ y }) => 5 * y.size,
});

interface Bound {
  readonly lambda: number;
  /** How many times λ the largest singular value may be; a larger matrix is scaled down to that first. */
  readonly most: number;
}

const spectralShiftOp = defineOp<'h' | 'norm' | 'size', 'd' | 'y', Bound>({
  name: 'spectralShift',
  inputs: { h: 'N N', norm: '1', size: '1' },
  outputs: { d: 'N N', y: 'N N' },
  dispatch: ({ y }) => ({ kernel: spectralShiftKernel.with(), threads: [y.size] }),
  flops: ({ y }) => 4 * y.size,
});

const spectralClipOp = defineOp<'w' | 'above' | 'norm' | 'size', 'y', Bound>({
  name: 'spectralClip',
  inputs: { w: 'N N', above: 'N N', norm: '1', size: '1' },
  outputs: { y: 'N N' },
  dispatch: ({ y }) => ({ kernel: spectralClipKernel.with(), threads: [y.size] }),
  flops: ({ y }) => 3 * y.size,
});

// Four polynomials for P and seven for the sign, which end within 1e-6: W may be up to about ten times too large.
const POLAR = /* @__PURE__ */ signPolynomials(0.05, 1e-5);
const SIGN = /* @__PURE__ */ signPolynomials(7e-4, 1e-5);

/** How many times λ a singular value may be after one pass, and before two, of which the first leaves about λ. */
const MOST = { 1: 16, 2: 1e4 } as const;

/** How far inside the bound a singular value ends that was outside: more than rounding adds. */
const MARGIN = 5e-5;

/** How a matrix is kept below its norm. */
export interface SpectralOptions {
  /**
   * How often the projection is done. Once is exact to 1e-4 when no singular value is above about 10 λ, as after an
   * update; twice where none is above 1,000 λ. A matrix that is larger is scaled down to that first, so that it ends
   * within the bound, whatever its size.
   */
  readonly passes?: 1 | 2;
}

const RULES: Rules<SpectralOptions> = { passes: (value) => value === 1 || value === 2 || '1 or 2' };

/**
 * w [N, N] with every singular value above λ replaced by λ: 36 products of its size a pass, of which 31 are
 * symmetric. A w that is within the
 * bound stays as it is. No gradient.
 */
export function clipSpectrum(w: Tensor, lambda: number, options: SpectralOptions = {}): Tensor {
  const { passes = 1 } = checked('clipSpectrum', options, RULES);
  const [N, M] = w.shape;
  if (w.shape.length !== 2 || N !== M || !(lambda > 0)) {
    fail(`clipSpectrum: w is [${w.shape.join(', ')}] and λ ${lambda}.`, {
      at: callerLine(hereStack()),
      fix: 'give a square matrix, and λ above 0.',
    });
  }
  let value = w;
  for (let left = passes as number; left > 0; left--) {
    value = clipOnce(value, { lambda: lambda * (1 - MARGIN), most: left > 1 ? MOST[2] : MOST[1] });
  }
  return value;
}

function clipOnce(w: Tensor, bound: Bound): Tensor {
  const squared = (x: Tensor) => {
    const b = symmetricProduct(x, x);
    return { b, c: symmetricProduct(b, b) };
  };
  // Divided by its Frobenius norm: the fourth powers of 1e-10 and of 1e10 would be beyond f32.
  const size = clamp(gradientNorm(reshape(w, [-1])), 1e-37, 1e38);
  const x = div(w, size);
  const first = squared(x);
  const norm = gradientNorm(reshape(first.c, [-1]));
  const even = (polynomial: Quintic, { b, c }: typeof first, SCALED = false) =>
    quinticOp({ b, c, norm }, { ...polynomial, SCALED }).y;
  let polar = matmul(x, even(POLAR[0], first, true));
  for (const polynomial of POLAR.slice(1)) polar = matmul(polar, even(polynomial, squared(polar)));
  const { d, y } = spectralShiftOp({ h: symmetricProduct(polar, x), norm, size }, bound);
  let sign = y;
  for (const polynomial of SIGN) sign = symmetricProduct(sign, even(polynomial, squared(sign)));
  return spectralClipOp({ w, above: matmul(polar, add(d, symmetricProduct(d, sign))), norm, size }, bound).y;
}

/** Keeps ‖W‖₂ ≤ λ: with λ below 1 and W the recurrent weight of a tanh RNN, the RNN is stable. */
export function spectralNorm(weight: Parameter, lambda: number, options: SpectralOptions = {}): Constraint {
  checked('spectralNorm', options, RULES);
  check(lambda > 0, `spectralNorm: λ is ${lambda}`, 'use a number above 0, below 1 for a stable RNN');
  return new Constraint('spectralNorm', [weight], ([w]) => [clipSpectrum(w, lambda, options)]);
}
