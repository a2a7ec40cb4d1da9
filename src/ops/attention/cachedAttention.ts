// Causal attention with keys and values that are kept from step to step, for generation: only the newest positions are
// queries. It has no gradient.

import { check } from '../../graph/check';
import { defineOp } from '../../graph/op';
import { checked } from '../../graph/options';
import type { Tensor } from '../../graph/tensor';
import { HEADS, type HeadOptions } from './causalAttention';
import { attentionLaunch, checkHeads, pairs, ring } from './launches';

/**
 * `causalAttention` for the last Q positions: q [B, Q, C]; kv [B, T, 2·C], keys then values in a row, is a ring, where
 * position j has row j mod T: see writeAt. `position`, u32 [1], is the last query's, counted from 0 and at least Q − 1;
 * of kv only the first position + 1 rows are filled, or all T when there are more. Gives [B, Q, C].
 */
export function cachedAttention(q: Tensor, kv: Tensor, position: Tensor, options: HeadOptions): Tensor {
  const { heads } = checked('cachedAttention', options, HEADS, 'heads');
  return cachedAttentionOp({ q, kv, position }, { heads }).y;
}

const cachedAttentionOp = defineOp<'q' | 'kv' | 'position', 'y' | 'tops', HeadOptions>({
  name: 'cachedAttention',
  inputs: { q: 'B Q C', kv: 'B T 2C', position: '1' },
  outputs: { y: 'B Q C', tops: '*' },
  integers: ['position'],
  rules({ Q, T, C }, { heads }) {
    check(Q <= T, `there are ${T} positions, ${Q} of them queries`);
    checkHeads(C, heads);
  },
  shape: ({ q: [B, Q, C] }, { heads }) => ({ y: [B, Q, C], tops: [B, heads, Q, 4] }),
  dispatch({ q, kv, position, y, tops }, { B, Q, T, C }, { heads }, traits) {
    const bind = { q, k: kv, v: kv, position, lengths: position, y, tops };
    return attentionLaunch({ B, Q, T, C, heads }, traits, ring(C), { CACHED: true }, bind);
  },
  flops: (_t, { B, Q, T, C }) => 4 * B * C * pairs(Q, T, true),
});
