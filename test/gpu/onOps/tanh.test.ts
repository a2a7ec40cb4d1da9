// tanh to 1e-6 of its value everywhere: alone, in a chain, behind a product, and in a recurrence. It is one text in all
// kernels, which test/node/shaders.test.ts checks.

import { afterAll, describe, expect, test } from 'vitest';
import { array, constant, matmul, relu, reshape, rnn, scale, tanh, type Tensor } from '../../../src/index';
import { openTestEngine } from '../../harness/engine';

/** From the smallest to beyond where it is 1, of both signs. */
const sizes = Array.from({ length: 300 }, (_, i) => Math.fround(1.35 ** (i - 285)));
const values = Float32Array.from(
  [0, ...sizes.filter((size) => size > 1e-36), Infinity].flatMap((v) => [v, -v]),
);
const { length } = values;

const ways: Record<string, (x: Tensor) => Tensor> = {
  alone: tanh,
  'in a chain': (x) => scale(tanh(relu(x)), 1),
  'behind a product': (x) => matmul(reshape(x, [length, 1]), constant([1, 1], [1]), { activation: 'tanh' }),
  'in a recurrence': (x) => {
    const zero = (...shape: number[]) => constant(shape, [0]);
    const [wx, one] = [constant([1, 1], [1]), zero(1)];
    const h0 = reshape(scale(x, 0), [length, 1]);
    return rnn({ x: reshape(x, [length, 1, 1]), wx, wh: zero(1, 1), bx: one, bh: one, h0 }).y;
  },
};

describe.each(['direct', 'workgroup'] as const)('%s', (family) => {
  const engine = openTestEngine({ family });
  afterAll(async () => (await engine).destroy());

  test.each(Object.keys(ways))('%s', async (way) => {
    const finite = way === 'in a recurrence' ? values.map((v) => (Math.abs(v) < Infinity ? v : 9)) : values;
    const found = await (
      await engine
    )
      .record(ways[way])(array([length], finite))
      .read();
    const wrong = Array.from(finite, (v, i) => {
      const wanted = Math.tanh(way === 'in a chain' ? Math.max(v, 0) : v);
      return { v, found: found[i], fine: Math.abs(found[i] - wanted) <= 1e-6 * Math.abs(wanted) };
    }).filter(({ fine }) => !fine);
    expect(wrong).toEqual([]);
    expect(Math.max(...found)).toBe(1);
  });
});
