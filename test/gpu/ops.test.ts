// Every op against plain loops in doubles, and every gradient, with random incoming gradients, against central
// differences of those loops. Every family of kernels runs on every adapter, each op by its own (chain.test.ts: joined).

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { add, array, gradient, mul, sum, type Engine, type Tensor } from '../../src/index';
import { openTestEngine, uniform } from '../harness/engine';
import { checkNaN, smallest } from '../harness/nan';
import type { Case, Doubles, Reference } from '../harness/reference';

const references = import.meta.glob<Reference>('../reference/*.ts', { eager: true });
/** Kernels that share loads: only their ops are another test where quads are allowed. */
const kernels = Object.keys(import.meta.glob('../../shaders/*Quad.wgsl', { query: '?raw' }));
const families = {
  direct: { family: 'direct', quads: false },
  quads: { family: 'direct' },
  workgroup: { family: 'workgroup' },
} as const;

const NOT_YET = new Set(['embedding']);

const DENO = 'Deno' in globalThis;
const CHROME = 'window' in globalThis;

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const list = <V>(value: V | readonly V[]): readonly V[] => (Array.isArray(value) ? value : [value as V]);

for (const [path, ref] of Object.entries(references)) {
  const name = path.replace(/.*\/(.*)\.ts/, '$1');
  // An engine of its own for every op: what a pipeline costs in memory is given back.
  const shared = kernels.some((path) => path.includes(`/shaders/${name}`));
  const run = (Object.keys(families) as (keyof typeof families)[]).filter((f) => shared || f !== 'quads');
  // Chrome and Deno have the adapters of Node again, Chrome behind the same compiler, Deno behind another. All families
  // run in Node, one of them there; the models of training.test.ts run in both.
  if (CHROME) run.splice(0, run.length, shared ? 'quads' : 'direct');
  if (DENO) run.splice(1);
  describe.each(run)(`${name} (%s)`, (family) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await openTestEngine({ ...families[family], chains: false, poison: true });
    });
    afterAll(() => engine.destroy());
    test.each(ref.cases)('$name', (c) => checkCase(ref, c, engine));
    if (NOT_YET.has(name)) return;
    test.each(smallest(ref))('NaN in $name', (c) => checkNaN(ref, c, engine));
  });
}

async function checkCase(ref: Reference, c: Case, engine: Engine): Promise<void> {
  const inputs = c.shapes.map((shape, i) => {
    const values = c.values?.[i] ?? ref.fill?.(i, shape, c) ?? uniform(i + 1, sizeOf(shape));
    const integer = ref.integers?.includes(i) ?? false;
    const host = integer
      ? Uint32Array.from(values)
      : Float32Array.from(Float64Array.from(values), (value) => value * (c.size ?? 1));
    return { shape, host, exact: { shape, data: Float64Array.from(host) }, integer };
  });
  const exact = inputs.map((input) => input.exact);
  const wanted = list(ref.reference(exact, c.options));
  // Next to numbers of any size a difference of 1e-5 is nothing.
  const slopes = c.values ? [] : (ref.differentiable ?? inputs.map((_, i) => i));
  const wrt = slopes.filter((i) => !inputs[i].integer);
  const dys = wanted.map(({ data }, i) => uniform(100 + i, data.length));

  const step = engine.record((...tensors: Tensor[]) => {
    const outputs = list(ref.op(tensors.slice(0, inputs.length), c.options));
    const loss = outputs.map((y, i) => sum(mul(y, tensors[inputs.length + i]))).reduce((a, b) => add(a, b));
    const grads = wrt.length
      ? gradient(
          loss,
          wrt.map((i) => tensors[i]),
        )
      : [];
    return [...outputs, ...grads];
  });
  const readings = step(
    ...inputs.map(({ shape, host }) => array(shape, host)),
    ...dys.map((dy, i) => array(wanted[i].shape, dy)),
  );
  const found = await Promise.all(readings.map((reading) => reading.read()));

  const least = c.size || c.values ? SMALLEST : 1e-3;
  wanted.forEach((y, i) => {
    expect(readings[i].shape, `shape of result ${i}`).toEqual(y.shape);
    close(found[i], y.data, { tolerance: ref.tolerance ?? 1e-5, least }, `result ${i}`);
  });
  const loss = () => list(ref.reference(exact, c.options)).reduce((total, y, i) => total + dot(y, dys[i]), 0);
  wrt.forEach((input, i) => {
    const grads = found[wanted.length + i];
    const { picked, slopes } = differences(exact[input], c.size ?? 1, loss);
    const own = picked.map((at) => grads[at]);
    close(own, slopes, { tolerance: (ref.tolerance ?? 1e-5) * 10, least }, `gradient of input ${input}`);
    expect(grads.every(Number.isFinite), `gradient of input ${input} is finite`).toBe(true);
  });
}

const dot = (y: Doubles, dy: Float32Array): number =>
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
  let scale = least;
  for (let i = 0; i < wanted.length; i++) {
    const size = Math.abs(Math.fround(wanted[i]));
    if (size < Infinity) scale = Math.max(scale, size);
  }
  let worst = 0;
  let at = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Object.is(found[i], Math.fround(wanted[i])) ? 0 : Math.abs(found[i] - wanted[i]) / scale;
    if (!(error <= worst)) [worst, at] = [error, i];
  }
  expect(worst, `${what}: worst at ${at}, ${found[at]} instead of ${wanted[at]}`).toBeLessThan(tolerance);
}
