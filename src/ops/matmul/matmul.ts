// Matrix product, batched, each operand plain or transposed, with bias and activation as epilogue.
//
//   y[…,m,n] = act( Σ_k a[…,m,k] · b[…,k,n] + bias[n] )

import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import type { Absorbable, Consumer, Rewriting, Tensor } from '../../graph/tensor';
import { checked, flag, oneOf, type Rules, tensor } from '../../graph/options';
import { sizeOf } from '../../graph/shape';
import { matmulDispatch, partsOf, sizes, type MatmulAttrs, type Sizes } from './matmulDispatch';
import { pickedRows } from '../layout/pickedRows';
import { sumRows } from '../reduce/sumMiddle';
import { joinParts } from '../reduce/reduceDispatch';
import { ACTIVATIONS, activationOf, backThrough, type Activation } from '../elementwise/activation';
import { reshape } from '../layout/view';
import { WIDE } from './tile';

/** The options of `matmul`. */
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
  const {
    transposeA = false,
    transposeB = false,
    bias,
    activation = 'none',
  } = checked('matmul', options, OPTIONS);
  return matmulOp({ a, b, bias }, { transposeA, transposeB, activation }).y;
}

const OPTIONS: Rules<MatmulOptions> = {
  transposeA: flag,
  transposeB: flag,
  bias: tensor,
  activation: oneOf(ACTIVATIONS),
};

/** The product of picked rows: the rows of the product. */
function ofPickedRows(seen: Rewriting<MatmulAttrs>): { y: Tensor } | null {
  const { a, b, bias, y } = seen.t;
  const { transposeA, transposeB, activation } = seen.attrs;
  const picked = transposeA || b.shape.length !== 2 ? null : pickedRows(a, seen);
  if (!picked) return null;
  const product = matmul(picked.table, b, { transposeB, bias, activation });
  return { y: reshape(picked.pick(product), y.shape) };
}

/** A weight gradient, Σ over positions of a picked row times another: of the table, and of the others summed by row. */
function gathered(seen: Rewriting<MatmulAttrs>): { y: Tensor } | null {
  const { a, b, bias } = seen.t;
  const { transposeA, transposeB, activation } = seen.attrs;
  const plain = transposeA && !transposeB && !bias && activation === 'none';
  if (!plain || a.shape.length !== 2 || b.shape.length !== 2) return null;
  const [left, right] = [pickedRows(a, seen), pickedRows(b, seen)];
  if (left) return { y: product(left.table, left.gather(b), { transposeA }) };
  return right && { y: product(right.gather(a), right.table, { transposeA }) };
}

const matmulOp = defineOp<'a' | 'b' | 'bias', 'y', MatmulAttrs>({
  name: 'matmul',
  inputs: { a: '*', b: '*', bias: 'N' },
  outputs: { y: '*' },
  optional: ['bias'],

  shape({ a, b, bias }, attrs) {
    check(
      a.length >= 2 && b.length >= 2,
      'both operands need at least two axes',
      'reshape a vector to [1, K] or [K, 1]',
    );
    const { K, N, kB, shape } = sizes(a, b, attrs);
    check(K === kB, `a has K = ${K} but b has K = ${kB}`, 'the inner axes must be equal');
    const batched = b.length === 2 || a.slice(0, -2).join() === b.slice(0, -2).join();
    check(batched, 'the leading axes of a and b differ', 'make them equal, or give b two axes');
    check(b.length > 2 || !attrs.transposeA || a.length === 2, 'a batched transposed a needs a batched b');
    check(!bias || bias[0] === N, `bias has ${bias?.[0]} values for N = ${N} columns`);
    return { y: shape };
  },

  dispatch: (t, _d, attrs, traits) => matmulDispatch(t, attrs, traits),

  gradient({ a, b, bias, y, dy: dAfter }, _d, attrs) {
    const dy = backThrough(attrs.activation, dAfter, y);
    const one = b.shape.length === 2;
    const rows = (x: Tensor) => (one ? reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]) : x);
    return {
      a: gradientOfA(matmul, b, dy, attrs),
      b: gradientOfB(rows(a), rows(dy), attrs),
      bias: bias && sumRows(dy),
    };
  },

  flops({ a, b, y }, _d, attrs) {
    return 2 * y.size * sizes(a.shape, b.shape, attrs).K;
  },

  absorb: absorbEpilogue,
  rewrite: (seen) => ofPickedRows(seen) ?? gathered(seen),
});

const gradientOfA = (
  multiply: typeof product,
  b: Tensor,
  dy: Tensor,
  { transposeA, transposeB }: MatmulAttrs,
): Tensor =>
  transposeA
    ? multiply(b, dy, { transposeA: transposeB, transposeB: true })
    : multiply(dy, b, { transposeB: !transposeB });

const gradientOfB = (a: Tensor, dy: Tensor, { transposeA, transposeB }: MatmulAttrs): Tensor =>
  transposeB
    ? product(dy, a, { transposeA: true, transposeB: transposeA })
    : product(a, dy, { transposeA: !transposeA });

/** The op behind `matmul`. */
export const matmulCall = matmulOp.op;

/** Takes over the addition of a bias, then an activation, of a result whose last axis the bias has. */
export function absorbEpilogue(own: Absorbable, consumer: Consumer): Absorbable | null {
  const { y, ...inputs } = own.t;
  const step = consumer.op.link?.(consumer.through, consumer.attrs);
  if (!step || own.attrs.activation !== 'none') return null;
  if (step.does === 'add') {
    const bias = consumer.t[step.operand!];
    const fits = !inputs.bias && bias?.shape.length === 1 && bias.shape[0] === y?.shape.at(-1);
    return fits ? { t: { ...inputs, bias }, attrs: own.attrs } : null;
  }
  const activation = activationOf(step);
  return activation ? { t: inputs, attrs: { ...own.attrs, activation } } : null;
}

/**
 * a·b of two matrices, for sums over many rows that give few weights (a weight gradient): where tiles are too few
 * for the device, K is cut into parts that are summed apart.
 */
export function product(
  a: Tensor,
  b: Tensor,
  options: Pick<MatmulOptions, 'transposeA' | 'transposeB'>,
): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const attrs: MatmulAttrs = { transposeA, transposeB, activation: 'none' };
  if (a.shape.length > 2 || mostParts(sizes(a.shape, b.shape, attrs)) === 1) return matmul(a, b, options);
  return productOp({ a, b }, attrs).y;
}

const mostParts = (size: Sizes): number => Math.max(...KINDS.map((kind) => partsOf(kind, size).S));

/** Every kind of adapter: a graph does not know on which one it will run. */
const KINDS = [
  { family: 'direct', quads: false },
  { family: 'direct', quads: true },
  { family: 'direct', quads: true, lanes: WIDE },
  { family: 'workgroup', quads: false },
] as const;

/** matmul by way of `parts` [S, M, N]. No work of others is absorbed: the parts come first. */
const productOp = defineOp<'a' | 'b', 'y' | 'parts', MatmulAttrs>({
  name: 'product',
  inputs: { a: '*', b: '*' },
  outputs: { y: '*', parts: '*' },
  shape({ a, b }, attrs) {
    const size = sizes(a, b, attrs);
    check(size.K === size.kB, `a has K = ${size.K} but b has K = ${size.kB}`);
    return { y: size.shape, parts: [mostParts(size), size.M, size.N] };
  },
  dispatch({ a, b, y, parts }, _d, attrs, traits) {
    const { S, length } = partsOf(traits, sizes(a.shape, b.shape, attrs));
    if (S === 1) return matmulDispatch({ a, b, y }, attrs, traits);
    return [matmulDispatch({ a, b, y: parts }, attrs, traits, { S, length }), joinParts(parts, y, S)];
  },
  gradient: ({ a, b, dy }, _d, attrs) => ({
    a: gradientOfA(product, b, dy, attrs),
    b: gradientOfB(a, dy, attrs),
  }),
  flops: ({ a, b, y }, _d, attrs) => 2 * y.size * sizes(a.shape, b.shape, attrs).K,
  rewrite: gathered,
});
