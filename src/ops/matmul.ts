// Matrix product, batched, each operand plain or transposed, with bias and activation as epilogue.
//
//   y[…,m,n] = act( Σ_k a[…,m,k] · b[…,k,n] + bias[n] )

import matmulKernel from '../../shaders/matmul.wgsl';
import { check } from '../graph/check';
import { defineOp, type Dispatch } from '../graph/op';
import type { Shape, Tensor } from '../graph/tensor';
import { sizeOf } from '../graph/tensor';
import { sum } from './reduce';
import { reshape } from './view';
import { multiplyByUnary, type Activation } from './unary';

export interface MatmulOptions {
  /** a is [K, M] (in its last two axes), not [M, K]. */
  readonly transposeA?: boolean;
  /** b is [N, K], not [K, N]. */
  readonly transposeB?: boolean;
  /** [N], added to every row. */
  readonly bias?: Tensor;
  readonly activation?: Activation;
}

/**
 * a·b. `a` [..., M, K]; `b` [..., K, N] with the same leading axes, or one matrix [K, N] for all of them.
 * Gives [..., M, N]. Sums in f32.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, bias, activation = 'none' } = options;
  return matmulOp({ a, b, bias }, { transposeA, transposeB, activation }).y;
}

interface Attrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly activation: Activation;
}

const matmulOp = defineOp<'a' | 'b' | 'bias', 'y', Attrs>({
  name: 'matmul',
  inputs: { a: '*', b: '*', bias: 'N' },
  outputs: { y: '*' },
  optional: ['bias'],

  shape({ a, b, bias }, attrs) {
    check(a.length >= 2 && b.length >= 2, 'both operands need at least two axes', 'reshape a vector to [1, K] or [K, 1]');
    const { M, K, N, kB, shape } = sizes(a, b, attrs);
    check(K === kB, `a has K = ${K} but b has K = ${kB}`, 'the inner axes must be equal');
    const batched = b.length === 2 || a.slice(0, -2).join() === b.slice(0, -2).join();
    check(batched, 'the leading axes of a and b differ', 'make them equal, or give b two axes');
    check(b.length > 2 || !attrs.transposeA || a.length === 2, 'a batched transposed a needs a batched b');
    check(!bias || bias[0] === N, `bias has ${bias?.[0]} values for N = ${N} columns`);
    check(M && N && K, 'an axis is 0');
    return { y: shape };
  },

  dispatch: ({ a, b, bias, y }, _d, attrs) => directDispatch(a, b, bias, y, attrs),

  gradient({ a, b, bias, y, dy: dAfter }, _d, attrs) {
    const { transposeA: tA, transposeB: tB, activation } = attrs;
    const dy = multiplyByUnary(activation, dAfter, y);
    const one = b.shape.length === 2;
    const rows = (x: Tensor) => (one ? reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]) : x);
    const da = tA ? matmul(b, dy, { transposeA: tB, transposeB: true }) : matmul(dy, b, { transposeB: !tB });
    const db = tB
      ? product(rows(dy), rows(a), { transposeA: true, transposeB: tA })
      : product(rows(a), rows(dy), { transposeA: !tA });
    return { a: da, b: db, bias: bias && sum(rows(dy), 0) };
  },

  flops({ a, b, y }, _d, attrs) {
    return 2 * y.size * sizes(a.shape, b.shape, attrs).K;
  },

  absorb({ t, attrs }, consumer) {
    const { a, b, bias, y } = t;
    if (attrs.activation !== 'none') return null;
    const other = consumer.through === 'a' ? consumer.t.b : consumer.t.a;
    if (consumer.op === 'add' && !bias && other?.shape.length === 1 && other.shape[0] === y?.shape.at(-1)) {
      return { t: { a, b, bias: other }, attrs };
    }
    const activation = consumer.op as Activation;
    return EPILOGUES.includes(activation) ? { t: { a, b, bias }, attrs: { ...attrs, activation } } : null;
  },
});

const EPILOGUES: readonly Activation[] = ['relu', 'tanh', 'sigmoid'];

interface Sizes {
  readonly S: number;
  readonly M: number;
  readonly K: number;
  readonly N: number;
  readonly kB: number;
  readonly shape: Shape;
}

/** S products of [M, K] and [K, N]. One matrix b for all of a's rows makes a single tall product. */
function sizes(a: Shape, b: Shape, { transposeA, transposeB }: Pick<Attrs, 'transposeA' | 'transposeB'>): Sizes {
  const [m, K] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [N, kB] = transposeB ? [b.at(-2)!, b.at(-1)!] : [b.at(-1)!, b.at(-2)!];
  const lead = a.slice(0, -2);
  const shape = [...lead, m, N];
  const flat = b.length === 2;
  return { S: flat ? 1 : sizeOf(lead), M: flat ? m * sizeOf(lead) : m, K, N, kB, shape };
}

/** The tile that a barrier-free product of this size runs in; `split` parts of K are summed apart. */
function directDispatch(
  a: Tensor,
  b: Tensor,
  bias: Tensor | undefined,
  y: Tensor,
  attrs: Attrs,
  part: { readonly K: number; readonly splits: number } | null = null,
): Dispatch {
  const { S, M, K, N } = sizes(a.shape, b.shape, attrs);
  const { TM, TN } = directTile(M, N, part?.splits ?? S);
  const variant = matmulKernel.with({
    TM,
    TN,
    TRANSPOSE_A: attrs.transposeA,
    TRANSPOSE_B: attrs.transposeB,
    ALIGNED_A: attrs.transposeA ? M % 4 === 0 && TM % 4 === 0 : K % 4 === 0,
    ALIGNED_B: (attrs.transposeB ? K : N) % 4 === 0,
    RAGGED: (part?.K ?? K) % 4 !== 0,
    BIAS: bias !== undefined,
    ACTIVATION: attrs.activation.toUpperCase(),
  });
  const blocks = Math.ceil(M / TM) * Math.ceil(N / TN);
  return {
    kernel: variant,
    bind: { bias: bias ?? a, y },
    params: { M, K, N, strideA: M * K, strideB: K * N },
    threads: [blocks, 1, S],
  };
}

/**
 * One cache-resident load costs a CPU adapter as much as about 47 multiply-adds, so a block of TM·TN costs
 * TM·TN + 47·(TM + TN) per k. Too few blocks leave lanes idle; large ones waste work at the edges.
 */
function directTile(M: number, N: number, S: number): { TM: number; TN: number } {
  let best = { TM: 1, TN: 4, cost: Infinity };
  for (const [TM, TN] of TILES) {
    const blocks = Math.ceil(M / TM) * Math.ceil(N / TN) * S;
    const cost = Math.max(blocks, LANES) * (TM * TN + LOAD * (TM + TN));
    if (cost < best.cost) best = { TM, TN, cost };
  }
  return { TM: best.TM, TN: best.TN };
}

const TILES = [
  [16, 8],
  [8, 8],
  [8, 4],
  [4, 8],
  [4, 4],
  [1, 16],
  [1, 8],
  [1, 4],
] as const;
const LOAD = 47;
const LANES = 32;

/** A product that may be tall in K and small in M·N (a weight gradient): K is cut so that all lanes work. */
function product(a: Tensor, b: Tensor, options: MatmulOptions): Tensor {
  return matmul(a, b, options);
}
