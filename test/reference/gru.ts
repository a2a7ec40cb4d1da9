// r, z = σ, σ of x·wx + bx + h·wh + bh;  n = tanh(x·wx + bx + r·(h·wh + bh));  h = (1 - z)·n + z·h; gates in blocks

import { gru, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  /** Results to keep; all unless given. */
  readonly only?: readonly number[];
  /** Size of the inputs, for gates that are wide open or shut. */
  readonly size?: number;
}

const pick = <V>(all: readonly V[], { only }: Options): V[] =>
  all.filter((_, i) => !only || only.includes(i));

export function op([x, wx, wh, bx, bh, h0]: readonly Tensor[], options: Options) {
  const { y, hN } = gru({ x, wx, wh, bx, bh, h0 });
  return pick([y, hN], options);
}

export function reference([x, wx, wh, bx, bh, h0]: readonly Doubles[], options: Options): Doubles[] {
  const [B, T, I] = x.shape;
  const H = h0.shape[1];
  const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
  const [y, hN] = [zeros(B, T, H), zeros(B, H)];
  for (let b = 0; b < B; b++) {
    let h = h0.data.slice(b * H, (b + 1) * H);
    for (let t = 0; t < T; t++) {
      const [ax, ah] = [bx.data.slice(), bh.data.slice()];
      for (let m = 0; m < 3 * H; m++) {
        for (let k = 0; k < I; k++) ax[m] += x.data[(b * T + t) * I + k] * wx.data[k * 3 * H + m];
        for (let k = 0; k < H; k++) ah[m] += h[k] * wh.data[k * 3 * H + m];
      }
      h = h.map((before, j) => {
        const [r, z] = [sigmoid(ax[j] + ah[j]), sigmoid(ax[H + j] + ah[H + j])];
        return (1 - z) * Math.tanh(ax[2 * H + j] + r * ah[2 * H + j]) + z * before;
      });
      y.data.set(h, (b * T + t) * H);
    }
    hN.data.set(h, b * H);
  }
  return pick([y, hN], options);
}

const one = (B: number, T: number, I: number, H: number, options: Options = {}): Case => ({
  name: `B${B} T${T} I${I} H${H} ${JSON.stringify(options)}`,
  shapes: [[B, T, I], [I, 3 * H], [H, 3 * H], [3 * H], [3 * H], [B, H]],
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
  one(35, 2, 1, 5),
  one(2, 3, 4, 6, { size: 300 }),
  one(2, 3, 2, 5, { only: [0] }),
  one(2, 3, 2, 8, { only: [1] }),
];
