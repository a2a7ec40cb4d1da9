// NaN in, NaN out: whatever depends on an element that is NaN is NaN, forward and backward, and nothing else is.
// What depends on what is asked of the plain loops. They carry a NaN forward themselves; a gradient depends on an
// element if other numbers there change it.

import { expect } from 'vitest';
import { sizeOf } from '../../src/graph/shape';
import { array, type Engine, type HostArray, type Step, type Tensor } from '../../src/index';
import { uniform } from './engine';
import { list, record, spread } from './opCase';
import type { Case, Doubles, Reference } from './reference';

/** A gradient that depends on the element changes by more, one that does not by less; between: who knows. */
const CLEARLY = 1e-4;
const NOT_AT_ALL = 1e-8;
/** Of central differences. */
const STEP = 1e-5;
/** Fewer elements do not show where a NaN must not go. */
const ENOUGH = 6;
/** With more of them gradients take the loops too long. */
const MANY = 600;

export const elementsOf = ({ shapes }: Case) => shapes.reduce((total, shape) => total + sizeOf(shape), 0);

const isEnough = ({ shapes }: Case): boolean => {
  const sizes = shapes.map(sizeOf).filter((size) => size > 1);
  return sizes.length > 0 && sizes.every((size) => size >= ENOUGH);
};

/** Of each set of switches the smallest ordinary case that is large enough to tell. Numbers are no switches. */
export function smallest({ cases }: Pick<Reference, 'cases'>, enough = isEnough): Case[] {
  const best = new Map<string, Case>();
  for (const c of cases.filter(({ values, size }) => !values && !size)) {
    const key = JSON.stringify(c.options ?? {}, (_, value) =>
      typeof value === 'number' ? undefined : value,
    );
    const other = best.get(key);
    if (!other || (enough(c) && (!enough(other) || elementsOf(c) < elementsOf(other)))) best.set(key, c);
  }
  return [...best.values()];
}

/** What a case is called with, on the host in f32 and u32, and for the loops in doubles. */
interface Setting {
  readonly inputs: readonly {
    readonly host: HostArray;
    readonly exact: Doubles;
    readonly integer: boolean;
  }[];
  readonly dys: readonly HostArray[];
  /** Inputs whose gradient is looked at, and in which elements. */
  readonly wrt: readonly { readonly input: number; readonly places: readonly number[] }[];
}

/** Whether it must be NaN; undefined where it may. */
type Fate = boolean | undefined;

/** A NaN in one place of an argument, and what becomes of results and gradients. */
interface Planted {
  readonly what: string;
  readonly host: HostArray;
  readonly at: number;
  readonly results: readonly (readonly Fate[])[];
  readonly grads: readonly (readonly Fate[])[];
}

/** What stands around an op. */
export interface Around {
  before(x: Tensor): Tensor;
  behind(y: Tensor): Tensor;
}

/** Every family of kernels is asked the same. */
const questions = new WeakMap<Case, { setting: Setting; planted: readonly Planted[] }>();

/** `around`: what the inputs go through, and what the results. */
export async function checkNaN(
  ref: Reference,
  c: Case,
  engine: Engine,
  around: Around = { before: (x) => x, behind: (y) => y },
): Promise<void> {
  if (!questions.has(c)) {
    const setting = settingOf(ref, c);
    questions.set(c, { setting, planted: plant(ref, c, setting) });
  }
  const { setting, planted } = questions.get(c)!;
  const { inputs, dys, wrt } = setting;
  const step = recorded(ref, c, setting, engine, around);
  for (const { what, host, at, results, grads } of planted) {
    const readings = await withValue(host.data, at, NaN, () =>
      Promise.all(step(...inputs.map((one) => one.host), ...dys).map((reading) => reading.read())),
    );
    results.forEach((fates, y) => agree(readings[y], fates, `${what}: result ${y}`));
    grads.forEach((fates, i) => {
      const found = wrt[i].places.map((place) => readings[dys.length + i][place]);
      agree(found, fates, `${what}: gradient of input ${wrt[i].input}`);
    });
  }
}

function settingOf(ref: Reference, c: Case): Setting {
  const inputs = c.shapes.map((shape, i) => {
    const values = Float64Array.from(ref.fill?.(i, shape, c) ?? uniform(i + 1, sizeOf(shape)));
    const integer = ref.integers?.includes(i) ?? false;
    const data = integer ? Uint32Array.from(values) : Float32Array.from(values);
    return { host: array(shape, data), exact: { shape, data: Float64Array.from(data) }, integer };
  });
  const exact = inputs.map((input) => input.exact);
  const results = list(ref.reference(exact, c.options));
  const dys = results.map(({ shape }, i) => array(shape, uniform(100 + i, sizeOf(shape))));
  const differentiable = elementsOf(c) > MANY ? [] : (ref.differentiable ?? inputs.map((_, i) => i));
  const wrt = differentiable
    .filter((input) => !inputs[input].integer)
    .map((input) => ({ input, places: spread(exact[input].data.length, 24) }));
  return { inputs, dys, wrt };
}

function recorded(
  ref: Reference,
  c: Case,
  { inputs, wrt }: Setting,
  engine: Engine,
  { before, behind }: Around,
): Step<Tensor[]> {
  return engine.record((...tensors: Tensor[]) => {
    const all = tensors.map(before);
    const given = all.slice(0, inputs.length);
    const asked = wrt.map(({ input }) => input);
    const { outputs, grads } = record(ref, c, given, asked, (_y, i) => all[inputs.length + i]);
    return [...outputs, ...grads].map(behind);
  });
}

/** One NaN in every input of floats, then one in every gradient that comes in. */
function plant(ref: Reference, c: Case, { inputs, dys, wrt }: Setting): Planted[] {
  const exact = inputs.map((input) => input.exact);
  const results = () => list(ref.reference(exact, c.options));
  const broken = () => results().map(({ data }) => Array.from(data, Number.isNaN));
  const loss = () =>
    results().reduce((total, { data }, y) => data.reduce((s, v, i) => s + v * dys[y].data[i], total), 0);
  const slopes = () =>
    wrt.map(({ input, places }) => places.map((at) => slopeOf(exact[input].data, at, loss)));
  const original = slopes();
  /** Which elements of all results a NaN in a place would reach. */
  const reach = wrt.map(({ input, places }) =>
    places.map((at) => withValue(exact[input].data, at, NaN, () => broken().flat())),
  );
  // A gradient may be NaN, by a slope of 0, if a result that is depends on its element.
  const fates = (changed: Fate[][], nan: readonly boolean[]) =>
    changed.map((of, w) =>
      of.map((fate, j) => {
        const reached = reach[w][j].some((there, k) => there && nan[k]);
        return fate === false && reached ? undefined : fate;
      }),
    );
  const inInputs = inputs.flatMap(({ host, integer }, i): Planted[] => {
    if (integer || !host.data.length) return [];
    const at = Math.floor(host.data.length / 4);
    const wanted = withValue(exact[i].data, at, NaN, broken);
    const grads = fates(changes(exact[i].data, at, slopes, original), wanted.flat());
    return [{ what: `NaN at ${at} of input ${i}`, host, at, results: wanted, grads }];
  });
  const whole = broken();
  const incoming = dys.map((host, y): Planted => {
    const at = Math.floor(host.data.length / 2);
    const nan = whole.flatMap((of, other) => of.map((_, i) => other === y && i === at));
    const grads = fates(changes(host.data, at, slopes, original), nan);
    return { what: `NaN at ${at} of the gradient of result ${y}`, host, at, results: whole, grads };
  });
  return wrt.length ? [...inInputs, ...incoming] : inInputs;
}

function withValue<R>(data: HostArray['data'] | Float64Array, at: number, value: number, body: () => R): R {
  const before = data[at];
  data[at] = value;
  const result = body();
  data[at] = before;
  return result;
}

function slopeOf(data: Float64Array, at: number, loss: () => number): number {
  const above = withValue(data, at, data[at] + STEP, loss);
  return (above - withValue(data, at, data[at] - STEP, loss)) / (2 * STEP);
}

/** Which slopes change with an element; undefined where it cannot be told. */
function changes(
  data: HostArray['data'] | Float64Array,
  at: number,
  slopes: () => number[][],
  original: readonly (readonly number[])[],
): Fate[][] {
  const most = original.map((of) => of.map(() => 0));
  for (const other of [0.5 * data[at], -data[at], 0.01]) {
    withValue(data, at, other, slopes).forEach((of, i) =>
      of.forEach((slope, j) => {
        const change = Math.abs(slope - original[i][j]);
        // NaN where the op does not take such a number.
        if (change > most[i][j]) most[i][j] = change;
      }),
    );
  }
  return most.map((of) =>
    of.map((change) => (change > CLEARLY ? true : change < NOT_AT_ALL ? false : undefined)),
  );
}

function agree(found: ArrayLike<number>, fates: readonly Fate[], what: string): void {
  const wrong = fates.flatMap((nan, i) =>
    nan === undefined || nan === Number.isNaN(found[i])
      ? []
      : `${i}: ${found[i]}, not ${nan ? 'NaN' : 'a number'}`,
  );
  expect(wrong.slice(0, 5), what).toEqual([]);
}
