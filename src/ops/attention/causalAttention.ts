// Multi-head attention of a sequence to itself, in which a position sees itself and what is before it: attention of
// queries, keys and values that stand side by side in the rows of one tensor, where one product left them.
//
//   y[b,t,h] = Σ_{j ≤ t} softmax_j(q[b,t,h] · k[b,j,h] / √d) · v[b,j,h]
//
// Vaswani et al. 2017 (arXiv 1706.03762), equation 1 with the mask of section 3.2.3.

import { defineOp } from '../../graph/op';
import { checked, count, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { attentionBack, attentionLaunch, checkHeads, packed, pairs } from './launches';

/** The options of attention of which only the heads can be chosen. */
export interface HeadOptions {
  /** How many heads C is cut into; each has d = C / heads columns. */
  readonly heads: number;
}

/**
 * Causal self-attention of qkv [B, T, 3·C]: queries, keys and values side by side in a row, as one projection makes
 * them, each with its heads side by side. Gives [B, T, C]. d is a multiple of 4, at most 1024.
 */
export function causalAttention(qkv: Tensor, options: HeadOptions): Tensor {
  const { heads } = checked('causalAttention', options, HEADS, 'heads');
  return causalAttentionOp({ qkv }, { heads }).y;
}

/** The rules of HeadOptions, see graph/options. */
export const HEADS: Rules<HeadOptions> = { heads: count };

const causalAttentionOp = defineOp<'qkv', 'y' | 'tops', HeadOptions>({
  name: 'causalAttention',
  inputs: { qkv: 'B T 3C' },
  outputs: { y: 'B T C', tops: '*' },
  rules: ({ C }, { heads }) => checkHeads(C, heads),
  shape: ({ qkv: [B, T, W] }, { heads }) => ({ y: [B, T, W / 3], tops: [B, heads, T, 4] }),
  dispatch({ qkv, y, tops }, { B, T, C }, { heads }, traits) {
    const launch = attentionLaunch({ B, Q: T, T, C, heads }, traits, packed(C), { CAUSAL: true });
    return { ...launch, bind: { q: qkv, k: qkv, v: qkv, position: qkv, lengths: qkv, y, tops } };
  },
  gradient: ({ qkv, y, tops, dy }, _d, { heads }) => ({
    qkv: causalAttentionDx({ x: qkv, y, tops, dy }, { heads }).dx,
  }),
  flops: (_t, { B, T, C }) => 4 * B * C * pairs(T, T, true),
});

const causalAttentionDx = defineOp<'x' | 'y' | 'tops' | 'dy', 'dx' | 'delta' | 'spare', HeadOptions>({
  name: 'causalAttentionDx',
  inputs: { x: 'B T 3C', y: 'B T C', tops: 'B H T 4', dy: 'B T C' },
  outputs: { dx: 'B T 3C', delta: 'B H T', spare: '4' },
  dispatch({ x, dx, spare, y, dy, tops, delta }, { B, T, C, H }, _a, traits) {
    // One launch may not bind a tensor twice that it writes.
    const bind = { q: x, k: x, v: x, y, dy, tops, dq: dx, delta, dk: dx, dv: spare };
    const sizes = { B, Q: T, T, C, heads: H };
    return attentionBack(sizes, traits, packed(C), { CAUSAL: true, PACKED: true }, bind);
  },
  // Six and eight a pair and column: scores are made in both kernels.
  flops: (_t, { B, T, C }) => 14 * B * C * pairs(T, T, true),
});
