// A case of an op: run on an engine, and compared with its reference, plain loops in doubles; every gradient, with
// random incoming gradients, with central differences of those loops.

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

/** What a case is called with, and what must come of it. */
export interface Expected {
  readonly inputs: readonly HostArray[];
  readonly dys: readonly HostArray[];
  readonly wanted: readonly Doubles[];
  readonly wrt: readonly { readonly input: number; readonly picked: number[]; readonly slopes: number[] }[];
  /** Launches that have been found right, as text: another engine that makes the same ones computes the same. */
  readonly right: Set<string>;
}

/** Every family of kernels is asked the same. */
const known = new WeakMap<Case, Expected>();

/** What a case is called with, `stored` in the numbers that a device has of them, and what comes of that in doubles. */
export function expectedOf(
  ref: Reference,
  c: Case,
  stored = (value: number) => value,
  /** What the incoming gradients are multiplied with. */
  incoming = 1,
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
  const wrt = differentiable(ref, c).map((input) => ({
    input,
    ...differences(exact[input], c.size ?? 1, loss),
  }));
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
  wrt.forEach(({ input, picked, slopes }, i) => {
    const grads = found[wanted.length + i];
    const own = picked.map((at) => grads[at]);
    close(own, slopes, { tolerance: (ref.tolerance ?? 1e-5) * 10, least }, `gradient of input ${input}`);
    expect(grads.every(Number.isFinite), `gradient of input ${input} is finite`).toBe(true);
  });
  right.add(launches);
}

const dot = (y: Doubles, dy: ArrayLike<number>): number =>
  y.data.reduce((total, value, i) => total + value * dy[i], 0);

/** Central differences in some elements of x, of values about `size`, in doubles: at most 24 of them, spread out. */
function differences(x: Doubles, size: number, loss: () => number): { picked: number[]; slopes: number[] } {
  const stride = Math.max(1, Math.floor(x.data.length / 24));
  const picked = Array.from({ length: Math.ceil(x.data.length / stride) }, (_, i) => i * stride);
  const slopes = picked.map((at) => {
    const before = x.data[at];
    const h = 1e-5 * size;
    x.data[at] = before + h;
    const high = loss();
    x.data[at] = before - h;
    const low = loss();
    x.data[at] = before;
    return (high - low) / (2 * h);
  });
  return { picked, slopes };
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
