// Multi-head attention of a sequence to itself: of queries, keys and values that stand side by side in the rows of one
// tensor, where one product left them.
//
//   y[b,t,h] = Σ_{j seen by t} softmax_j(q[b,t,h] · k[b,j,h] / √d) · v[b,j,h]
//
// Vaswani et al. 2017 (arXiv 1706.03762), equation 1, with or without the mask of section 3.2.3.

import { defineOp } from '../../graph/op';
import { checked, count, flag, tensor, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { attentionBack, attentionLaunch, checkHeads, packed, pairs } from './launches';

/** The options of selfAttention. */
export interface SelfAttentionOptions {
  /** How many heads C is cut into; each has d = C / heads columns. */
  readonly heads: number;
  /** How many positions, from the first on, a row of the batch has, u32 [B]: others are padding. Default: all T. */
  readonly lengths?: Tensor;
  /** Whether a position sees none behind itself; default: false. */
  readonly causal?: boolean;
}

const OPTIONS: Rules<SelfAttentionOptions> = { heads: count, lengths: tensor, causal: flag };

/**
 * Self-attention of qkv [B, T, 3·C]: queries, keys and values side by side in a row, as one projection makes them, each
 * with its heads side by side. Gives [B, T, C]. d is a multiple of 4, at most 1024.
 */
export function selfAttention(qkv: Tensor, options: SelfAttentionOptions): Tensor {
  const { heads, lengths, causal = false } = checked('selfAttention', options, OPTIONS, 'heads');
  return selfAttentionOp({ qkv, lengths }, { heads, causal }).y;
}

interface Attrs {
  readonly heads: number;
  readonly causal: boolean;
}

/** The op, for functions with options of their own. */
export const selfAttentionOp = defineOp<'qkv' | 'lengths', 'y' | 'tops', Attrs>({
  name: 'selfAttention',
  inputs: { qkv: 'B T 3C', lengths: 'B' },
  outputs: { y: 'B T C', tops: '*' },
  optional: ['lengths'],
  integers: ['lengths'],
  rules: ({ C }, { heads }) => checkHeads(C, heads),
  shape: ({ qkv: [B, T, W] }, { heads }) => ({ y: [B, T, W / 3], tops: [B, heads, T, 4] }),
  dispatch({ qkv, lengths, y, tops }, { B, T, C }, { heads, causal }, traits) {
    const switches = { CAUSAL: causal, LENGTHS: lengths !== undefined };
    const bind = { q: qkv, k: qkv, v: qkv, position: qkv, lengths: lengths ?? qkv, y, tops };
    return attentionLaunch({ B, Q: T, T, C, heads }, traits, packed(C), switches, bind);
  },
  gradient: ({ qkv, lengths, y, tops, dy }, _d, { causal }) => ({
    qkv: selfAttentionDx({ x: qkv, y, tops, dy }, { causal, padded: lengths !== undefined }).dx,
  }),
  flops: (_t, { B, T, C }, { causal }) => 4 * B * C * pairs(T, T, causal),
});

/** Attributes of the way back, which `tops` tells the heads. `padded`: rows of the batch have lengths. */
interface BackAttrs {
  readonly causal: boolean;
  readonly padded: boolean;
}

const selfAttentionDx = defineOp<'x' | 'y' | 'tops' | 'dy', 'dx' | 'delta' | 'spare', BackAttrs>({
  name: 'selfAttentionDx',
  inputs: { x: 'B T 3C', y: 'B T C', tops: 'B H T 4', dy: 'B T C' },
  outputs: { dx: 'B T 3C', delta: 'B H T', spare: '4' },
  dispatch({ x, dx, spare, y, dy, tops, delta }, { B, T, C, H }, { causal, padded }, traits) {
    // One launch may not bind a tensor twice that it writes.
    const bind = { q: x, k: x, v: x, y, dy, tops, dq: dx, delta, dk: dx, dv: spare };
    const sizes = { B, Q: T, T, C, heads: H };
    const switches = { CAUSAL: causal, LENGTHS: padded, PACKED: true };
    return attentionBack(sizes, traits, packed(C), switches, bind);
  },
  // Six and eight a pair and column: scores are made in both kernels.
  flops: (_t, { B, T, C }, { causal }) => 14 * B * C * pairs(T, T, causal),
});
