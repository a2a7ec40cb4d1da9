// One step of a causal convolution of many rows is a product of what its taps see: the same numbers as of few rows.

import { describe, expect, test } from 'vitest';
import { array, causalConvRing, causalConvStep, type Tensor } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';

const engine = await openTestEngine();
const [K, C, O, dilation, STEPS, ROWS] = [3, 6, 8, 2, 6, 33];

/** What `rows` of the inputs come to, step by step. */
async function steps(rows: number, options: { beside: boolean; activation: 'none' | 'tanh' | 'glu' }) {
  const ring = causalConvRing(rows, C, K, dilation);
  const step = engine.record((x: Tensor, t: Tensor, w: Tensor, bias: Tensor, side: Tensor) =>
    causalConvStep(x, w, ring, t, {
      bias,
      activation: options.activation,
      ...(options.beside && { beside: side }),
    }),
  );
  const found: number[][] = [];
  const part = (seed: number, width: number) =>
    array([rows, width], uniform(seed, ROWS * width).slice(0, rows * width));
  for (let t = 0; t < STEPS; t++) {
    const args = [part(10 + t, C), Uint32Array.of(t), array([K, C, O], uniform(1, K * C * O))] as const;
    const y = await step(...args, uniform(2, O), part(3, O)).read();
    found.push([...y]);
  }
  return found;
}

describe('a step of 33 rows', () => {
  test.each([
    { beside: false, activation: 'none' },
    { beside: true, activation: 'tanh' },
    { beside: true, activation: 'glu' },
  ] as const)('is that of 5 rows: %j', async (options) => {
    const [few, many] = [await steps(5, options), await steps(ROWS, options)];
    for (const [t, values] of few.entries()) {
      values.forEach((value, i) => expect(many[t][i], `step ${t}`).toBeCloseTo(value, 5));
    }
  });
});

test('what does not fit is told by the name that was called', () => {
  const ring = causalConvRing(ROWS, C, K, dilation);
  const step = engine.record((x: Tensor, t: Tensor, w: Tensor, bias: Tensor) =>
    causalConvStep(x, w, ring, t, { bias }),
  );
  const args = [array([ROWS, C], uniform(1, ROWS * C)), Uint32Array.of(0)] as const;
  const w = array([K, C, O], uniform(1, K * C * O));
  expect(() => step(...args, w, uniform(2, O + 1))).toThrow(/causalConvStep: .*bias/s);
  expect(() => step(...args, array([K, C + 1, O], uniform(1, K * (C + 1) * O)), uniform(2, O))).toThrow(
    /causalConvStep: /,
  );
});
