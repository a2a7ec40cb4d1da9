// loss = mean over the targets that count of  log Σ_v exp(x[n,v]) − Σ_v w[n,v] · x[n,v], with
// w[n,v] = smoothing / V + (1 − smoothing) · [v = t[n]]

import { crossEntropy, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly ignoreIndex?: number;
  readonly overAll?: boolean;
  readonly smoothing?: number;
  /** Logits are this many times larger. */
  readonly scale?: number;
}

export const op = ([x, t]: readonly Tensor[], { ignoreIndex, overAll, smoothing }: Options) =>
  crossEntropy(x, t, { ignoreIndex, overAll, smoothing });

export function reference(
  [x, t]: readonly Doubles[],
  { ignoreIndex, overAll, smoothing = 0 }: Options,
): Doubles {
  const V = x.shape.at(-1)!;
  const loss = zeros();
  let counted = 0;
  t.data.forEach((target, n) => {
    if (target === ignoreIndex) return;
    const row = x.data.subarray(n * V, (n + 1) * V);
    const top = Math.max(...row);
    // Relative to the largest: beside −3e38 a logarithm would be lost.
    let missing = (1 - smoothing) * (top - row[target]);
    if (smoothing) missing += (smoothing / V) * row.reduce((sum, v) => sum + (top - v), 0);
    loss.data[0] += missing + Math.log(row.reduce((sum, v) => sum + Math.exp(v - top), 0));
    counted++;
  });
  loss.data[0] /= Math.max(1, overAll ? t.data.length : counted);
  return loss;
}

export const integers = [1];

export function fill(i: number, shape: readonly number[], { shapes, options }: Case) {
  const size = shape.reduce((product, n) => product * n, 1);
  const V = shapes[0].at(-1)!;
  if (i === 1) return Uint32Array.from({ length: size }, (_, n) => (n * 7 + 3) % V);
  return Float32Array.from({ length: size }, (_, j) => (options.scale ?? 3) * Math.sin(j * j + 1));
}

const one = (shape: number[], options: Options = {}): Case => ({
  name: `[${shape}] ${JSON.stringify(options)}`,
  shapes: [shape, shape.slice(0, -1)],
  options,
});

const MOST = 3.4028234663852886e38;

/** Rows at the ends of f32. The last target counts for nothing. */
const ends = (V: number): Case[] => {
  const rows: Readonly<Record<string, (v: number) => number>> = {
    least: () => -MOST,
    largest: () => MOST,
    'from least on': (v) => (v === 3 ? 0 : -MOST),
    'but one −∞': (v) => (v === 3 ? 1 : -Infinity),
    'far from zero': (v) => 1e8 + 8 * (v % 2),
    NaN: (v) => (v === V - 1 ? NaN : v),
    '+∞': (v) => (v === 1 ? Infinity : 0),
    '−∞': () => -Infinity,
  };
  return Object.entries(rows).flatMap(([name, row]) =>
    (name === 'but one −∞' ? [0] : [0, 0.3]).map((smoothing) => ({
      name: `[2,${V}] ${name} ${smoothing || ''}`,
      shapes: [[2, V], [2]],
      values: [Array.from({ length: 2 * V }, (_, i) => (i < V ? row(i) : NaN)), [3, 9999]],
      options: { smoothing, ignoreIndex: 9999 },
    })),
  );
};

export const cases: Case[] = [
  one([1]),
  one([1, 1]),
  one([3, 3]),
  one([2, 5, 10]),
  one([7, 63]),
  one([5, 64]),
  one([4, 65]),
  one([3, 5, 68]),
  one([300, 4]),
  one([1, 1027]),
  one([2, 1028]),
  one([70, 10], { ignoreIndex: 0 }),
  one([9, 200], { ignoreIndex: 3 }),
  one([9, 200], { ignoreIndex: 3, overAll: true }),
  one([6, 12], { scale: 1e4 }),
  one([4, 97], { scale: 1e4 }),
  one([17000, 3]),
  one([5, 3], { smoothing: 0.3 }),
  one([2, 5, 10], { smoothing: 0.1, ignoreIndex: 3 }),
  one([4, 131], { smoothing: 0.1 }),
  one([3, 64], { smoothing: 0.9 }),
  ...[4, 7, 65, 68].flatMap((V) => ends(V)),
];
