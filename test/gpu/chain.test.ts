// Chains of elementwise ops give what the ops give one by one, forward and backward, whatever their order and size.

import { afterAll, describe, expect, test } from 'vitest';
import {
  add,
  array,
  clamp,
  div,
  exp,
  gelu,
  gradient,
  log,
  mul,
  relu,
  scale,
  sigmoid,
  sqrt,
  square,
  sub,
  tanh,
  type Tensor,
} from '../../src/index';
import { dropoutByKey } from '../../src/ops/random/dropout';
import { openTestEngine, uniform } from '../harness/engine';

const joined = await openTestEngine();
const single = await openTestEngine({ family: joined.traits.family, chains: false });
afterAll(() => [joined, single].forEach((engine) => engine.destroy()));

/** What may come next for a value v, with another tensor u; values stay between about -10 and 10. */
const STEPS: readonly ((v: Tensor, u: Tensor) => Tensor)[] = [
  (v, u) => add(v, u),
  (v, u) => add(u, v),
  (v, u) => sub(v, u),
  (v, u) => sub(u, v),
  (v, u) => mul(v, u),
  (v, u) => div(v, add(square(u), 0.5)),
  (v, u) => div(u, add(square(v), 0.5)),
  (v) => exp(clamp(v, -2, 2)),
  (v) => log(add(square(v), 0.25)),
  (v) => sqrt(add(square(v), 0.25)),
  (v) => clamp(square(v), -1, 8),
  relu,
  tanh,
  sigmoid,
  gelu,
  (v) => scale(v, -0.75, 0.125),
];

const RANDOM = 9;
const LENGTH = 10;
const SIZES = [1, 3, 257, 4096, 2 ** 16 + 5, 2 ** 16];

/** The same chain for the same seed: which steps, and which of four tensors each takes. */
function chainOf(seed: number): (tensors: readonly Tensor[]) => Tensor {
  const picks = uniform(seed, 2 * LENGTH).map((value) => Math.abs(value));
  return (tensors) => {
    let [v] = tensors;
    for (let i = 0; i < LENGTH; i++) {
      const step = STEPS[Math.floor(picks[2 * i] * STEPS.length)];
      v = step(v, tensors[1 + Math.floor(picks[2 * i + 1] * (tensors.length - 1))]);
    }
    return v;
  };
}

const deviation = (found: ArrayLike<number>, expected: ArrayLike<number>): number =>
  Array.from(expected, (value, i) => Math.abs(found[i] - value) / (1 + Math.abs(value))).reduce((a, b) =>
    Number.isNaN(b) || b > a ? b : a,
  );

/** Largest deviation: a compiler may fuse a product and a sum that stand in one kernel. */
const TOLERANCE = 1e-5;

test.each(Array.from({ length: RANDOM }, (_, seed) => seed))('random chain %i', async (seed) => {
  const size = SIZES[seed % SIZES.length];
  const args = Array.from({ length: 5 }, (_, i) => array([size], uniform(10 * seed + i, size)));
  const body = chainOf(seed);
  const build = (...tensors: Tensor[]) => {
    const y = body(tensors.slice(0, 4));
    return { y, dx: gradient(y, tensors.slice(0, 1), tensors[4])[0] };
  };
  const steps = [joined, single].map((engine) => engine.record(build));
  const [fewer, more] = steps.map((step) => step.plan(...args).dispatches.length);
  expect(fewer).toBeLessThan(more);
  const results = await Promise.all(
    steps.map(async (step) => {
      const { y, dx } = step(...args);
      return [await y.read(), await dx.read()];
    }),
  );
  expect(deviation(results[0][0], results[1][0])).toBeLessThan(TOLERANCE);
  // Slopes of steep functions of steep functions.
  expect(deviation(results[0][1], results[1][1])).toBeLessThan(100 * TOLERANCE);
});

test('a NaN goes where it goes one by one', async () => {
  const x = array([7], Float32Array.of(0.5, NaN, -0.5, 2, 0, 1, -2));
  const u = array([7], Float32Array.of(1, 0.5, NaN, -2, 3, -1, 0.5));
  const dy = array([7], Float32Array.of(1, 1, 1, 1, 1, NaN, 1));
  const build = (v: Tensor, w: Tensor, d: Tensor) =>
    STEPS.flatMap((step) => {
      const y = relu(step(scale(v, 1.5, 0.25), w));
      return [y, gradient(y, [v], d)[0]];
    });
  const [found, expected] = await Promise.all(
    [joined, single].map(async (engine) => {
      const values = await Promise.all(
        engine
          .record(build)(x, u, dy)
          .map((reading) => reading.read()),
      );
      return values.map((some) => Array.from(some, Number.isNaN));
    }),
  );
  expect(found).toEqual(expected);
  expect(found.map((some) => some[1])).toEqual(found.map(() => true));
});

describe('dropout in a chain', () => {
  const size = 4099;
  const [x, u] = [1, 2].map((seed) => array([size], uniform(seed, size)));
  const key = array([2], Uint32Array.of(11, 7));
  const attrs = { rate: 0.3, spatial: false, call: 5 };

  test('has the mask that it has alone, and one is enough for a chain', async () => {
    const build = (v: Tensor, w: Tensor, k: Tensor) =>
      relu(add(dropoutByKey(dropoutByKey(scale(v, 2), k, attrs), k, { ...attrs, call: 6 }), w));
    const steps = [joined, single].map((engine) => engine.record(build));
    const labels = steps.map((step) => step.plan(x, u, key).dispatches.map(({ label }) => label));
    expect(labels).toEqual([
      ['scale·dropout', 'dropout·add·relu'],
      ['scale', 'dropout', 'dropout', 'add', 'relu'],
    ]);
    const [y, expected] = await Promise.all(steps.map((step) => step(x, u, key).read()));
    expect(deviation(y, expected)).toBeLessThan(TOLERANCE);
  });
});
