// Is an op's gradient the derivative of what it computes? The device is asked, in its own f32: a random sum of the
// results is differentiated by `gradient` and by differences, element by element; and along a random direction through
// all of them, which finds a wrong element among many by halving.

import type { Engine } from '../gpu/engine';
import type { Reading } from '../gpu/replay/reading';
import { check, shapeText } from '../graph/check';
import { gradient } from '../graph/gradient';
import { array, type HostArray } from '../graph/host';
import { callable, checked, count, integer, type Rules } from '../graph/options';
import { sizeOf, type Shape } from '../graph/shape';
import type { Tensor } from '../graph/tensor';
import { add, mul } from '../ops/elementwise/binary';
import { sum } from '../ops/reduce/reduce';
import { Random } from '../random';
import { derivative, onGrid } from './differences';

/** A shape, filled with random numbers; or an array. One of integers is fed as it is and has no gradient. */
export type GradientInput = Shape | HostArray;

/** What is checked: inputs one after the other, or by name as ops from `defineOp` take them. */
export type GradientInputs = readonly GradientInput[] | Readonly<Record<string, GradientInput>>;

/** A function of tensors, in a list or by name, whose gradients are checked. */
export type GradientBody<I extends GradientInputs> = (
  ...inputs: I extends readonly GradientInput[] ? Tensor[] : [{ readonly [K in keyof I]: Tensor }]
) => Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** How `checkGradient` draws its numbers, and what it takes for wrong. */
export interface GradientOptions {
  /** The seed of the random numbers. Default: 1. */
  readonly seed?: number;
  /** What a random number, 1/16 to 1 from 0 on either side, becomes: for a logarithm, `(x) => 2 + x`. */
  readonly value?: (draw: number) => number;
  /** So many elements of an input are checked one by one, chosen at random where it has more; default: 32. */
  readonly elements?: number;
}

const RULES: Rules<GradientOptions> = { seed: integer, value: callable, elements: count };

/** The element of one input whose gradient is the furthest from its difference. */
export interface WorstElement {
  /** Its place on every axis. */
  readonly index: readonly number[];
  readonly gradient: number;
  readonly difference: number;
  /** Their distance, relative to the largest of them, the gradient's RMS and a thousandth of the results' RMS. */
  readonly error: number;
}

/** What `checkGradient` has found. */
export interface GradientReport {
  /** By the input's name, or its number from 0. */
  readonly inputs: Readonly<Record<string, WorstElement>>;
  /** The largest error. Right gradients have 1e-3 or much less; those with a mistake hardly less than 1e-2. */
  readonly worst: number;
  /** A line for every input. */
  readonly text: string;
}

/** A function, and the values that it is checked at. */
interface Subject {
  readonly values: readonly HostArray[];
  /** Σ results · weights, in doubles. */
  readonly loss: (values: readonly HostArray[]) => Promise<number>;
  /** A gradient that is less than this is as good as none. */
  readonly least: number;
}

/**
 * Compares the gradient of `body` with differences:
 *
 *     const { worst, text } = await checkGradient(engine, (t) => myOp(t, {}), { x: [2, 3], w: [3] });
 *     expect(worst, text).toBeLessThan(1e-2);
 *
 * Throws where a result is not finite, or where `gradient` itself does.
 */
export async function checkGradient<const I extends GradientInputs>(
  engine: Engine,
  body: GradientBody<I>,
  inputs: I,
  options: GradientOptions = {},
): Promise<GradientReport> {
  const { seed = 1, elements = 32 } = checked('checkGradient', options, RULES);
  const random = new Random(seed);
  const names = Object.keys(inputs);
  const values = Object.values(inputs as Record<string, GradientInput>).map((input) =>
    valuesOf(input, random, options),
  );
  const { subject, gradients } = await prepare(engine, resultsOf(body, inputs), values, random);
  const found: Record<string, WorstElement> = {};
  for (const [i, slopes] of gradients) {
    found[names[i]] = await worstElement(subject, i, slopes, random, elements);
  }
  const lines = Object.entries(found).map(([name, one]) => `${name}: ${textOf(one)}`);
  const worst = Object.values(found).reduce((most, { error }) => (error <= most ? most : error), 0);
  return { inputs: found, worst, text: lines.join('\n') };
}

const textOf = ({ index, error, gradient, difference }: WorstElement): string =>
  `the worst is ${shapeText(index)}, off by ${error.toExponential(1)}: ` +
  `its gradient is ${gradient.toPrecision(6)}, the difference ${difference.toPrecision(6)}`;

function valuesOf(
  input: GradientInput,
  random: Random,
  { value = (draw) => draw }: GradientOptions,
): HostArray {
  if ('shape' in input) return input;
  const draw = () => (random.uniform() < 0.5 ? -1 : 1) * (1 / 16 + (15 / 16) * random.uniform());
  return array(
    input,
    Float32Array.from({ length: sizeOf(input) }, () => onGrid(value(draw()))),
  );
}

/** The results that hold floats, in a list. */
function resultsOf<I extends GradientInputs>(body: GradientBody<I>, inputs: I) {
  const names = Object.keys(inputs);
  return (tensors: readonly Tensor[]): Tensor[] => {
    const named = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
    const given = (Array.isArray(inputs) ? tensors : [named]) as Parameters<GradientBody<I>>;
    const made = body(...given);
    return ('dtype' in made ? [made as Tensor] : Object.values(made)).filter(({ dtype }) => dtype === 'f32');
  };
}

/** Records the function and its gradient, and asks for the gradient by input. */
async function prepare(
  engine: Engine,
  results: (tensors: readonly Tensor[]) => Tensor[],
  values: readonly HostArray[],
  random: Random,
): Promise<{ subject: Subject; gradients: Map<number, ArrayLike<number>> }> {
  const wrt = values.flatMap(({ data }, i) => (data instanceof Float32Array ? [i] : []));
  check(wrt.length, 'checkGradient: no input holds floats', 'give shapes, or arrays of floats');
  const forward = engine.record((...tensors: Tensor[]) => results(tensors));
  const readings = forward(...values);
  const first = await readAll(readings);
  const finite = first.every((y) => y.every(Number.isFinite));
  check(
    finite,
    'checkGradient: a result is not finite',
    'give other values, by the option `value` or as arrays',
  );
  const weights = readings.map(({ shape }) =>
    array(
      shape,
      Float32Array.from(
        { length: sizeOf(shape) },
        () => (random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform()),
      ),
    ),
  );
  const backward = engine.record((...tensors: Tensor[]) => {
    const terms = results(tensors.slice(0, values.length)).map((y, i) =>
      sum(mul(y, tensors[values.length + i])),
    );
    return gradient(
      terms.reduce((a, b) => add(a, b)),
      wrt.map((i) => tensors[i]),
    );
  });
  const slopes = await readAll(backward(...values, ...weights));
  const loss = async (changed: readonly HostArray[]) => {
    const made = await readAll(forward(...changed));
    return made.reduce((total, y, i) => total + dot(y, weights[i].data), 0);
  };
  const least = 1e-3 * Math.max(...first.map((y) => rootMeanSquare(y)));
  return { subject: { values, loss, least }, gradients: new Map(wrt.map((i, k) => [i, slopes[k]])) };
}

/** Asked for at once: a later call of the step would write over them. */
const readAll = (readings: readonly Reading[]) => Promise.all(readings.map((reading) => reading.read()));

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

const rootMeanSquare = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a) / a.length);

async function worstElement(
  { values, loss, least }: Subject,
  input: number,
  slopes: ArrayLike<number>,
  random: Random,
  elements: number,
): Promise<WorstElement> {
  const { shape, data } = values[input];
  const typical = Math.max(rootMeanSquare(slopes), least);
  /** The derivative along `signs`, from one element to another. */
  const along = (from: number, to: number, signs?: ArrayLike<number>) =>
    derivative((t) => {
      const moved = Float32Array.from(data, (x, i) => (i >= from && i < to ? x + t * (signs?.[i] ?? 1) : x));
      return loss(values.map((one, i) => (i === input ? { shape, data: moved } : one)));
    });
  const places =
    slopes.length <= elements
      ? Array.from(slopes, (_, i) => i)
      : [
          ...Array.from({ length: elements }, () => random.integer(slopes.length)),
          await suspect(slopes, along, random),
        ];
  let worst: WorstElement | undefined;
  for (const at of places) {
    const difference = await along(at, at + 1);
    const apart = Math.abs(difference - slopes[at]);
    const error = apart / Math.max(typical, Math.abs(difference), Math.abs(slopes[at]));
    // NaN is worse than any number, and no number that follows is worse than it.
    if (!worst || !(error <= worst.error || Number.isNaN(worst.error)))
      worst = { index: indexOf(at, shape), gradient: slopes[at], difference, error };
  }
  return worst!;
}

/** An element that is off more than others: of a random direction, always the half with the larger mistake. */
async function suspect(
  slopes: ArrayLike<number>,
  along: (from: number, to: number, signs: ArrayLike<number>) => Promise<number>,
  random: Random,
): Promise<number> {
  const signs = Array.from(slopes, () => (random.uniform() < 0.5 ? -1 : 1));
  const mistake = async (from: number, to: number) => {
    const difference = await along(from, to, signs);
    let wanted = 0;
    for (let i = from; i < to; i++) wanted += signs[i] * slopes[i];
    return Number.isNaN(wanted) ? Infinity : Math.abs(difference - wanted);
  };
  let [from, to] = [0, slopes.length];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((await mistake(from, middle)) > (await mistake(middle, to))) to = middle;
    else from = middle;
  }
  return from;
}

/** The place of element `at` on every axis. */
function indexOf(at: number, shape: Shape): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = at % shape[axis];
    at = Math.floor(at / shape[axis]);
  }
  return index;
}
