// The ops of the library in bounded doubles, made of the primitives of bounded.ts: what the interpreter computes.
// `interpreter.test.ts` holds them to the plain loops of test/reference, values and gradients.

import {
  ULP,
  type Bounded,
  type Curve,
  cut,
  divide,
  exactly,
  filled,
  gather,
  map,
  minus,
  multiply,
  plus,
  product,
  scatter,
  sizeOf,
  times,
} from './bounded';

const constant = (value: number): Curve => ({ of: () => value, ulps: () => 0, slope: () => constant(0) });
const line = (factor: number): Curve => ({ of: (x) => factor * x, slope: () => constant(factor) });

/** WGSL allows 3 + 2|x| units to exp. */
const expUlps = (x: number): number => 3 + 2 * Math.abs(x);

const exponential: Curve = { of: Math.exp, ulps: expUlps, slope: () => exponential };

const sigmoidAt = (x: number): number => 1 / (1 + Math.exp(-x));
/** Of exp(−x) only the part that is not lost beside the 1 counts. */
const sigmoidUlps = (x: number): number => 4 + expUlps(x) * sigmoidAt(-x);
/** Of tanh, everywhere: the library's own, to 5e-7 of its value. */
const TANH_ULPS = 6;

const geluAt = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

function geluSlopeAt(x: number): number {
  const root = Math.sqrt(2 / Math.PI);
  const t = Math.tanh(root * (x + 0.044715 * x ** 3));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x);
}

/** An error must not lead below zero. */
const root = (x: number): number => Math.sqrt(Math.max(x, 0));

/** Where a function is tame: neither steep nor undefined. */
const TAME: readonly [number, number] = [-1e3, 1e3];
const POSITIVE: readonly [number, number] = [0.05, 1e3];

/** A function of one number, and where it is drawn in random graphs. */
interface Known extends Curve {
  /** Default: TAME. */
  readonly range?: readonly [number, number];
}

/**
 * Functions of one number, by the names that the library has for them, with what WGSL allows to an adapter: all that a
 * test needs to know of one, its reference and its room in the fuzzer.
 */
const KNOWN = {
  negate: line(-1),
  exp: { ...exponential, range: [-20, 4] },
  log: {
    of: Math.log,
    ulps: () => 4,
    absolute: () => 2 ** -21,
    slope: () => ({ of: (x) => 1 / x, ulps: () => 3 }),
    range: POSITIVE,
  },
  sqrt: {
    of: root,
    ulps: () => 6,
    slope: () => ({ of: (x) => 0.5 / Math.sqrt(x), ulps: () => 9 }),
    range: POSITIVE,
  },
  square: { of: (x) => x * x, slope: () => line(2), range: [-30, 30] },
  relu: { of: (x) => Math.max(x, 0), ulps: () => 0, slope: () => ({ of: (x) => Number(x > 0) }) },
  tanh: {
    of: Math.tanh,
    ulps: () => TANH_ULPS,
    // 1 − y², from a y that may be near 1.
    slope: () => ({
      of: (x) => 1 - Math.tanh(x) ** 2,
      absolute: (x) => (2 * TANH_ULPS + 1) * ULP * Math.tanh(x) ** 2,
    }),
  },
  sigmoid: {
    of: sigmoidAt,
    ulps: sigmoidUlps,
    slope: () => ({
      of: (x) => sigmoidAt(x) * sigmoidAt(-x),
      // y(1 − y), from a y that is near 1.
      ulps: (x) => 2 * sigmoidUlps(x),
      absolute: (x) => sigmoidUlps(x) * ULP * sigmoidAt(x),
    }),
  },
  gelu: {
    of: geluAt,
    ulps: () => 6,
    absolute: (x) => Math.abs(x) * TANH_ULPS * ULP,
    slope: () => ({
      of: geluSlopeAt,
      ulps: () => 6,
      absolute: (x) => (1 + x * x) * (2 + Math.abs(x)) * 2 * TANH_ULPS * ULP,
    }),
  },
  silu: {
    of: (x) => x * sigmoidAt(x),
    ulps: (x) => 2 + sigmoidUlps(x),
    slope: () => ({
      of: (x) => sigmoidAt(x) * (1 + x * sigmoidAt(-x)),
      ulps: (x) => 4 + sigmoidUlps(x),
      // 1 − s, from an s that may be near 1.
      absolute: (x) => (1 + Math.abs(x)) * (2 + sigmoidUlps(x)) * ULP * sigmoidAt(x),
    }),
  },
} satisfies Readonly<Record<string, Known>>;

export type CurveName = keyof typeof KNOWN;
export const curves: Readonly<Record<CurveName, Known>> = KNOWN;
export const CURVES = Object.keys(KNOWN) as CurveName[];

export const rangeOf = (name: CurveName): readonly [number, number] => curves[name].range ?? TAME;

export const clampTo = (low: number, high: number): Curve => ({
  of: (x) => Math.min(Math.max(x, low), high),
  ulps: () => 1,
  slope: () => ({ of: (x) => Number(x >= low && x <= high) }),
});

/** Places of a row-major shape, with their indices. */
export function indexed(shape: readonly number[], place: (index: readonly number[]) => number): Int32Array {
  const index = shape.map(() => 0);
  return Int32Array.from({ length: sizeOf(shape) }, (_, i) => {
    if (i > 0) {
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        if (++index[axis] < shape[axis]) break;
        index[axis] = 0;
      }
    }
    return place(index);
  });
}

export const placeOf = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((sum, i, axis) => sum * shape[axis] + i, 0);

/** x under another shape of the same size. */
export function reshaped(x: Bounded, shape: readonly number[]): Bounded {
  if (sizeOf(shape) !== x.size) throw new Error(`${x.shape} does not fill ${shape}`);
  return gather(
    x,
    Int32Array.from({ length: x.size }, (_, i) => i),
    shape,
  );
}

/** x repeated to a shape, as broadcasting repeats it. */
export function repeated(x: Bounded, shape: readonly number[]): Bounded {
  if (x.shape.join() === shape.join()) return x;
  const ahead = shape.length - x.shape.length;
  return gather(
    x,
    indexed(shape, (index) =>
      placeOf(
        x.shape.map((n, axis) => (n === 1 ? 0 : index[axis + ahead])),
        x.shape,
      ),
    ),
    shape,
  );
}

export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a, b].map((shape) => shape[shape.length - rank + i] ?? 1);
    if (m !== n && m !== 1 && n !== 1) throw new Error(`${a} and ${b} do not broadcast`);
    return Math.max(m, n);
  });
}

const binaries = { add: plus, sub: minus, mul: multiply, div: divide };
export type BinaryName = keyof typeof binaries;

export function binary(name: BinaryName, a: Bounded, b: Bounded): Bounded {
  const shape = broadcast(a.shape, b.shape);
  return binaries[name](repeated(a, shape), repeated(b, shape));
}

/** Σ over one axis; [] over all. */
export function sum(x: Bounded, axis?: number, keep = false): Bounded {
  if (axis === undefined) return scatter(x, new Int32Array(x.size), []);
  const Q = sizeOf(x.shape.slice(axis + 1));
  const R = x.shape[axis];
  const index = Int32Array.from({ length: x.size }, (_, i) => Math.floor(i / (R * Q)) * Q + (i % Q));
  return scatter(x, index, [...x.shape.slice(0, axis), ...(keep ? [1] : []), ...x.shape.slice(axis + 1)]);
}

const lastOf = (x: Bounded): number => x.shape.at(-1) ?? 1;

/** A value of every row, once for each of its elements. */
const alongRows = (rows: Bounded, x: Bounded): Bounded =>
  gather(
    rows,
    Int32Array.from({ length: x.size }, (_, i) => Math.floor(i / lastOf(x))),
    x.shape,
  );

/** Σ of every row [..., C], as [...]. */
export const overRows = (x: Bounded): Bounded => sum(x, x.shape.length - 1);

/** x − log Σ exp(x) over the last axis; the largest value of a row is taken off first. */
export function logSoftmax(x: Bounded): Bounded {
  const C = lastOf(x);
  const tops = Float64Array.from({ length: x.size / C }, (_, n) =>
    x.data.subarray(n * C, (n + 1) * C).reduce((top, v) => Math.max(top, v), -Infinity),
  );
  const top = exactly(x.shape.slice(0, -1), tops);
  const lower = minus(x, alongRows(top, x));
  const logs = map(overRows(map(lower, curves.exp)), curves.log);
  // Kept as one number beside the largest value, log Σ exp loses what rounding takes from both together.
  const kept = minus(plus(logs, top), top);
  return minus(lower, alongRows(kept, x));
}

export const softmax = (x: Bounded): Bounded => map(logSoftmax(x), curves.exp);

/** (x − mean) / √(variance + epsilon) over the last axis. */
export function layerNorm(x: Bounded, epsilon: number): Bounded {
  const C = lastOf(x);
  const centred = minus(x, alongRows(times(overRows(x), 1 / C), x));
  const variance = times(overRows(multiply(centred, centred)), 1 / C, epsilon);
  return divide(centred, alongRows(map(variance, curves.sqrt), x));
}

/** [..., M, K] times [..., K, N], either transposed in its last two axes. */
export function matmul(a: Bounded, b: Bounded, tA: boolean, tB: boolean): Bounded {
  if (a.shape.length < 2 || b.shape.length < 2) throw new Error('a product of vectors');
  const matrices = (x: Bounded, turn: boolean) => {
    const [m, n] = x.shape.slice(-2);
    const flat = reshaped(x, [x.size / (m * n), m, n]);
    return turn ? transposed(flat, [0, 2, 1]) : flat;
  };
  const [left, right] = [matrices(a, tA), matrices(b, tB)];
  const lead = a.shape.slice(0, -2);
  if (b.shape.length > 2 && b.shape.slice(0, -2).join() !== lead.join()) throw new Error('leading axes');
  return reshaped(product(left, right), [...lead, left.shape[1], right.shape[2]]);
}

export function transposed(x: Bounded, axes: readonly number[]): Bounded {
  const shape = axes.map((axis) => x.shape[axis]);
  const source: number[] = [];
  const place = (index: readonly number[]) => {
    axes.forEach((axis, i) => (source[axis] = index[i]));
    return placeOf(source, x.shape);
  };
  return gather(x, indexed(shape, place), shape);
}

export function sliced(x: Bounded, axis: number, start: number, end: number): Bounded {
  if (!(start >= 0 && start < end && end <= x.shape[axis])) throw new Error('no such part');
  const shape = x.shape.map((n, i) => (i === axis ? end - start : n));
  const place = (index: readonly number[]) =>
    placeOf(
      index.map((i, at) => (at === axis ? i + start : i)),
      x.shape,
    );
  return gather(x, indexed(shape, place), shape);
}

export function shifted(x: Bounded, axis: number, by: number): Bounded {
  if (!(Math.abs(by) < x.shape[axis])) throw new Error('shifted away');
  const place = (index: readonly number[]) => {
    const from = index[axis] - by;
    if (from < 0 || from >= x.shape[axis]) return -1;
    return placeOf(
      index.map((i, at) => (at === axis ? from : i)),
      x.shape,
    );
  };
  return gather(x, indexed(x.shape, place), x.shape);
}

/** One behind the other: each padded with zeros to the whole, and added up, which is exact. */
export function joined(list: readonly Bounded[], axis: number): Bounded {
  const extent = list.reduce((total, x) => total + x.shape[axis], 0);
  const shape = list[0].shape.map((n, i) => (i === axis ? extent : n));
  let start = 0;
  const parts = list.map((x) => {
    const first = start;
    start += x.shape[axis];
    const place = (index: readonly number[]) => {
      const from = index[axis] - first;
      if (from < 0 || from >= x.shape[axis]) return -1;
      return placeOf(
        index.map((i, at) => (at === axis ? from : i)),
        x.shape,
      );
    };
    return gather(x, indexed(shape, place), shape);
  });
  return parts.reduce((a, b) => withoutRounding(plus(a, b), a, b));
}

/** A sum in which one addend is zero everywhere: nothing is rounded. */
function withoutRounding(y: Bounded, a: Bounded, b: Bounded): Bounded {
  y.error.forEach((_, i) => (y.error[i] = a.error[i] + b.error[i]));
  return y;
}

/** Rows of a table [V, C] by number. */
export function rowsOf(table: Bounded, ids: Bounded): Bounded {
  const [V, C] = table.shape;
  if (ids.data.some((id) => id >= V)) throw new Error('no such row');
  const shape = [...ids.shape, C];
  const index = Int32Array.from(
    { length: sizeOf(shape) },
    (_, i) => ids.data[Math.floor(i / C)] * C + (i % C),
  );
  return gather(table, index, shape);
}

/** v scaled to length g, for every element of the last axis. */
export function weightNorm(v: Bounded, g: Bounded): Bounded {
  const O = lastOf(v);
  if (g.size !== O) throw new Error('lengths');
  const column = Int32Array.from({ length: v.size }, (_, i) => i % O);
  const norm = map(scatter(multiply(v, v), column, [O]), curves.sqrt);
  return multiply(v, gather(divide(g, norm), column, v.shape));
}

export type Form = 'none' | 'relu' | 'tanh' | 'sigmoid' | 'glu' | 'gtu' | 'bilinear';

/** An activation, or a gate of the two halves of the last axis. */
export function activated(x: Bounded, form: Form): Bounded {
  if (form === 'none') return x;
  if (form === 'relu' || form === 'tanh' || form === 'sigmoid') return map(x, curves[form]);
  const C = lastOf(x) / 2;
  if (!Number.isInteger(C)) throw new Error('no halves');
  const axis = x.shape.length - 1;
  const [a, b] = [sliced(x, axis, 0, C), sliced(x, axis, C, 2 * C)];
  const open = form === 'bilinear' ? b : map(b, curves.sigmoid);
  return multiply(form === 'gtu' ? map(a, curves.tanh) : a, open);
}

/** y[b,t,o] = Σ_k Σ_c x[b, t − (K−1−k)·dilation, c] · w[k,c,o]. */
export function causalConv(x: Bounded, w: Bounded, dilation: number): Bounded {
  const [B, T, C] = x.shape;
  const [K, inner, O] = w.shape;
  if (inner !== C) throw new Error('channels');
  // What every position sees, its taps side by side: one product does it.
  const shape = [1, B * T, K * C];
  const index = indexed(shape, ([, row, column]) => {
    const t = (row % T) - (K - 1 - Math.floor(column / C)) * dilation;
    return t < 0 ? -1 : (row - (row % T) + t) * C + (column % C);
  });
  return reshaped(product(gather(x, index, shape), reshaped(w, [1, K * C, O])), [B, T, O]);
}

export interface AttentionOptions {
  readonly heads: number;
  readonly causal?: boolean;
  readonly scale?: number;
  /** Keys of every row. */
  readonly lengths?: Bounded;
}

/** 1 where a query sees a key, for weights [B, heads, Q, T] or [B, Q, T], else 0. */
export function seen(
  shape: readonly number[],
  { lengths, causal }: Omit<AttentionOptions, 'heads'>,
): Bounded {
  const [Q, T] = shape.slice(-2);
  const most = (b: number) => lengths?.data[b] ?? T;
  const last = (index: readonly number[]) => (causal ? index.at(-2)! + T - Q : T);
  const sees = indexed(shape, (index) =>
    Number(index.at(-1)! < most(index[0]) && index.at(-1)! <= last(index)),
  );
  return exactly(shape, sees);
}

/** Probabilities of those of each row that are seen, 0 for the others; of none, all 0. */
export function softmaxOf(scores: Bounded, sees: Bounded): Bounded {
  const masked = plus(multiply(scores, sees), times(sees, 1e4, -1e4));
  masked.error.forEach((_, i) => (masked.error[i] = sees.data[i] ? scores.error[i] : 0));
  return multiply(softmax(masked), sees);
}

/** [B, rows, C] as [B · heads, rows, d]. */
function split(x: Bounded, heads: number): Bounded {
  const [B, rows, C] = x.shape;
  const d = C / heads;
  return reshaped(transposed(reshaped(x, [B, rows, heads, d]), [0, 2, 1, 3]), [B * heads, rows, d]);
}

/** [B, heads, Q, T]. */
export function attentionWeights(q: Bounded, k: Bounded, options: AttentionOptions): Bounded {
  const { heads } = options;
  const [B, Q, C] = q.shape;
  const products = product(split(q, heads), transposed(split(k, heads), [0, 2, 1]));
  const scale = options.scale ?? 1 / Math.sqrt(C / heads);
  const scores = reshaped(times(products, scale), [B, heads, Q, k.shape[1]]);
  return softmaxOf(scores, seen(scores.shape, options));
}

/** Attention of q [B, Q, C] to k and v [B, T, C]; causal: of the last Q of T positions. */
export function attention(q: Bounded, k: Bounded, v: Bounded, options: AttentionOptions): Bounded {
  const { heads } = options;
  const [B, Q, C] = q.shape;
  const weights = attentionWeights(q, k, options);
  const y = product(reshaped(weights, [B * heads, Q, k.shape[1]]), split(v, heads));
  return reshaped(transposed(reshaped(y, [B, heads, Q, C / heads]), [0, 2, 1, 3]), [B, Q, C]);
}

/** Additive attention of q [B, T, A] to k [B, S, A] and v [B, S, C] by u [A], and its weights [B, T, S]. */
export function additiveAttention(
  [q, k, v, u]: readonly Bounded[],
  lengths?: Bounded,
): { readonly y: Bounded; readonly weights: Bounded } {
  const [[B, T, A], [, S]] = [q.shape, k.shape];
  const pairs = [B, T, S, A];
  const queries = gather(
    q,
    indexed(pairs, ([b, t, , a]) => (b * T + t) * A + a),
    pairs,
  );
  const keys = gather(
    k,
    indexed(pairs, ([b, , j, a]) => (b * S + j) * A + a),
    pairs,
  );
  const h = map(plus(queries, keys), curves.tanh);
  const scores = product(reshaped(h, [1, B * T * S, A]), reshaped(u, [1, A, 1]));
  const weights = softmaxOf(reshaped(scores, [B, T, S]), seen([B, T, S], { lengths }));
  return { y: product(weights, v), weights };
}

interface Cells {
  readonly y: Bounded;
  readonly hN: Bounded;
  readonly cN: Bounded;
}

export interface Recurrent {
  readonly x: Bounded;
  readonly wx: Bounded;
  readonly wh: Bounded;
  readonly bx: Bounded;
  readonly bh: Bounded;
  readonly h0: Bounded;
  readonly c0?: Bounded;
}

const GATES = { rnn: 1, gru: 3, lstm: 4 } as const;
export type CellName = keyof typeof GATES;

/** A recurrent layer over a whole sequence: h after every step, h and c after the last. */
export function recurrent(kind: CellName, { x, wx, wh, bx, bh, h0, c0 }: Recurrent): Cells {
  const [B, T, I] = x.shape;
  const [, H] = h0.shape;
  const G = GATES[kind] * H;
  if ([wx, wh].some((w, i) => w.shape.join() !== [i ? H : I, G].join())) throw new Error('weights');
  const rows = (bias: Bounded) => repeated(bias, [B, G]);
  const sums = reshaped(product(reshaped(x, [1, B * T, I]), reshaped(wx, [1, I, G])), [B, T, G]);
  let state = { h: h0, c: c0 ?? h0 };
  const all: Bounded[] = [];
  for (let t = 0; t < T; t++) {
    const a = plus(reshaped(sliced(sums, 1, t, t + 1), [B, G]), rows(bx));
    const inner = product(reshaped(state.h, [1, B, H]), reshaped(wh, [1, H, G]));
    state = cell(kind, a, plus(reshaped(inner, [B, G]), rows(bh)), state);
    all.push(reshaped(state.h, [B, 1, H]));
  }
  return { y: joined(all, 1), hN: state.h, cN: state.c };
}

/** One step, from the two sums [B, gates · H]. */
function cell(kind: CellName, a: Bounded, d: Bounded, { h, c }: { h: Bounded; c: Bounded }) {
  const [B, H] = h.shape;
  if (kind === 'rnn') return { h: map(plus(a, d), curves.tanh), c };
  if (kind === 'gru') {
    const part = (x: Bounded, g: number) => sliced(x, 1, g * H, (g + 1) * H);
    const [r, z] = [0, 1].map((g) => map(plus(part(a, g), part(d, g)), curves.sigmoid));
    const n = map(plus(part(a, 2), multiply(r, part(d, 2))), curves.tanh);
    return { h: plus(multiply(times(z, -1, 1), n), multiply(z, h)), c };
  }
  const both = reshaped(plus(a, d), [B, H, 4]);
  const gate = (g: number, f: Curve) => map(reshaped(sliced(both, 2, g, g + 1), [B, H]), f);
  const forget = multiply(gate(1, curves.sigmoid), c);
  const now = plus(forget, multiply(gate(0, curves.sigmoid), gate(2, curves.tanh)));
  return { h: multiply(gate(3, curves.sigmoid), map(now, curves.tanh)), c: now };
}

/** The states of y_t = a_t · y_{t-1} + v_t over axis 1, from h0. */
export function scanned(a: Bounded, v: Bounded, h0: Bounded): Bounded {
  const [B, T, C] = a.shape;
  const at = (x: Bounded, t: number) => reshaped(sliced(x, 1, t, t + 1), [B, C]);
  const all: Bounded[] = [];
  let h = h0;
  for (let t = 0; t < T; t++) {
    h = plus(multiply(at(a, t), h), at(v, t));
    all.push(reshaped(h, [B, 1, C]));
  }
  return joined(all, 1);
}

/** factor · Σ value · weight / Σ weight, and 0 where nothing weighs. */
export function weightedMean(values: Bounded, weights: Bounded): Bounded {
  const total = sum(weights);
  return total.data[0] ? divide(sum(multiply(values, weights)), total) : times(sum(values), 0);
}

export interface TargetOptions {
  readonly ignoreIndex?: number;
  readonly overAll?: boolean;
  readonly smoothing?: number;
}

export function crossEntropy(x: Bounded, targets: Bounded, options: TargetOptions): Bounded {
  const { ignoreIndex, overAll, smoothing = 0 } = options;
  const V = lastOf(x);
  const counts = exactly(
    [targets.size],
    targets.data.map((t) => Number(t !== ignoreIndex)),
  );
  const mask = new Float64Array(x.size);
  targets.data.forEach((t, n) => {
    if (t === ignoreIndex) return;
    if (t >= V) throw new Error('no such class');
    for (let v = 0; v < V; v++) mask[n * V + v] = smoothing / V + (v === t ? 1 - smoothing : 0);
  });
  const nats = times(reshaped(overRows(multiply(logSoftmax(x), exactly(x.shape, mask))), [targets.size]), -1);
  return overAll ? times(sum(nats), 1 / targets.size) : weightedMean(nats, counts);
}

/** log(1 + exp(−|x|)), the part of a binary cross-entropy that bends. */
const soft: Curve = {
  of: (x) => Math.log1p(Math.exp(-Math.abs(x))),
  ulps: () => 4,
  absolute: () => 2 ** -20,
};

export function binaryCrossEntropy(x: Bounded, targets: Bounded, weights?: Bounded): Bounded {
  const K = lastOf(x);
  const t = cut(targets);
  // max(x, 0) − x·t + log(1 + exp(−|x|)) has the slope σ(x) − t.
  const both: Curve = {
    of: (v) => Math.max(v, 0) + soft.of(v),
    ulps: () => 4,
    absolute: () => 2 ** -20,
    slope: () => curves.sigmoid,
  };
  const rows = reshaped(overRows(minus(map(x, both), multiply(x, t))), [x.size / K]);
  return weightedMean(rows, weights ? cut(reshaped(weights, [x.size / K])) : filled([x.size / K], 1));
}

export function meanSquaredError(a: Bounded, b: Bounded): Bounded {
  const apart = minus(reshaped(a, [a.size]), reshaped(b, [b.size]));
  return times(sum(multiply(apart, apart)), 1 / a.size);
}
