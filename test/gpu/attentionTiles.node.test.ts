// Attention in tiles of workgroup memory: where it is used, where a NaN goes within a tile and beyond it, and heads as
// wide as they may be.

import { afterAll, describe, expect, test } from 'vitest';
import {
  array,
  attention,
  cachedAttention,
  causalAttention,
  gradient,
  type Engine,
  type HostArray,
  type Tensor,
} from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';
import { checkNaN } from '../harness/nan';
import { checkCase } from '../harness/opCase';
import * as reference from '../reference/attention';
import * as causal from '../reference/causalAttention';

const engine = await openTestEngine({ family: 'workgroup', chains: false, poison: true });
const direct = await openTestEngine({ family: 'direct', quads: false });
afterAll(() => [engine, direct].forEach((one) => one.destroy()));

describe('which kernels', () => {
  const SIMPLE = ['attention', 'attentionDq', 'attentionDkv'];
  const TILED = SIMPLE.map((name) => `${name}Tiled`);

  /** Names of the kernels of attention that a step launches, in their order. */
  function kernelsOf(on: Engine, run: (...all: Tensor[]) => Tensor[], ...given: HostArray[]): string[] {
    const step = on.record((...all: Tensor[]) => run(...all));
    const { dispatches } = step.plan(...given);
    step.destroy();
    return dispatches
      .map(({ variant }) => variant.kernel.name)
      .filter((name) => name.startsWith('attention'));
  }

  const zeros = (...shape: number[]) => array(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const both = (q: Tensor, k: Tensor, v: Tensor, dy: Tensor) => gradient(attention(q, k, v), [q, k, v], dy);

  test.each([
    [12, 12, TILED],
    [32, 32, TILED],
    [33, 64, TILED],
    [4, 96, TILED],
    [11, 11, SIMPLE],
    [3, 96, SIMPLE],
    [1, 1000, SIMPLE],
    [96, 3, SIMPLE],
  ])('%i queries and %i keys: %s', (Q, T, names) => {
    const given = [zeros(1, Q, 16), zeros(1, T, 16), zeros(1, T, 16), zeros(1, Q, 16)];
    expect(kernelsOf(engine, both, ...given)).toEqual(names);
    expect(kernelsOf(direct, both, ...given)).toEqual(SIMPLE);
  });

  test('a ring has none', () => {
    const run = (q: Tensor, kv: Tensor, position: Tensor) => [cachedAttention(q, kv, position, { heads: 1 })];
    const given = [zeros(1, 32, 16), zeros(1, 32, 32), array([1], Uint32Array.of(31))];
    expect(kernelsOf(engine, run, ...given)).toEqual(['attention']);
  });
});

describe('NaN', () => {
  test.each([
    reference.one([1, 20, 35, 1, 8], { causal: true }),
    reference.one([2, 12, 14, 1, 8], { lengths: [3, 13] }),
    reference.one([1, 33, 12, 1, 8]),
  ])('in $name', (c) => checkNaN(reference, c, engine));

  test('in keys and values of one tensor', () =>
    checkNaN(causal, { name: 'causal', shapes: [[1, 34, 24]], options: { heads: 1 } }, engine));
});

test('the widest heads', () => checkCase(reference, reference.one([1, 12, 12, 1, 1024]), engine));

test('∞ in the last value stays what it is', async () => {
  const step = engine.record((q: Tensor, k: Tensor, v: Tensor) => attention(q, k, v));
  const v = uniform(3, 33 * 16);
  v[32 * 16] = Infinity;
  const y = await step(
    array([1, 33, 16], uniform(1, 33 * 16)),
    array([1, 33, 16], uniform(2, 33 * 16)),
    array([1, 33, 16], v),
  ).read();
  expect([...y.filter((_, i) => i % 16 === 0)]).toEqual(Array.from({ length: 33 }, () => Infinity));
  expect(y.filter((_, i) => i % 16).every(Number.isFinite)).toBe(true);
});

test('in a row of positions no later one matters', async () => {
  const step = engine.record((qkv: Tensor) => causalAttention(qkv, { heads: 2 }));
  const x = uniform(1, 70 * 96);
  const y = await step(array([1, 70, 96], x)).read();
  const other = await step(
    array(
      [1, 70, 96],
      x.map((value, i) => (i < 45 * 96 ? value : 3 * value)),
    ),
  ).read();
  expect(other.slice(0, 45 * 32)).toEqual(y.slice(0, 45 * 32));
  expect(other.slice(45 * 32)).not.toEqual(y.slice(45 * 32));
});
