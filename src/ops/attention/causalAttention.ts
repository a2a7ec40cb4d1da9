// Multi-head attention in which a position sees itself and what is before it. No T × T matrix is stored: scores are
// made four at a time, and the gradient makes them again from their largest and their sum.
//
//   y[b,t,h] = Σ_{j ≤ t} softmax_j(q[b,t,h] · k[b,j,h] / √d) · v[b,j,h]
//
// Vaswani et al. 2017 (arXiv 1706.03762), equation 1 with the mask of section 3.2.3. One pass over the keys with a
// running maximum: Milakov & Gimelshein 2018 (arXiv 1805.02867); the backward pass is that of Dao et al. 2022,
// "FlashAttention" (arXiv 2205.14135), appendix B.2.

import causalAttentionKernel from '../../../shaders/attention/causalAttention.wgsl';
import causalAttentionQuadKernel from '../../../shaders/attention/causalAttentionQuad.wgsl';
import causalAttentionDkvKernel from '../../../shaders/attention/causalAttentionDkv.wgsl';
import causalAttentionDkvQuadKernel from '../../../shaders/attention/causalAttentionDkvQuad.wgsl';
import causalAttentionDqKernel from '../../../shaders/attention/causalAttentionDq.wgsl';
import causalAttentionDqQuadKernel from '../../../shaders/attention/causalAttentionDqQuad.wgsl';
import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { checked, count, type Rules } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import type { Traits } from '../../graph/traits';

/** The options of attention. */
export interface AttentionOptions {
  /** How many heads C is cut into; each has d = C / heads columns. */
  readonly heads: number;
}

/**
 * Causal self-attention of qkv [B, T, 3·C]: queries, keys and values side by side in a row, as one projection makes
 * them, each with its heads side by side. Gives [B, T, C]. d is a multiple of 4, at most 128.
 */
export function causalAttention(qkv: Tensor, options: AttentionOptions): Tensor {
  const { heads } = checked('causalAttention', options, ATTENTION, 'heads');
  return causalAttentionOp({ qkv }, { heads }).y;
}

/** The rules of AttentionOptions, see graph/options. */
export const ATTENTION: Rules<AttentionOptions> = { heads: count };

/** Widest head: a thread keeps some rows of it in registers. */
const WIDEST = 128;

/** Refuses numbers of heads that C columns cannot be cut into. */
export function checkHeads(C: number, heads: number): void {
  const d = C / heads;
  check(
    Number.isInteger(heads) && heads > 0 && Number.isInteger(d) && d % 4 === 0 && d > 0 && d <= WIDEST,
    `${heads} heads of ${C} columns have ${d} each`,
    `give heads that cut the columns into multiples of 4, at most ${WIDEST}`,
  );
}

/**
 * Queries, or keys, of one thread, which share what it loads: several where loads decide, but one of the widest heads,
 * which take seconds to compile. And whether a quad shares a head.
 */
function tileOf({ family, quads }: Traits, D4: number, most: number): { rows: number; shared: boolean } {
  if (family === 'workgroup') return { rows: 1, shared: false };
  const shared = quads && D4 % 4 === 0;
  return { rows: shared && D4 > 16 ? 1 : Math.min(4, most), shared };
}

/** The sizes of an attention. */
export interface AttentionSizes {
  readonly B: number;
  readonly Q: number;
  readonly T: number;
  readonly C: number;
  readonly heads: number;
}

/** The bits of −∞. */
const MINUS_INFINITY = 0xff800000;

/** Pairs of a query and a key that it sees. */
export const pairs = (Q: number, T: number): number => Q * (T - Q) + (Q * (Q + 1)) / 2;

/** The kernel of the forward pass: `stride` and `kv` are columns in a row of queries, and of keys and values. */
export function attentionLaunch(
  { B, Q, T, C, heads }: AttentionSizes,
  traits: Traits,
  { cached, stride, kv }: { cached: boolean; stride: number; kv: number },
) {
  const D4 = C / heads / 4;
  const { rows, shared } = tileOf(traits, D4, Q);
  const places = { qStride: stride / 4, kvStride: kv / 4, kAt: cached ? 0 : C / 4, vAt: kv / 4 - C / 4 };
  return {
    kernel: (shared ? causalAttentionQuadKernel : causalAttentionKernel).with({
      D4,
      ROWS: rows,
      CACHED: cached,
    }),
    params: { B, Q, T, H: heads, ...places, never: MINUS_INFINITY, scale: 1 / Math.sqrt(C / heads) },
    threads: [B * heads * Math.ceil(Q / rows) * (shared ? 4 : 1)],
  };
}

const causalAttentionOp = defineOp<'qkv', 'y' | 'tops', AttentionOptions>({
  name: 'causalAttention',
  inputs: { qkv: 'B T 3C' },
  outputs: { y: 'B T C', tops: '*' },
  rules: ({ C }, { heads }) => checkHeads(C, heads),
  shape: ({ qkv: [B, T, W] }, { heads }) => ({ y: [B, T, W / 3], tops: [B, heads, T, 2] }),
  dispatch({ qkv, y, tops }, { B, T, C }, { heads }, traits) {
    const launch = attentionLaunch({ B, Q: T, T, C, heads }, traits, {
      cached: false,
      stride: 3 * C,
      kv: 3 * C,
    });
    return { ...launch, bind: { q: qkv, kv: qkv, position: qkv, y, tops } };
  },
  gradient: ({ qkv, y, tops, dy }, _d, { heads }) => ({
    qkv: causalAttentionDx({ x: qkv, y, tops, dy }, { heads }).dx,
  }),
  flops: (_t, { B, T, C }) => 4 * B * C * pairs(T, T),
});

const causalAttentionDx = defineOp<'x' | 'y' | 'tops' | 'dy', 'dx' | 'delta', AttentionOptions>({
  name: 'causalAttentionDx',
  inputs: { x: 'B T 3C', y: 'B T C', tops: 'B H T 2', dy: 'B T C' },
  outputs: { dx: 'B T 3C', delta: 'B H T' },
  dispatch(_t, { B, T, C, H }, _a, traits) {
    const D4 = C / H / 4;
    const { rows, shared } = tileOf(traits, D4, T);
    const launch = {
      params: { B, T, H, scale: 1 / Math.sqrt(C / H) },
      threads: [B * H * Math.ceil(T / rows) * (shared ? 4 : 1)],
    };
    return [
      {
        kernel: (shared ? causalAttentionDqQuadKernel : causalAttentionDqKernel).with({ D4, ROWS: rows }),
        ...launch,
      },
      {
        kernel: (shared ? causalAttentionDkvQuadKernel : causalAttentionDkvKernel).with({ D4, ROWS: rows }),
        ...launch,
      },
    ];
  },
  // Six and eight a pair and column: scores are made in both kernels.
  flops: (_t, { B, T, C }) => 14 * B * C * pairs(T, T),
});
