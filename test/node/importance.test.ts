// The importance of settings: on functions whose first-order indices are known in closed form.

import { describe, expect, test } from 'vitest';
import { Random } from '../../src/random';
import type { Training } from '../../src/runs/training';
import { LEAST, importanceOf, type Outcome } from '../../src/search/importance';
import type { Space } from '../../src/search/search';

const UNIFORM = { kind: 'uniform', from: 0, to: 1 } as const;
const SPACE: Space = {
  learningRate: UNIFORM,
  dropout: UNIFORM,
  levels: { kind: 'choice', of: [1, 2, 3, 4] },
};
type Drawn = { readonly learningRate: number; readonly dropout: number; readonly levels: number };

function trialsOf(count: number, valueOf: (drawn: Drawn) => number | null, seed = 1): Outcome[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const drawn = {
      learningRate: random.uniform(),
      dropout: random.uniform(),
      levels: 1 + random.integer(4),
    };
    return { settings: drawn as Partial<Training> as Training, valid: valueOf(drawn) };
  });
}

const shares = (trials: readonly Outcome[]) =>
  Object.fromEntries(importanceOf(SPACE, trials, 1).map(({ setting, explained }) => [setting, explained]));

describe('first-order indices of ranks', () => {
  test('of one setting that decides alone, rising, falling or with the best in the middle: 1', () => {
    for (const shape of [
      (x: number) => x,
      (x: number) => -Math.exp(9 * x),
      (x: number) => (x - 0.5) ** 2,
      (x: number) => (x > 0.7 ? null : x),
    ]) {
      const { learningRate, ...rest } = shares(trialsOf(4000, (drawn) => shape(drawn.learningRate)));
      expect(learningRate).toBeGreaterThan(0.97);
      expect(Math.max(...Object.values(rest))).toBeLessThan(0.02);
    }
  });

  test('of a sum of two: E[F(x + y) | x] = x + ((1 − x)³ − x³) / 6, whose variance is 0.4905 of 1/12', () => {
    const found = shares(trialsOf(4000, ({ learningRate, dropout }) => learningRate + dropout));
    expect(found.learningRate).toBeCloseTo(0.4905, 1);
    expect(found.dropout).toBeCloseTo(0.4905, 1);
    expect(Math.abs(found.learningRate - 0.4905)).toBeLessThan(0.03);
    expect(found.levels).toBeLessThan(0.02);
  });

  test('of a choice: four classes of which one is worse explain all but what is within them', () => {
    // Ranks of the worse quarter are above those of the rest: Var(E) = 3/16 · (1/2)² of 1/12 = 9/16.
    const found = shares(trialsOf(4000, ({ levels, dropout }) => (levels === 3 ? 10 : 0) + dropout));
    expect(Math.abs(found.levels - 9 / 16)).toBeLessThan(0.03);
  });

  test('what settings do only together is in none of them', () => {
    const found = shares(
      trialsOf(4000, ({ learningRate, dropout }) => (learningRate - 0.5) * (dropout - 0.5)),
    );
    expect(Math.max(...Object.values(found))).toBeLessThan(0.02);
  });
});

test('few trials: without bias, and chance says what is luck', () => {
  const [one, none, above] = [[], [], []] as [number[], number[], boolean[]];
  for (let seed = 0; seed < 100; seed++) {
    const trials = trialsOf(27, ({ learningRate }) => learningRate, seed);
    const found = importanceOf(SPACE, trials, seed);
    one.push(found.find(({ setting }) => setting === 'learningRate')!.explained);
    const { explained, chance } = found.find(({ setting }) => setting === 'dropout')!;
    none.push(explained);
    above.push(explained > chance);
    expect(found[0].setting).toBe('learningRate');
  }
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  // Five classes keep 1 − 1/25 of it.
  expect(Math.abs(mean(one) - 0.96)).toBeLessThan(0.02);
  expect(mean(none)).toBeLessThan(0.1);
  // 5 in 100 by its definition.
  expect(above.filter(Boolean).length).toBeLessThan(13);
});

test('nothing is said of too few trials, nor where all came to the same', () => {
  expect(
    importanceOf(
      SPACE,
      trialsOf(LEAST - 1, ({ dropout }) => dropout),
      1,
    ),
  ).toEqual([]);
  expect(
    importanceOf(
      SPACE,
      trialsOf(LEAST, ({ dropout }) => dropout),
      1,
    ),
  ).toHaveLength(3);
  expect(
    importanceOf(
      SPACE,
      trialsOf(50, () => null),
      1,
    ),
  ).toEqual([]);
  const trials = trialsOf(50, ({ dropout }) => dropout);
  expect(importanceOf(SPACE, trials, 3)).toEqual(importanceOf(SPACE, trials, 3));
});
