// Arrays of doubles that know how far f32 arithmetic may be from them: every value carries a bound on the error of the
// same computation on a device, propagated by first-order analysis through each primitive and never by a guess about
// the whole. Five primitives with their derivatives are enough to write every op of the library down; their gradients
// are computed by the same primitives, and so have bounds too.
//
// The bounds are those of WGSL, "floating point accuracy": sums and products to one unit in the last place, a quotient
// to 2.5, and functions as `functions.ts` states. Higham 2002, "Accuracy and Stability of Numerical Algorithms",
// chapters 3 and 4.

/** A unit in the last place of f32, relative: WGSL lets an adapter round either way. */
export const ULP = 2 ** -23;
/** Smaller numbers may be flushed to zero. */
const FLUSHED = 2 ** -126;

type Numbers = Float64Array;

/** How a result's gradient becomes gradients of what it was made of. */
type Back = (dy: Bounded) => readonly (readonly [Bounded, Bounded])[];

/** What a value is to a graph: data and error of each element, and where it came from. */
export class Bounded {
  constructor(
    readonly shape: readonly number[],
    readonly data: Numbers,
    readonly error: Numbers,
    readonly inputs: readonly Bounded[] = [],
    readonly back?: Back,
  ) {}

  get size(): number {
    return this.data.length;
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** Numbers that the device has exactly. */
export const exactly = (shape: readonly number[], data: ArrayLike<number>): Bounded =>
  new Bounded(shape, Float64Array.from(data), new Float64Array(data.length));

export const filled = (shape: readonly number[], value: number): Bounded =>
  exactly(shape, new Float64Array(sizeOf(shape)).fill(value));

/** The same values without their past: no gradient goes on from here. */
export const cut = ({ shape, data, error }: Bounded): Bounded => new Bounded(shape, data, error);

/** A function of one number: exact value, derivative, and what an adapter may add to the error. */
export interface Curve {
  readonly of: (x: number) => number;
  /** As another curve, so that a gradient's error is known too. */
  readonly slope?: () => Curve;
  /** Units in the last place of the result, at x. */
  readonly ulps?: (x: number) => number;
  /** An absolute error, at x. */
  readonly absolute?: (x: number) => number;
}

/** y = f(x). Between x − error and x + error the function may bend or jump: so its ends count, not its slope. */
export function map(x: Bounded, curve: Curve): Bounded {
  const { of, ulps = () => 1, absolute } = curve;
  const [data, error] = [new Float64Array(x.size), new Float64Array(x.size)];
  for (let i = 0; i < x.size; i++) {
    const [v, e] = [x.data[i], x.error[i]];
    const y = of(v);
    data[i] = y;
    const bend = e ? Math.max(Math.abs(of(v - e) - y), Math.abs(of(v + e) - y)) : 0;
    error[i] = bend + ulps(v) * ULP * Math.abs(y) + (absolute?.(v) ?? 0);
  }
  return new Bounded(x.shape, data, error, [x], (dy) => [[x, multiply(dy, map(x, curve.slope!()))]]);
}

/** Element by element, both of one shape. */
function zip(
  a: Bounded,
  b: Bounded,
  of: (a: number, b: number) => number,
  error: (a: number, b: number, ea: number, eb: number, y: number) => number,
  back: Back,
): Bounded {
  if (a.size !== b.size) throw new Error(`${a.shape} and ${b.shape} are not one shape`);
  const [data, errors] = [new Float64Array(a.size), new Float64Array(a.size)];
  for (let i = 0; i < a.size; i++) {
    data[i] = of(a.data[i], b.data[i]);
    errors[i] = error(a.data[i], b.data[i], a.error[i], b.error[i], data[i]) + FLUSHED;
  }
  return new Bounded(a.shape, data, errors, [a, b], back);
}

export const plus = (a: Bounded, b: Bounded): Bounded =>
  zip(
    a,
    b,
    (u, v) => u + v,
    (_u, _v, ea, eb, y) => ea + eb + ULP * Math.abs(y),
    (dy) => [
      [a, dy],
      [b, dy],
    ],
  );

export const minus = (a: Bounded, b: Bounded): Bounded =>
  zip(
    a,
    b,
    (u, v) => u - v,
    (_u, _v, ea, eb, y) => ea + eb + ULP * Math.abs(y),
    (dy) => [
      [a, dy],
      [b, times(dy, -1)],
    ],
  );

export const multiply = (a: Bounded, b: Bounded): Bounded =>
  zip(
    a,
    b,
    (u, v) => u * v,
    (u, v, ea, eb, y) => Math.abs(u) * eb + ea * Math.abs(v) + ea * eb + ULP * Math.abs(y),
    (dy) => [
      [a, multiply(dy, b)],
      [b, multiply(dy, a)],
    ],
  );

export const divide = (a: Bounded, b: Bounded): Bounded =>
  zip(
    a,
    b,
    (u, v) => u / v,
    (_u, v, ea, eb, y) => {
      // 0/0 of exact zeros has no error that a bound could name: the caller sees NaN.
      const room = Math.abs(v) - eb;
      return (room > 0 ? (ea + Math.abs(y) * eb) / room : Infinity) + 2.5 * ULP * Math.abs(y);
    },
    (dy) => [
      [a, divide(dy, b)],
      [b, times(divide(multiply(dy, a), multiply(b, b)), -1)],
    ],
  );

/** factor · x + shift, rounded as numbers of the graph are. */
export function times(x: Bounded, factor: number, shift = 0): Bounded {
  const [f, s] = [Math.fround(factor), Math.fround(shift)];
  const [data, error] = [x.data.map((v) => factor * v + shift), new Float64Array(x.size)];
  for (let i = 0; i < x.size; i++) {
    const product = Math.abs(factor * x.data[i]);
    const rounded = Math.abs(f - factor) * Math.abs(x.data[i]) + Math.abs(s - shift);
    error[i] = Math.abs(factor) * x.error[i] + rounded + ULP * (product + Math.abs(data[i]));
  }
  return new Bounded(x.shape, data, error, [x], (dy) => [[x, times(dy, factor)]]);
}

/** y[i] = x[index[i]], and 0 where the index is negative: every view, copy, repetition and padding. */
export function gather(x: Bounded, index: Int32Array, shape: readonly number[]): Bounded {
  const [data, error] = [new Float64Array(index.length), new Float64Array(index.length)];
  for (let i = 0; i < index.length; i++) {
    if (index[i] < 0) continue;
    data[i] = x.data[index[i]];
    error[i] = x.error[index[i]];
  }
  return new Bounded(shape, data, error, [x], (dy) => [[x, scatter(dy, index, x.shape)]]);
}

/** y[index[i]] += x[i]: every sum. The error of adding n numbers in any order is n units of Σ|x|. */
export function scatter(x: Bounded, index: Int32Array, shape: readonly number[]): Bounded {
  const size = sizeOf(shape);
  const [data, error] = [new Float64Array(size), new Float64Array(size)];
  const [sums, counts] = [new Float64Array(size), new Int32Array(size)];
  for (let i = 0; i < index.length; i++) {
    const to = index[i];
    if (to < 0) continue;
    data[to] += x.data[i];
    error[to] += x.error[i];
    sums[to] += Math.abs(x.data[i]);
    counts[to]++;
  }
  for (let i = 0; i < size; i++) error[i] += Math.max(0, counts[i] - 1) * ULP * sums[i];
  return new Bounded(shape, data, error, [x], (dy) => [[x, gather(dy, index, x.shape)]]);
}

/** [S, M, K] times [S, K, N], or times one [1, K, N]: the sums of the device in any order. */
export function product(a: Bounded, b: Bounded): Bounded {
  const [S, M, K] = a.shape;
  const [batches, inner, N] = b.shape;
  if (inner !== K || (batches !== S && batches !== 1)) throw new Error(`${a.shape} times ${b.shape}`);
  const [data, error] = [new Float64Array(S * M * N), new Float64Array(S * M * N)];
  const unit = (K + 1) * ULP;
  for (let s = 0; s < S; s++) {
    const inB = batches > 1 ? s * K * N : 0;
    for (let m = 0; m < M; m++) {
      const to = (s * M + m) * N;
      for (let k = 0; k < K; k++) {
        const from = (s * M + m) * K + k;
        const [u, eu] = [a.data[from], a.error[from]];
        const size = Math.abs(u);
        for (let n = 0; n < N; n++) {
          const v = b.data[inB + k * N + n];
          const ev = b.error[inB + k * N + n];
          data[to + n] += u * v;
          error[to + n] += (size + eu) * ev + (eu + unit * size) * Math.abs(v);
        }
      }
    }
  }
  return new Bounded([S, M, N], data, error, [a, b], (dy) => {
    const db = product(swapped(a), dy);
    return [
      [a, product(dy, swapped(b))],
      [b, batches === S ? db : overBatches(db)],
    ];
  });
}

/** [S, M, N] as [S, N, M]. */
export function swapped(x: Bounded): Bounded {
  const [S, M, N] = x.shape;
  const index = new Int32Array(x.size);
  for (let s = 0; s < S; s++)
    for (let n = 0; n < N; n++) for (let m = 0; m < M; m++) index[(s * N + n) * M + m] = (s * M + m) * N + n;
  return gather(x, index, [S, N, M]);
}

/** Σ over the first axis, as [1, …]. */
function overBatches(x: Bounded): Bounded {
  const [, ...rest] = x.shape;
  const size = sizeOf(rest);
  return scatter(
    x,
    Int32Array.from({ length: x.size }, (_, i) => i % size),
    [1, ...rest],
  );
}

/** ∂(Σ y · dy)/∂x for everything behind y; what has no entry is not reached. */
export function gradients(y: Bounded, dy: Bounded): Map<Bounded, Bounded> {
  const found = new Map([[y, dy]]);
  for (const x of behind(y)) {
    const d = found.get(x);
    if (!d || !x.back) continue;
    for (const [input, part] of x.back(d)) {
      const before = found.get(input);
      found.set(input, before ? plus(before, part) : part);
    }
  }
  return found;
}

/** All that y was made of, every value before those that it was made of itself. */
function behind(y: Bounded): Bounded[] {
  const done = new Set<Bounded>();
  const order: Bounded[] = [];
  const open: { x: Bounded; left: number }[] = [{ x: y, left: y.inputs.length }];
  done.add(y);
  while (open.length) {
    const top = open.at(-1)!;
    if (!top.left) {
      order.push(top.x);
      open.pop();
      continue;
    }
    const next = top.x.inputs[--top.left];
    if (done.has(next)) continue;
    done.add(next);
    open.push({ x: next, left: next.inputs.length });
  }
  return order.reverse();
}
