// A case of an op with halves in all that can hold them: what it is given is narrowed in front of it, what comes of it is
// widened behind it, both by ops of the test's own, so that the op's own launches read and write f16.

import { expect } from 'vitest';
import type { Engine, Tensor } from '../../src/index';
import { copyDispatch } from '../../src/graph/copy';
import { defineOp } from '../../src/graph/op';
import { sizeOf } from '../../src/graph/shape';
import type { Plan } from '../../src/plan/plan';
import { expectedOf, record, worstOf, type Expected } from './opCase';
import { elementsOf, smallest, type Around } from './nan';
import type { Case, Reference } from './reference';

/** Between 1 and the next half: what one rounding may be off by, relative to the number, towards 0 too. */
export const EPSILON = 2 ** -10;
const LARGEST_HALF = 65504;
const SMALLEST_HALF = 2 ** -24;
/** Below it a half has fewer bits: errors are relative to this. */
const SMALLEST_NORMAL = 2 ** -14;

/** The nearest half; of two the even one. */
export function nearestHalf(value: number): number {
  const size = Math.abs(value);
  if (!(size > 0 && size < Infinity)) return value;
  const unit = Math.max(SMALLEST_HALF, 2 ** (Math.floor(Math.log2(size)) - 10));
  const units = value / unit;
  const below = Math.floor(units);
  const over = units - below;
  const near = over === 0.5 ? below + (below & 1) : below + Number(over > 0.5);
  return Math.abs(near * unit) > LARGEST_HALF ? Math.sign(value) * Infinity : near * unit;
}

/** The same numbers; of two axes and more, stored in f16. */
const narrowOp = defineOp<'x', 'y'>({
  name: 'narrow',
  inputs: { x: '...' },
  outputs: { y: '...' },
  dispatch: ({ x, y }) => copyDispatch(x, y),
});

/** The same numbers in a row: what is returned is f32, and so would be what has its shape. */
const widenOp = defineOp<'x', 'y'>({
  name: 'widen',
  inputs: { x: '*' },
  outputs: { y: '*' },
  anyType: true,
  shape: ({ x }) => ({ y: [sizeOf(x)] }),
  dispatch: ({ x, y }) => copyDispatch(x, y),
});

/** What makes halves of what an op reads and writes. */
export const HALVES: Around = {
  before: (x) => (x.dtype === 'f32' ? narrowOp({ x }, {}).y : x),
  behind: (y) => widenOp({ x: y }, {}).y,
};

/** With fewer numbers a sum of one term is exact. */
const ENOUGH = 64;

/** Whether something of a case has two axes: what has fewer stays in f32. */
export const isWide = ({ integers }: Reference, { shapes }: Case): boolean =>
  shapes.some((shape, i) => shape.length > 1 && !integers?.includes(i));

/** The smallest wide case of so many numbers of each set of switches. */
export const halfCases = (ref: Reference): Case[] =>
  smallest({ cases: ref.cases.filter((c) => isWide(ref, c)) }, (c) => elementsOf(c) >= ENOUGH);

/** What came of a case in f16: a result, or the gradient of an input where it was compared. */
export interface HalfResult {
  readonly what: string;
  readonly found: ArrayLike<number>;
  readonly wanted: ArrayLike<number>;
}

/** Which tensors the op's launches, forward or backward, bind as halves, by op and binding. */
export function halvesIn({ dispatches }: Plan): Set<string> {
  const own = dispatches.filter(({ label }) => !/\b(narrow|widen)$/.test(label));
  return new Set(
    own.flatMap(({ label, variant, bindings }) =>
      bindings
        .filter(({ place }) => place.half)
        .map(({ binding }) => {
          const { name } = variant.kernel.reflection.bindings.find((one) => one.binding === binding)!;
          return `${label}.${name}`;
        }),
    ),
  );
}

/** Runs a case on an engine in half precision; gives what came of it, and what was bound as halves. */
export async function runHalf(
  ref: Reference,
  c: Case,
  { inputs, dys, wanted, wrt }: Expected,
  engine: Engine,
): Promise<{ results: HalfResult[]; gradients: HalfResult[]; halves: Set<string> }> {
  const step = engine.record((...tensors: Tensor[]) => {
    const given = tensors.map(HALVES.before);
    const asked = wrt.map(({ input }) => input);
    const taken = given.slice(0, inputs.length);
    const { outputs, grads } = record(ref, c, taken, asked, (_y, i) => given[inputs.length + i]);
    return [...outputs, ...grads].map(HALVES.behind);
  });
  const halves = halvesIn(step.plan(...inputs, ...dys));
  const found = await Promise.all(step(...inputs, ...dys).map((reading) => reading.read()));
  step.destroy();
  const results = wanted.map(({ data }, i) => ({ what: `result ${i}`, found: found[i], wanted: data }));
  const gradients = wrt.map(({ input, picked, slopes }, i) => {
    const all = found[wanted.length + i];
    return { what: `gradient of input ${input}`, found: picked.map((at) => all[at]), wanted: slopes };
  });
  return { results, gradients, halves };
}

/** The largest of a case's numbers that is finite. */
export function largestOf(ref: Reference, c: Case): number {
  const floats = expectedOf(ref, c).inputs.filter((_, i) => !ref.integers?.includes(i));
  const sizes = floats.flatMap(({ data }) => Array.from(data, Math.abs).filter(Number.isFinite));
  return Math.max(2 ** -20, ...sizes);
}

/** What is finite is right, to so many roundings of the largest of it; what is not a number or infinite shows itself. */
export function checkFinite({ what, found, wanted }: HalfResult, roundings: number): void {
  const seen = Array.from(found, (_, i) => i).filter((i) => Number.isFinite(found[i]));
  const pick = (list: ArrayLike<number>) => seen.map((i) => list[i]);
  const { worst, text } = worstOf(pick(found), pick(wanted), SMALLEST_NORMAL);
  expect(worst / EPSILON, `${what}: of what is finite the ${text}`).toBeLessThan(roundings);
}

/** All of it is right, to so many roundings of the largest. */
export function checkClose({ what, found, wanted }: HalfResult, roundings: number): void {
  const { worst, text } = worstOf(found, wanted, SMALLEST_NORMAL);
  expect(worst / EPSILON, `${what}: ${text}`).toBeLessThan(roundings);
}
