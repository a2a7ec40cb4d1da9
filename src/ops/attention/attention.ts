// Multi-head attention of queries to keys and values of another length. No Q × T matrix is stored: scores are made four
// at a time, and the gradient makes them again from their largest and their sum.
//
//   y[b,t,h] = Σ_j softmax_j(scale · q[b,t,h] · k[b,j,h]) · v[b,j,h]
//
// Vaswani et al. 2017 (arXiv 1706.03762), equation 1. One pass over the keys with a running maximum: Milakov &
// Gimelshein 2018 (arXiv 1805.02867); the backward pass is that of Dao et al. 2022, "FlashAttention" (arXiv
// 2205.14135), appendix B.2.

import attentionWeightsKernel from '../../../shaders/attention/attentionWeights.wgsl';
import { check } from '../../graph/check';
import { checkShapes } from '../../graph/checkShapes';
import { defineOp } from '../../graph/op';
import { checked, count, finite, flag, tensor, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { pad, reshape, slice } from '../layout/view';
import { apart, attentionBack, attentionLaunch, checkHeads, pairs } from './launches';

/** The options of attention. */
export interface AttentionOptions {
  /** How many heads C is cut into, each of d = C / heads columns; default: 1. */
  readonly heads?: number;
  /** How many keys, from the first on, a row of the batch has, u32 [B]: others are padding. Default: all T. */
  readonly lengths?: Tensor;
  /** Whether queries are the last of T positions, and see no key behind their own: query t keys 0 … t + T − Q. */
  readonly causal?: boolean;
  /** Scores are multiplied with it; default: 1 / √d. */
  readonly scale?: number;
}

/**
 * Attention of `queries` [B, Q, C] to `keys` and `values` [B, T, C], each with its heads side by side. Gives [B, Q, C];
 * a query that sees no key gives 0, and no gradient. A head has at most 1024 columns; best are multiples of 16.
 */
export function attention(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const attrs = attrsOf('attention', { queries, keys, values }, options);
  const [q, k, v] = [queries, keys, values].map((x) => widened(x, attrs.heads));
  const { y } = attentionOp({ q, k, v, lengths: options.lengths }, attrs);
  return narrowed(y, queries, attrs.heads);
}

/**
 * The weights with which `attention` takes the mean of the values, for pictures: [B, heads, Q, T], 0 where a key is not
 * seen. `queries` [B, Q, C] and `keys` [B, T, C], with the options of `attention`. They have no gradient.
 */
export function attentionWeights(queries: Tensor, keys: Tensor, options: AttentionOptions = {}): Tensor {
  const attrs = attrsOf('attentionWeights', { queries, keys }, options);
  const [q, k] = [queries, keys].map((x) => widened(x, attrs.heads));
  return weightsOp({ q, k, lengths: options.lengths }, attrs).weights;
}

const ATTENTION: Rules<AttentionOptions> = { heads: count, lengths: tensor, causal: flag, scale: finite };

interface Attrs {
  readonly heads: number;
  readonly causal: boolean;
  readonly scale: number;
}

const AXES = { queries: 'B Q C', keys: 'B T C', values: 'B T C', lengths: 'B' };

function attrsOf(name: string, given: Readonly<Record<string, Tensor>>, options: AttentionOptions): Attrs {
  const { heads = 1, lengths, causal = false, scale } = checked(name, options, ATTENTION);
  checkShapes(name, AXES, lengths ? { ...given, lengths } : given);
  const [, , C] = given.queries.shape;
  const text = `${name}: ${heads} heads do not cut ${C} columns into equal parts`;
  check(C % heads === 0, text, `give a divisor of ${C}`);
  return { heads, causal, scale: scale ?? 1 / Math.sqrt(C / heads) };
}

/** Heads of [B, T, C] a multiple of 4 columns wide: zeros add nothing to a score. */
function widened(x: Tensor, heads: number): Tensor {
  const [B, T, C] = x.shape;
  const d = C / heads;
  if (d % 4 === 0) return x;
  return reshape(pad(reshape(x, [B, T, heads, d]), 3, d + 4 - (d % 4)), [B, T, -1]);
}

/** Heads as wide as those of `like` again. */
function narrowed(y: Tensor, like: Tensor, heads: number): Tensor {
  const [B, Q, C] = like.shape;
  if (y.shape[2] === C) return y;
  return reshape(slice(reshape(y, [B, Q, heads, -1]), 3, 0, C / heads), like.shape);
}

/** Attributes of the way back. `padded`: rows of the batch have lengths. */
interface BackAttrs extends Attrs {
  readonly padded: boolean;
}

const attentionOp = defineOp<'q' | 'k' | 'v' | 'lengths', 'y' | 'tops', Attrs>({
  name: 'attention',
  inputs: { q: 'B Q C', k: 'B T C', v: 'B T C', lengths: 'B' },
  outputs: { y: 'B Q C', tops: '*' },
  optional: ['lengths'],
  integers: ['lengths'],
  rules: ({ C }, { heads }) => checkHeads(C, heads),
  shape: ({ q: [B, Q, C] }, { heads }) => ({ y: [B, Q, C], tops: [B, heads, Q, 4] }),
  dispatch({ q, k, v, lengths, y, tops }, { B, Q, T, C }, { heads, causal, scale }, traits) {
    const switches = { CAUSAL: causal, LENGTHS: lengths !== undefined };
    const bind = { q, k, v, position: q, lengths: lengths ?? q, y, tops };
    return attentionLaunch({ B, Q, T, C, heads, scale }, traits, apart(C), switches, bind);
  },
  gradient({ q, k, v, lengths, y, tops, dy }, _d, attrs) {
    const padded = lengths !== undefined;
    const { dq, dk, dv } = attentionDx({ q, k, v, y, tops, dy }, { ...attrs, padded });
    return { q: dq, k: dk, v: dv };
  },
  flops: (_t, { B, Q, T, C }, { causal }) => 4 * B * C * pairs(Q, T, causal),
});

const attentionDx = defineOp<'q' | 'k' | 'v' | 'y' | 'tops' | 'dy', 'dq' | 'dk' | 'dv' | 'delta', BackAttrs>({
  name: 'attentionDx',
  inputs: { q: 'B Q C', k: 'B T C', v: 'B T C', y: 'B Q C', tops: 'B H Q 4', dy: 'B Q C' },
  outputs: { dq: 'B Q C', dk: 'B T C', dv: 'B T C', delta: 'B H Q' },
  dispatch: ({ q, k, v, y, tops, dy, dq, dk, dv, delta }, { B, Q, T, C }, attrs, traits) =>
    attentionBack(
      { B, Q, T, C, heads: attrs.heads, scale: attrs.scale },
      traits,
      apart(C),
      { CAUSAL: attrs.causal, LENGTHS: attrs.padded, PACKED: false },
      { q, k, v, y, dy, tops, dq, delta, dk, dv },
    ),
  flops: (_t, { B, Q, T, C }, { causal }) => 14 * B * C * pairs(Q, T, causal),
});

const weightsOp = defineOp<'q' | 'k' | 'lengths', 'weights', Attrs>({
  name: 'attentionWeights',
  inputs: { q: 'B Q C', k: 'B T C', lengths: 'B' },
  outputs: { weights: '*' },
  // As those of additive attention.
  exact: ['weights'],
  optional: ['lengths'],
  integers: ['lengths'],
  shape: ({ q: [B, Q], k: [, T] }, { heads }) => ({ weights: [B, heads, Q, T] }),
  dispatch: ({ q, lengths }, { B, Q, C }, { heads, causal, scale }) => ({
    kernel: attentionWeightsKernel.with({ CAUSAL: causal, LENGTHS: lengths !== undefined }),
    bind: { lengths: lengths ?? q },
    params: { H: heads, D4: C / heads / 4, scale },
    threads: [B * heads * Q],
  }),
  flops: (_t, { B, Q, T, C }) => 2 * B * C * Q * T,
});
