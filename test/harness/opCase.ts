// A case of an op: run on an engine, and compared with its reference, plain loops in doubles; every gradient, with
// random incoming gradients, with central differences of those loops, in some elements and along all at once.

import { expect } from 'vitest';
import { add, array, gradient, mul, sum, type Engine, type HostArray, type Tensor } from '../../src/index';
import type { Plan } from '../../src/plan/plan';
import { sizeOf } from '../../src/graph/shape';
import { uniform } from './engine';
import type { Case, Doubles, Reference } from './reference';

/** One thing or many, as many. */
export const list = <V>(value: V | readonly V[]): readonly V[] =>
  Array.isArray(value) ? value : [value as V];

/** The op on `inputs`, and the gradients of those of `wrt` when `incoming` gives those of the results. */
export function record(
  ref: Reference,
  { options }: Case,
  inputs: readonly Tensor[],
  wrt: readonly number[],
  incoming: (y: Tensor, i: number) => Tensor,
): { outputs: readonly Tensor[]; grads: Tensor[] } {
  const outputs = list(ref.op(inputs, options));
  if (!wrt.length) return { outputs, grads: [] };
  const loss = outputs.map((y, i) => sum(mul(y, incoming(y, i)))).reduce((a, b) => add(a, b));
  return {
    outputs,
    grads: gradient(
      loss,
      wrt.map((i) => inputs[i]),
    ),
  };
}

/** The inputs of a case whose gradients are checked. */
export function differentiable(ref: Reference, { shapes, values }: Case): number[] {
  // Next to numbers of any size a difference of 1e-5 is nothing.
  const slopes = values ? [] : (ref.differentiable ?? shapes.map((_, i) => i));
  return slopes.filter((i) => !ref.integers?.includes(i));
}

/** What the gradient of an input must be. */
export interface Slopes {
  readonly input: number;
  /** Elements, and their slopes. */
  readonly picked: readonly number[];
  readonly slopes: readonly number[];
  /** Ways for all elements to move at once, and the slopes along them. */
  readonly directions: readonly Float32Array[];
  readonly along: readonly number[];
}

/** What a case is called with, and what must come of it. */
export interface Expected {
  readonly inputs: readonly HostArray[];
  readonly dys: readonly HostArray[];
  readonly wanted: readonly Doubles[];
  readonly wrt: readonly Slopes[];
  /** Launches that have been found right, as text: another engine that makes the same ones computes the same. */
  readonly right: Set<string>;
}

/** Every family of kernels is asked the same. */
const known = new WeakMap<Case, Expected>();

interface Expecting {
  /** A value as the device has it. */
  readonly stored?: (value: number) => number;
  /** What the incoming gradients are multiplied with. */
  readonly incoming?: number;
  /** In how many elements slopes are taken, and along how many directions. */
  readonly spots?: number;
  readonly ways?: number;
}

/** What a case is called with, and what comes of that in doubles. */
export function expectedOf(
  ref: Reference,
  c: Case,
  { stored = (value) => value, incoming = 1, spots = 8, ways = 2 }: Expecting = {},
): Expected {
  const inputs = c.shapes.map((shape, i) => {
    const values = c.values?.[i] ?? ref.fill?.(i, shape, c) ?? uniform(i + 1, sizeOf(shape));
    const host = ref.integers?.includes(i)
      ? Uint32Array.from(values)
      : Float32Array.from(Float64Array.from(values), (value) => stored(value * (c.size ?? 1)));
    return array(shape, host);
  });
  const exact = inputs.map(({ shape, data }) => ({ shape, data: Float64Array.from(data) }));
  const results = () => list(ref.reference(exact, c.options));
  const wanted = results();
  const dys = wanted.map(({ shape, data }, i) =>
    array(
      shape,
      uniform(100 + i, data.length).map((dy) => stored(dy * incoming)),
    ),
  );
  const loss = () => results().reduce((total, y, i) => total + dot(y, dys[i].data), 0);
  const wrt = differentiable(ref, c).map((input) => {
    const x = exact[input].data;
    const slope = slopeOf(x, c.size ?? 1, loss);
    const picked = spread(x.length, spots);
    // With a slope of its own for each element nothing is left to be seen.
    const few = picked.length === x.length ? 0 : ways;
    const directions = Array.from({ length: few }, (_, way) => uniform(200 + way, x.length));
    const slopes = picked.map((at) => slope((i) => Number(i === at)));
    return { input, picked, slopes, directions, along: directions.map((way) => slope((i) => way[i])) };
  });
  return { inputs, dys, wanted, wrt, right: new Set() };
}

/** The launches of a plan, with all that makes them compute what they do. */
const launchesOf = ({ dispatches, params }: Plan): string =>
  `${dispatches.map(({ variant, workgroups, paramsOffset }) => [variant.code, workgroups, paramsOffset].join())} ${params}`;

/** Runs a case, and compares all results and all gradients. */
export async function checkCase(ref: Reference, c: Case, engine: Engine): Promise<void> {
  if (!known.has(c)) known.set(c, expectedOf(ref, c));
  const { inputs, dys, wanted, wrt, right } = known.get(c)!;
  const step = engine.record((...tensors: Tensor[]) => {
    const given = tensors.slice(0, inputs.length);
    const asked = wrt.map(({ input }) => input);
    const { outputs, grads } = record(ref, c, given, asked, (_y, i) => tensors[inputs.length + i]);
    return [...outputs, ...grads];
  });
  const launches = launchesOf(step.plan(...inputs, ...dys));
  if (right.has(launches)) return;
  const readings = step(...inputs, ...dys);
  const found = await Promise.all(readings.map((reading) => reading.read()));

  const least = c.size || c.values ? SMALLEST : 1e-3;
  wanted.forEach((y, i) => {
    expect(readings[i].shape, `shape of result ${i}`).toEqual(y.shape);
    close(found[i], y.data, { tolerance: ref.tolerance ?? 1e-5, least }, `result ${i}`);
  });
  const tolerance = ref.tolerance ?? 1e-5;
  wrt.forEach(({ input, picked, slopes, directions, along }, i) => {
    const grads = found[wanted.length + i];
    const own = picked.map((at) => grads[at]);
    close(own, slopes, { tolerance: tolerance * 10, least }, `gradient of input ${input}`);
    // What single elements are off by is less in the sum of all.
    directions.forEach((way, k) => {
      const { sum, size } = project(grads, way);
      const error = Math.abs(sum - along[k]) / Math.max(size, least);
      expect(error, `gradient of input ${input} along way ${k}: ${sum}, not ${along[k]}`).toBeLessThan(
        tolerance,
      );
    });
    expect(grads.every(Number.isFinite), `gradient of input ${input} is finite`).toBe(true);
  });
  right.add(launches);
}

/** The slope that a gradient has along a direction, and the sum of what it is made of, without signs. */
function project(grads: ArrayLike<number>, way: Float32Array): { sum: number; size: number } {
  let [sum, size] = [0, 0];
  way.forEach((share, i) => {
    sum += grads[i] * share;
    size += Math.abs(grads[i] * share);
  });
  return { sum, size };
}

const dot = (y: Doubles, dy: ArrayLike<number>): number =>
  y.data.reduce((total, value, i) => total + value * dy[i], 0);

/** So many of the elements or up to twice as many, spread out; of fewer all. */
export function spread(length: number, least: number): number[] {
  const stride = Math.max(1, Math.floor(length / least));
  return Array.from({ length: Math.ceil(length / stride) }, (_, i) => i * stride);
}

/** Central differences, in doubles, of values about `size`, while each element moves by its share. */
function slopeOf(
  x: Float64Array,
  size: number,
  loss: () => number,
): (share: (i: number) => number) => number {
  const h = 1e-5 * size;
  return (share) => {
    const before = Float64Array.from(x);
    const moved = (by: number) => {
      for (let i = 0; i < x.length; i++) x[i] = before[i] + by * share(i);
      return loss();
    };
    const slope = (moved(h) - moved(-h)) / (2 * h);
    x.set(before);
    return slope;
  };
}

/** The least number of full precision; what is smaller may be 0 on a device. */
const SMALLEST = 2 ** -126;

/**
 * Every value within `tolerance` of the largest wanted one, or of `least` where all are smaller; says which is worst.
 * Infinities, and what is too large for f32, must be the same; NaN must be NaN.
 */
function close(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  { tolerance, least }: { tolerance: number; least: number },
  what: string,
): void {
  expect(found.length, `${what}: number of values`).toBe(wanted.length);
  const { worst, text } = worstOf(found, wanted, least);
  expect(worst, `${what}: ${text}`).toBeLessThan(tolerance);
}

/** The largest error, relative to the largest wanted value or to `least`; NaN where one of them is not a number. */
export function worstOf(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  least: number,
): { worst: number; text: string } {
  let scale = least;
  for (let i = 0; i < wanted.length; i++) {
    const size = Math.abs(Math.fround(wanted[i]));
    if (size < Infinity) scale = Math.max(scale, size);
  }
  let worst = 0;
  let at = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Object.is(found[i], Math.fround(wanted[i])) ? 0 : Math.abs(found[i] - wanted[i]) / scale;
    // A NaN stays the worst: no error is less.
    if (!(error <= worst) && !Number.isNaN(worst)) [worst, at] = [error, i];
  }
  return { worst, text: `worst at ${at}, ${found[at]} instead of ${wanted[at]}` };
}
