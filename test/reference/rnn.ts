// h = tanh(x·wx + bx + h·wh + bh)

import { rnn, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  /** Results to keep; all unless given. */
  readonly only?: readonly number[];
}

const pick = <V>(all: readonly V[], { only }: Options): V[] =>
  all.filter((_, i) => !only || only.includes(i));

export function op([x, wx, wh, bx, bh, h0]: readonly Tensor[], options: Options) {
  const { y, hN } = rnn({ x, wx, wh, bx, bh, h0 });
  return pick([y, hN], options);
}

export function reference([x, wx, wh, bx, bh, h0]: readonly Doubles[], options: Options): Doubles[] {
  const [B, T, I] = x.shape;
  const H = h0.shape[1];
  const [y, hN] = [zeros(B, T, H), zeros(B, H)];
  for (let b = 0; b < B; b++) {
    let h = h0.data.slice(b * H, (b + 1) * H);
    for (let t = 0; t < T; t++) {
      const a = bx.data.map((v, n) => v + bh.data[n]);
      for (let n = 0; n < H; n++) {
        for (let k = 0; k < I; k++) a[n] += x.data[(b * T + t) * I + k] * wx.data[k * H + n];
        for (let k = 0; k < H; k++) a[n] += h[k] * wh.data[k * H + n];
      }
      h = a.map(Math.tanh);
      y.data.set(h, (b * T + t) * H);
    }
    hN.data.set(h, b * H);
  }
  return pick([y, hN], options);
}

const one = (B: number, T: number, I: number, H: number, options: Options = {}): Case => ({
  name: `B${B} T${T} I${I} H${H} ${JSON.stringify(options)}`,
  shapes: [[B, T, I], [I, H], [H, H], [H], [H], [B, H]],
  options,
});

export const cases: Case[] = [
  one(1, 1, 1, 1),
  one(3, 3, 3, 3),
  one(2, 5, 4, 4),
  one(1, 4, 3, 33),
  one(7, 2, 5, 8),
  one(8, 3, 2, 7),
  one(17, 2, 3, 20),
  one(35, 2, 1, 5),
  one(1, 2, 1, 258),
  one(2, 3, 2, 5, { only: [0] }),
  one(2, 3, 2, 8, { only: [1] }),
];
