// References in JavaScript for those kernels of the library whose result is told in a few lines. The others are compared
// with the kernel as it was before it was changed.

import type { Variant } from '../../../src/graph/kernel';

const ELEMENTS: Readonly<Record<string, string>> = { ADD: '+', SUB: '-', MUL: '*', DIV: '/' };

/** Nothing where there is none: see `origin`. */
export function referenceOf({ kernel: { name }, changes }: Pick<Variant, 'kernel' | 'changes'>): string {
  const sign = ELEMENTS[String(changes.OPERATION ?? 'ADD')];
  if (name === 'binary' && changes.SAME && sign)
    return `for (let i = 0; i < p.size; i++) y[i] = a[i] ${sign} b[i];`;
  const isPlain = !changes.BIAS && [undefined, 'NONE'].includes(changes.ACTIVATION as string | undefined);
  return /^matmul/.test(name) && isPlain ? productOf(changes) : '';
}

const productOf = ({
  TRANSPOSE_A,
  TRANSPOSE_B,
}: Variant['changes']): string => `// In doubles, row by row of b.
const { S, M, K, N } = p;
for (let s = 0; s < S; s++) {
  const [a0, b0] = [s * p.strideA, s * p.strideB];
  const [first, end] = [s * p.strideK, Math.min(s * p.strideK + p.length, K)];
  for (let m = 0; m < M; m++) {
    const row = y.subarray((s * M + m) * N, (s * M + m + 1) * N).fill(0);
    for (let k = first; k < end; k++) {
      const left = a[a0 + ${TRANSPOSE_A ? 'k * M + m' : 'm * K + k'}];
      for (let n = 0; n < N; n++) row[n] += left * b[b0 + ${TRANSPOSE_B ? 'n * K + k' : 'k * N + n'}];
    }
  }
}`;
