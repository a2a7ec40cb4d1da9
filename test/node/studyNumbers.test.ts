// Numbers that studies report, as tables over pure functions: means and spreads of seeds, what counting predicts, widths
// of equal size, paces.

import { describe, expect, test } from 'vitest';
import { sizeByWidth, widthNear } from '../../src/studies/equalSize';
import { KeyCounts, NGrams } from '../../src/studies/nGrams';
import { Pace } from '../../src/studies/pace';
import {
  differenceText,
  meanOf,
  pairedDifference,
  sdOf,
  spreadOf,
  verdictOf,
} from '../../src/studies/spread';

describe('seeds', () => {
  test('mean and standard deviation; none where one diverged', () => {
    expect([meanOf([1, 2, 6]), sdOf([1, 2, 6])]).toEqual([3, Math.sqrt(7)]);
    expect([meanOf([1, null]), sdOf([1, null]), meanOf([]), sdOf([4])]).toEqual([
      null,
      undefined,
      null,
      undefined,
    ]);
  });

  test("the difference of pairs, with Student's interval", () => {
    const found = pairedDifference([1, 2, 3], [1.1, 2.0, 2.9])!;
    expect(found.mean).toBeCloseTo(0, 12);
    // t(0.975, 2) · sd / √3 = 4.303 · 0.1 / 1.732.
    expect(found.interval![1]).toBeCloseTo(0.24843, 4);
    expect(verdictOf(found)).toBe('none');
    expect(verdictOf(pairedDifference([2, 3, 4], [1, 2.01, 3])!)).toBe('more');
    expect(verdictOf(pairedDifference([1, 2, 3], [2, 3.01, 4])!)).toBe('less');
    expect(differenceText(pairedDifference([2], [1])!)).toBe('+1.000 (one seed, which says little)');
    expect(pairedDifference([1, null], [1, 2])).toBeNull();
    expect(pairedDifference([1, 2], [1, null])).toBeNull();
    expect(pairedDifference([], [])).toBeNull();
  });

  test('a table has the spread only of several seeds', () => {
    expect(spreadOf([1, 2, 6])).toEqual({ ours: 3, n: 3, sd: Math.sqrt(7) });
    expect(Object.keys(spreadOf([4]))).toEqual(['ours', 'n']);
    expect(spreadOf([1, null])).toEqual({ ours: null, n: 2 });
  });

  test('pairs are as many as both have, and the interval is as wide as so few allow', () => {
    expect(pairedDifference([3, 5, 9], [1, 1])).toMatchObject({ mean: 3, n: 2 });
    expect(pairedDifference([3, 5], [1, 1, 9])).toMatchObject({ mean: 3, n: 2 });
    // sd / √n of two is half of their distance: t(0.975, 1) = 12.706.
    expect(pairedDifference([3, 5], [1, 1])!.interval).toEqual([3 - 12.706, 3 + 12.706]);
    // Beyond ten pairs t is 2: differences ±1 in turns.
    const many = Array.from({ length: 12 }, (_, i) => (i % 2 ? 1 : -1));
    const [low, high] = pairedDifference(many, Array(12).fill(0))!.interval!;
    expect([low, high]).toEqual([-high, expect.closeTo((2 * Math.sqrt(12 / 11)) / Math.sqrt(12), 12)]);
  });

  test.each([
    [-1, [-2, -0.1], 'less'],
    [1, [0.1, 2], 'more'],
    [1, [0, 2], 'none'],
    [-1, [-2, 0], 'none'],
    [0.5, [-1, 2], 'none'],
    [1, null, 'unknown'],
  ] as const)('a difference of %d in %j is %s', (mean, interval, verdict) => {
    expect(verdictOf({ mean, interval, n: 3 })).toBe(verdict);
  });

  test('a difference in words', () => {
    const found = { mean: 0.031, interval: [-0.02, 0.082], n: 3 } as const;
    expect(differenceText(found)).toBe('+0.031 (95 %: −0.020 to +0.082, 3 paired seeds)');
    expect(differenceText({ mean: -4.44, interval: null, n: 1 }, 1)).toBe(
      '−4.4 (one seed, which says little)',
    );
    expect(differenceText({ mean: 0, interval: null, n: 1 }, 0)).toBe('+0 (one seed, which says little)');
  });
});

describe('counting', () => {
  test('n-grams are distributions, by Witten & Bell', () => {
    const text = [0, 1, 0, 1, 2, 0, 1];
    const grams = new NGrams([text], 3, 4);
    const p = (context: number[], next: number, order = 3) =>
      Math.exp(-grams.nats([...context, next], context.length, order));
    for (const context of [[], [0], [0, 1], [2, 2], [3, 0]]) {
      for (const order of [1, 2, 3]) {
        const sum = [0, 1, 2, 3].reduce((total, next) => total + p(context, next, order), 0);
        expect(sum, `${context} ${order}`).toBeCloseTo(1, 12);
      }
    }
    // Seven tokens of three kinds: 3 zeros; after a zero always a one, three times.
    const zero = (3 + 3 / 4) / (7 + 3);
    const one = (3 + 3 / 4) / (7 + 3);
    expect(p([], 0)).toBeCloseTo(zero, 12);
    expect(p([0], 1, 2)).toBeCloseTo((3 + 1 * one) / (3 + 1), 12);
    // What was never seen falls back to a shorter context.
    expect(p([3, 0], 1)).toBeCloseTo(p([0], 1, 2), 12);
    // A sequence ends where it ends: no pair goes from one to the next.
    expect(new NGrams([[0], [1]], 2, 2).nats([0, 1], 1)).toBeCloseTo(Math.log(2), 12);
    // Kinds are counted once: after a zero came a one twice and a two once.
    const kinds = new NGrams([[0, 1, 0, 1, 0, 2]], 2, 3);
    const alone = (kind: number) => ([3, 2, 1][kind] + 3 / 3) / (6 + 3);
    expect(Math.exp(-kinds.nats([0, 1], 1))).toBeCloseTo((2 + 2 * alone(1)) / (3 + 2), 12);
    expect(Math.exp(-kinds.nats([0, 2], 1))).toBeCloseTo((1 + 2 * alone(2)) / (3 + 2), 12);
    // Longer contexts than the order are not looked at.
    expect(kinds.nats([1, 0, 1], 2)).toBe(kinds.nats([0, 1], 1));
  });

  test('keys by themselves, by what they were before and by how often they are down', () => {
    // The first key follows what it was; the second is down in one of three steps.
    const counts = new KeyCounts(
      [
        [
          [0, 0],
          [0, 1],
        ],
        [
          [1, 1],
          [1, 0],
        ],
        [
          [1, 0],
          [1, 0],
        ],
      ],
      2,
    );
    const p = (before: number[], now: number[], seesBefore: boolean) =>
      Math.exp(-counts.nats(before, now, seesBefore));
    // (own + ½) / (all + 1) for every key.
    expect(p([1, 0], [1, 0], true)).toBeCloseTo((2.5 / 3) * (1.5 / 3), 12);
    expect(p([0, 1], [1, 1], true)).toBeCloseTo((0.5 / 2) * (0.5 / 2), 12);
    expect(p([0, 1], [1, 1], false)).toBeCloseTo((2.5 / 4) * (1.5 / 4), 12);
    expect(p([0, 0], [0, 0], false)).toBeCloseTo((1.5 / 4) * (2.5 / 4), 12);
  });
});

test('the width nearest to a size', () => {
  const size = (width: number) => width * width + 3 * width;
  for (const wanted of [0, 4, 5, 7, 8, 990, 1_000_000]) {
    const all = Array.from({ length: 1200 }, (_, i) => i + 1);
    const nearest = (widths: readonly number[]) =>
      Math.min(...widths.map((width) => Math.abs(size(width) - wanted)));
    expect(Math.abs(size(widthNear(wanted, size)) - wanted)).toBe(nearest(all));
    const eighth = widthNear(wanted, size, 8);
    expect(eighth % 8).toBe(0);
    expect(Math.abs(size(eighth) - wanted)).toBe(nearest(all.filter((width) => width % 8 === 0)));
  }
  const parabola = sizeByWidth(size);
  for (const width of [1, 8, 77, 1000]) expect(parabola(width)).toBeCloseTo(size(width), 6);
  expect(() => widthNear(100, () => 3)).toThrow('no width up to 65536 has 100 parameters');
});

test('pace: steps without validations, and without those that record', () => {
  const pace = new Pace(2);
  const see = (step: number, seconds: number, evaluations: number) =>
    pace.see({ step, seconds, evaluations: Array(evaluations).fill(null) });
  expect(pace.stepsPerSecond).toBeNull();
  see(1, 9, 0);
  see(2, 10, 0);
  see(4, 11, 0);
  see(5, 50, 1);
  see(7, 51, 1);
  // The machine did something else meanwhile.
  see(8, 90, 1);
  expect(pace.stepsPerSecond).toBe(2);
});

test('pace: what lies across a validation or before the warm-up does not count; the step in the middle does', () => {
  const paceOf = (
    warm: number,
    ...seen: readonly (readonly [step: number, seconds: number, evaluations?: number])[]
  ) => {
    const pace = new Pace(warm);
    for (const [step, seconds, evaluations = 0] of seen)
      pace.see({ step, seconds, evaluations: Array(evaluations).fill(null) });
    return pace.stepsPerSecond;
  };
  expect(paceOf(0, [1, 1], [2, 3])).toBe(0.5);
  // From the warm-up's last step on.
  expect(paceOf(2, [1, 0], [2, 9], [3, 10])).toBe(1);
  expect(paceOf(3, [1, 0], [2, 9], [3, 10])).toBeNull();
  // The same step told twice is none.
  expect(paceOf(0, [1, 1], [1, 2])).toBeNull();
  expect(paceOf(0, [1, 1], [2, 1])).toBeNull();
  // Half of all steps are at least as fast: 4 at 4 a second, 2 at 2, 2 at 1.
  expect(paceOf(0, [0, 0], [2, 2], [6, 3], [8, 4])).toBe(4);
  expect(paceOf(0, [0, 0], [3, 3], [6, 4], [8, 5])).toBe(2);
});

test('a width is a multiple of its step, the wider of two that are as near', () => {
  const size = (width: number) => 10 * width;
  expect([widthNear(24, size), widthNear(25, size), widthNear(26, size)]).toEqual([2, 3, 3]);
  expect([widthNear(1, size), widthNear(1, size, 4), widthNear(60, size, 4)]).toEqual([1, 4, 8]);
  expect(widthNear(10 * 2 ** 16, size)).toBe(2 ** 16);
  expect(() => widthNear(10 * 2 ** 16 + 1, size)).toThrow('has 655361 parameters');
});
