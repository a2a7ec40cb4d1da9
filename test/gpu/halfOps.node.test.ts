// Every op with halves in whatever it reads and writes, forward and backward, in both families of kernels: against plain
// loops in doubles on the same halves, and central differences of those; at both ends of the range of f16; and where a
// NaN goes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { half, open, type Engine } from '../../src/index';
import {
  HALVES,
  checkClose,
  checkFinite,
  halfCases,
  isWide,
  largestOf,
  nearestHalf,
  runHalf,
} from '../harness/halfCase';
import { findHalfGpu } from '../harness/halfGpu';
import { checkNaN, smallest } from '../harness/nan';
import { expectedOf } from '../harness/opCase';
import type { Reference } from '../harness/reference';

const references = import.meta.glob<Reference>('../reference/*.ts', { eager: true });
const gpu = await findHalfGpu();

test.runIf(!gpu)('no adapter here has shader-f16: nothing below was run', () => {
  expect(gpu).toBeNull();
});

/** How many roundings to f16 a result may be off by, relative to the largest number, and a gradient. */
interface Roundings {
  readonly result: number;
  readonly gradient: number;
}

/** The result itself is rounded, and a gradient with what it is made of: the gate's, the mask's, the weights'. */
const ONCE: Roundings = { result: 1, gradient: 2 };

/** Ops with more in between. */
const MORE: Readonly<Record<string, Roundings>> = {
  // Queries, keys and the gradients of both lie in memory between its launches; gradients of bias and gain are sums over
  // all pairs of a query and a key.
  additiveAttention: { result: 3, gradient: 6 },
  // Gates and states of every step are rounded, and the next step goes on from them.
  sequences: { result: 1, gradient: 3 },
};

/** Near the largest half, but so that a sum of a few does not leave it. */
const TOP = 2 ** 14;
/**
 * Sums of products cancel, and f32 rounds them too; what comes into a gate or a score is rounded to 2^-11 of itself, much
 * where it is large. Their numbers reach so far.
 */
const TOPS: Readonly<Record<string, number>> = {
  additiveAttention: 1,
  additiveAttentionWeights: 1,
  causalConv: 2 ** 6,
  clusterTargets: 2 ** 6,
  gru: 1,
  lstm: 1,
  rnn: 1,
  sequences: 1,
};
/** Below the least number of full precision. */
const BOTTOM = 2 ** -16;
/** There each part of a gradient is a whole number of 6e-8, however small: twice as many roundings. */
const PARTS = 2;

/** A product with picked rows multiplies those that nobody picked by zero, and 0 · NaN is NaN. */
const SPREADS = /^\[.*\] of \[.*, times /;

/** Those whose cases have anything in two axes. */
const stored = Object.entries(references).filter(([, ref]) => halfCases(ref).length > 0);

describe.skipIf(!gpu).each(stored)('%s', (path, ref) => {
  const name = path.replace(/.*\/(.*)\.ts/, '$1');
  const allowed = MORE[name] ?? ONCE;
  describe.each(['direct', 'workgroup'] as const)(`${name} in f16 (%s)`, (family) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = half(await open({ gpu: gpu!, family, chains: false, poison: true }));
    });
    afterAll(() => engine.destroy());
    const cases = halfCases(ref);

    test.each(cases)('$name', async (c) => {
      const { results, gradients, halves } = await runHalf(
        ref,
        c,
        expectedOf(ref, c, { stored: nearestHalf, spots: 24, ways: 0 }),
        engine,
      );
      expect(halves.size).toBeGreaterThan(0);
      results.forEach((one) => checkClose(one, allowed.result));
      gradients.forEach((one) => checkClose(one, allowed.gradient));
    });

    test.each(cases)('at the ends of f16: $name', async (c) => {
      const most = largestOf(ref, c);
      const sized = async (top: number, incoming = 1) => {
        const one = { ...c, size: top / most };
        return runHalf(
          ref,
          one,
          expectedOf(ref, one, { stored: nearestHalf, incoming, spots: 24, ways: 0 }),
          engine,
        );
      };
      (await sized(TOPS[name] ?? TOP)).results.forEach((one) => checkFinite(one, allowed.result));
      (await sized(BOTTOM)).results.forEach((one) => checkClose(one, allowed.result));
      // A gradient that has left f16 is never another number.
      (await sized(most, 2 ** 15)).gradients.forEach((one) => checkFinite(one, allowed.gradient));
      (await sized(most, 2 ** -15)).gradients.forEach((one) => checkClose(one, PARTS * allowed.gradient));
    });

    const told = smallest({ cases: ref.cases.filter((c) => isWide(ref, c)) });
    test.each(told.filter((c) => !SPREADS.test(c.name)))('NaN in $name', (c) =>
      checkNaN(ref, c, engine, HALVES),
    );
  });
});
