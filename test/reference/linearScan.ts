// y_t = a_t · y_{t-1} + v_t, from y_0 = h0

import { linearScan, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([a, v, h0]: readonly Tensor[]) => linearScan({ a, v, h0 });

export function reference([a, v, h0]: readonly Doubles[]): Doubles {
  const [B, T, C] = a.shape;
  const y = zeros(B, T, C);
  for (let b = 0; b < B; b++) {
    for (let c = 0; c < C; c++) {
      let h = h0.data[b * C + c];
      for (let t = 0; t < T; t++) {
        const at = (b * T + t) * C + c;
        h = a.data[at] * h + v.data[at];
        y.data[at] = h;
      }
    }
  }
  return y;
}

const one = (B: number, T: number, C: number): Case => ({
  name: `B${B} T${T} C${C}`,
  shapes: [
    [B, T, C],
    [B, T, C],
    [B, C],
  ],
  options: {},
});

/** One chunk of the workgroup family has 32 steps: fewer, as many, one more, several whole ones and a rest. */
export const cases: Case[] = [
  one(1, 1, 1),
  one(3, 3, 3),
  one(2, 31, 5),
  one(2, 32, 4),
  one(1, 33, 3),
  one(3, 64, 1),
  one(2, 101, 6),
  one(1, 300, 65),
  one(3, 33, 65),
];
