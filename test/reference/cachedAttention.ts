// y = causalAttention's last rows, from keys and values that are kept in a ring; some of its rows may be empty

import { cachedAttention, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';
import { attention } from './causalAttention';

interface Options {
  readonly heads: number;
  readonly position: number;
}

export const op = ([q, kv, position]: readonly Tensor[], { heads }: Options) =>
  cachedAttention(q, kv, position, { heads });

/** The ring unrolled, the newest position last. */
export function reference([q, kv]: readonly Doubles[], { heads, position }: Options): Doubles {
  const [B, T, W] = kv.shape;
  const filled = Math.min(T, position + 1);
  const first = T - filled;
  const unrolled = zeros(B, T, W);
  for (let b = 0; b < B; b++) {
    for (let i = first; i < T; i++) {
      const row = (position - (T - 1 - i)) % T;
      for (let c = 0; c < W; c++) unrolled.data[(b * T + i) * W + c] = kv.data[(b * T + row) * W + c];
    }
  }
  return attention({ x: q, from: 0 }, { x: unrolled, from: 0 }, q.shape[2], { heads, first });
}

export const integers = [2];
export const differentiable: readonly number[] = [];

/** What is empty holds values so large that they would be seen. */
export function fill(i: number, [, T, C]: readonly number[], { options, shapes }: Case) {
  const { position } = options as Options;
  if (i === 2) return [position];
  const size = shapes[i][0] * T * C;
  return Float32Array.from({ length: size }, (_, at) =>
    i === 1 && Math.floor(at / C) % T > position ? 1e4 : Math.sin(at * at + i),
  );
}

const one = (B: number, Q: number, T: number, heads: number, d: number, position: number): Case => ({
  name: `${B} × ${Q} of a ring of ${T}, the last at ${position}, ${heads} heads of ${d}`,
  shapes: [[B, Q, heads * d], [B, T, 2 * heads * d], [1]],
  options: { heads, position },
});

export const cases: Case[] = [
  one(1, 1, 1, 1, 8, 0),
  one(2, 1, 9, 2, 8, 0),
  one(2, 1, 9, 2, 8, 30),
  one(2, 3, 14, 3, 12, 8),
  one(2, 3, 14, 3, 12, 29),
  one(1, 5, 5, 1, 64, 4),
  one(1, 4, 6, 2, 16, 13),
];
