// Multi-head attention of a sequence to itself, in which a position sees itself and what is before it.

import { checked, count, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { selfAttentionOp } from './selfAttention';

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
  return selfAttentionOp({ qkv }, { heads, causal: true }).y;
}

/** The rules of HeadOptions, see graph/options. */
export const HEADS: Rules<HeadOptions> = { heads: count };
