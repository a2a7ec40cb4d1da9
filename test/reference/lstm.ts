// i, f, g, o = σ, σ, tanh, σ of x·wx + bx + h·wh + bh;  c = f·c + i·g;  h = o·tanh(c); gates interleaved by unit

import { lstm, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  /** Results to keep; all unless given. */
  readonly only?: readonly number[];
  /** Size of the inputs, for gates that are wide open or shut. */
  readonly size?: number;
}

const pick = <V>(all: readonly V[], { only }: Options): V[] =>
  all.filter((_, i) => !only || only.includes(i));

export function op([x, wx, wh, bx, bh, h0, c0]: readonly Tensor[], options: Options) {
  const { y, hN, cN } = lstm({ x, wx, wh, bx, bh, h0, c0 });
  return pick([y, hN, cN], options);
}

export function reference([x, wx, wh, bx, bh, h0, c0]: readonly Doubles[], options: Options): Doubles[] {
  const [B, T, I] = x.shape;
  const H = h0.shape[1];
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const [y, hN, cN] = [zeros(B, T, H), zeros(B, H), zeros(B, H)];
  for (let b = 0; b < B; b++) {
    let h = h0.data.slice(b * H, (b + 1) * H);
    const c = c0.data.slice(b * H, (b + 1) * H);
    for (let t = 0; t < T; t++) {
      const a = bx.data.map((v, n) => v + bh.data[n]);
      for (let n = 0; n < 4 * H; n++) {
        for (let k = 0; k < I; k++) a[n] += x.data[(b * T + t) * I + k] * wx.data[k * 4 * H + n];
        for (let k = 0; k < H; k++) a[n] += h[k] * wh.data[k * 4 * H + n];
      }
      h = h.map((_, j) => {
        c[j] = sigmoid(a[4 * j + 1]) * c[j] + sigmoid(a[4 * j]) * Math.tanh(a[4 * j + 2]);
        return sigmoid(a[4 * j + 3]) * Math.tanh(c[j]);
      });
      y.data.set(h, (b * T + t) * H);
    }
    hN.data.set(h, b * H);
    cN.data.set(c, b * H);
  }
  return pick([y, hN, cN], options);
}

const one = (B: number, T: number, I: number, H: number, options: Options = {}): Case => ({
  name: `B${B} T${T} I${I} H${H} ${JSON.stringify(options)}`,
  shapes: [[B, T, I], [I, 4 * H], [H, 4 * H], [4 * H], [4 * H], [B, H], [B, H]],
  options,
});

/** Makes the second step's x large where a case asks for it. */
export const fill = (i: number, [B, T, I]: readonly number[], { options }: Case) => {
  if (i || !options.size) return undefined;
  const factor = (n: number) => (Math.floor(n / I) % T === 1 ? options.size : 1);
  return Array.from({ length: B * T * I }, (_, n) => factor(n) * Math.sin(n + 1));
};

export const cases: Case[] = [
  one(1, 1, 1, 1),
  one(3, 3, 3, 3),
  one(2, 5, 4, 4),
  one(1, 4, 3, 33),
  one(7, 2, 5, 8),
  one(8, 3, 2, 7),
  one(9, 2, 3, 16),
  one(17, 2, 1, 20),
  one(35, 2, 1, 5),
  one(19, 3, 2, 37),
  one(2, 3, 4, 6, { size: 300 }),
  one(2, 3, 2, 5, { only: [0] }),
  one(2, 3, 2, 5, { only: [1] }),
  one(2, 3, 2, 4, { only: [2] }),
];
