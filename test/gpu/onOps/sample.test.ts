// What is drawn on the device has the probabilities that it should have, and never is what it must not be.

import { afterAll, describe, expect, test } from 'vitest';
import {
  advance,
  array,
  bernoulli,
  repeatStep,
  sample,
  State,
  writeAt,
  type Tensor,
} from '../../../src/index';
import { openTestEngine, uniform } from '../../harness/engine';
import { allowedIn } from '../../reference/sample';

interface Options {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

describe.each(['direct', 'workgroup'] as const)('%s', async (family) => {
  const engine = await openTestEngine({ family, poison: true });
  afterAll(() => engine.destroy());

  /** B rows of the same logits, drawn from `times` times in one go: how often each symbol came, and all draws. */
  async function draws(logits: ArrayLike<number>, options: Options = {}, [B, times] = [128, 24]) {
    const { seed = 1, ...rest } = options;
    const V = logits.length;
    const drawn = new State([B, times], 'zeros', 'drawn', 'u32');
    const counter = new State([1], 'zeros', 'counter', 'u32');
    const key = new State([1], () => Uint32Array.of(seed), 'seed', 'u32');
    const step = engine.record((x: Tensor) => {
      writeAt(drawn, counter, sample(x, { seed: key, counter, ...rest }));
      advance(counter);
    });
    await repeatStep(
      step,
      times,
      array(
        [B, V],
        Float32Array.from({ length: B * V }, (_, i) => logits[i % V]),
      ),
    );
    const ids = (await engine.read(drawn)) as Uint32Array;
    const counts = new Float64Array(V);
    for (const id of ids) counts[id]++; // Of no symbol: a property that nobody reads.
    return { ids, counts };
  }

  /** Pearson's statistic in standard deviations from its mean; cells that expect fewer than five are joined. */
  function surprise(counts: Float64Array, p: readonly number[]): number {
    const all = counts.reduce((sum, count) => sum + count, 0);
    let [sum, cells, rare, rarely] = [0, 0, 0, 0];
    p.forEach((probability, v) => {
      const expected = probability * all;
      if (expected < 5) [rare, rarely] = [rare + counts[v], rarely + expected];
      else [sum, cells] = [sum + (counts[v] - expected) ** 2 / expected, cells + 1];
    });
    if (rarely > 1) [sum, cells] = [sum + (rare - rarely) ** 2 / rarely, cells + 1];
    return (sum - (cells - 1)) / Math.sqrt(2 * (cells - 1));
  }

  const softmax = (logits: ArrayLike<number>, { temperature = 1, ...rest }: Options) => {
    const allowed = allowedIn(logits, { temperature, ...rest });
    const weights = Array.from(logits, (x, v) => (allowed[v] ? Math.exp(x / temperature) : 0));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
  };
  const some = (V: number, by = 2) => uniform(3, V).map((value) => value * by);

  test.each([
    { V: 2 },
    { V: 20, temperature: 0.7 },
    { V: 256 },
    { V: 256, topK: 10, temperature: 1.3 },
    { V: 100, topP: 0.8 },
    { V: 100, topK: 30, topP: 0.5, temperature: 2 },
  ])('frequencies are those of softmax: %j', async ({ V, ...options }) => {
    const logits = some(V);
    const { counts } = await draws(logits, options, options.topK || options.topP ? [64, 20] : [128, 40]);
    const p = softmax(logits, options);
    expect(
      counts.filter((_, v) => p[v] === 0),
      'what must not be drawn',
    ).toEqual(new Float64Array(p.filter((one) => one === 0).length));
    expect(Math.abs(surprise(counts, p))).toBeLessThan(4.5);
  });

  test('a rare symbol is drawn as rarely as it should be', async () => {
    const { counts } = await draws([0, -6, -8], {}, [2048, 40]);
    const p = softmax([0, -6, -8], {});
    [1, 2].forEach((v) => {
      const expected = p[v] * 2048 * 40;
      expect(Math.abs(counts[v] - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
    });
  });

  test('edges: k of 1, k above V, tiny p, ties, one symbol, extreme logits', async () => {
    const logits = some(50);
    const best = logits.indexOf(Math.max(...logits));
    const few: [number, number] = [16, 2];
    const only = async (x: ArrayLike<number>, options: Options) => [
      ...new Set((await draws(x, options, few)).ids),
    ];
    expect(await only(logits, { topK: 1 })).toEqual([best]);
    expect(await only(logits, { topP: 1e-6 })).toEqual([best]);
    expect(await only(logits, { temperature: 0 })).toEqual([best]);
    expect(await only(logits, { temperature: 0.001 })).toEqual([best]);
    expect(await only([0.3], { topK: 1, topP: 0.5 })).toEqual([0]);
    expect((await draws(logits, { topK: 51 }, few)).ids).toEqual((await draws(logits, {}, few)).ids);
    expect((await draws(logits, { topP: 1 }, few)).ids).toEqual((await draws(logits, {}, few)).ids);
    // Of two that are equal, none is better: both may be drawn.
    expect((await only([1, 5, 2, 5, -1], { topK: 1 })).sort()).toEqual([1, 3]);
    expect((await only([1, 5, 2, 5, -1], { topP: 0.1 })).sort()).toEqual([1, 3]);
    expect(await only([1, 5, 2, 5, -1], { temperature: 0 })).toEqual([1]);
    expect(await only([-1e30, 1e30, 1e29], {})).toEqual([1]);
    expect(await only([-Infinity, -3, -Infinity], { topK: 2 })).toEqual([1]);
    expect((await draws([-Infinity, 0, -Infinity, 0], { topP: 0.99 }, few)).counts[0]).toBe(0);
  });

  test('a row that has no logits gives no symbol', async () => {
    for (const options of [{}, { topK: 2 }, { topP: 0.5 }, { temperature: 0 }]) {
      const step = engine.record((x: Tensor, key: Tensor) =>
        sample(x, { seed: key, counter: key, ...options }),
      );
      const found = await step(
        array([1, 5], new Float32Array(5).fill(NaN)),
        array([1], Uint32Array.of(1)),
      ).read();
      expect([...found]).toEqual([0xffffffff]);
    }
  });

  test.each([5, 100])(
    'nor does one with a NaN, or of nothing but −∞; one of −FLT_MAX does (V = %i)',
    async (V) => {
      const logits = (f: (v: number) => number) => Float32Array.from({ length: V }, (_, v) => f(v));
      const rows = {
        nan: logits((v) => (v === V - 2 ? NaN : v)),
        none: logits(() => -Infinity),
        least: logits(() => -3.4028234663852886e38),
      };
      for (const options of [{}, { topK: 2 }, { topP: 0.5 }, { temperature: 0 }, { temperature: 0.001 }]) {
        const found = (await Promise.all(
          Object.values(rows).map(async (row) => (await draws(row, options, [1, 3])).ids),
        )) as Uint32Array[];
        expect([...found[0], ...found[1]], JSON.stringify(options)).toEqual(Array(6).fill(0xffffffff));
        expect(
          found[2].every((id) => id < V),
          JSON.stringify(options),
        ).toBe(true);
      }
    },
  );

  test('yes or no of NaN is NaN', async () => {
    const step = engine.record((x: Tensor, key: Tensor) => bernoulli(x, { seed: key, counter: key }));
    const y = await step(array([5], [NaN, 1e38, -1e38, Infinity, NaN]), array([1], Uint32Array.of(1))).read();
    expect([...y]).toEqual([NaN, 1, 0, 1, NaN]);
  });

  test('the same seed draws the same, another other; times, rows and calls differ', async () => {
    const logits = some(30);
    const { ids } = await draws(logits, { seed: 5 }, [8, 20]);
    expect((await draws(logits, { seed: 5 }, [8, 20])).ids).toEqual(ids);
    expect((await draws(logits, { seed: 6 }, [8, 20])).ids).not.toEqual(ids);
    expect(ids.slice(0, 20)).not.toEqual(ids.slice(20, 40));
    const [first, ...others] = Array.from({ length: 20 }, (_, t) =>
      ids.filter((_, i) => i % 20 === t).join(),
    );
    expect(others).not.toContain(first);
    const twice = engine.record((x: Tensor, key: Tensor) =>
      [0, 1].map(() => sample(x, { seed: key, counter: key })),
    );
    const readings = twice(array([40, 30], uniform(1, 1200)), array([1], Uint32Array.of(3)));
    const [a, b] = await Promise.all(readings.map((reading) => reading.read()));
    expect(a).not.toEqual(b);
  });

  test('yes and no have their probabilities', async () => {
    const [B, times] = [512, 40];
    const counter = new State([1], 'zeros', 'counter', 'u32');
    const sums = new State([B, times, 6], 'zeros', 'sums');
    const logits = [-4, -1, 0, 0.5, 2, 5];
    const step = engine.record((x: Tensor, seed: Tensor) => {
      writeAt(sums, counter, bernoulli(x, { seed, counter, temperature: 1.5 }));
      advance(counter);
    });
    const x = Float32Array.from({ length: B * 6 }, (_, i) => logits[i % 6]);
    await repeatStep(step, times, array([B, 6], x), array([1], Uint32Array.of(9)));
    const drawn = await engine.read(sums);
    logits.forEach((logit, v) => {
      const p = 1 / (1 + Math.exp(-logit / 1.5));
      let count = 0;
      for (let i = v; i < drawn.length; i += 6) count += drawn[i];
      const n = B * times;
      expect(Math.abs(count - n * p) / Math.sqrt(n * p * (1 - p)), `logit ${logit}`).toBeLessThan(4.5);
    });
  });

  test('options that cannot be', () => {
    const draw = (options: Options) => () =>
      engine.record((x: Tensor, key: Tensor) => sample(x, { seed: key, counter: key, ...options } as never))(
        array([1, 3], [1, 2, 3]),
        array([1], Uint32Array.of(1)),
      );
    expect(draw({ temperature: -1 })).toThrow('temperature is -1');
    expect(draw({ temperature: 1e-9 })).toThrow('a number from 0.001 to 1000');
    expect(draw({ temperature: NaN })).toThrow('temperature is NaN');
    expect(draw({ topK: 0 })).toThrow('topK is 0');
    expect(draw({ topK: 2.5 })).toThrow('topK is 2.5');
    expect(draw({ topP: 0 })).toThrow('topP is 0');
    expect(draw({ topP: 1.1 })).toThrow('topP is 1.1');
  });
});
