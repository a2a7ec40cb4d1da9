// y = (x − mean) / √(variance + epsilon) · scale + shift, over the last axis

import { layerNorm, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  /** Which of scale and shift follow x. */
  readonly given: string;
  readonly epsilon?: number;
}

const named = <V>(
  [x, ...rest]: readonly V[],
  { given }: Options,
): Partial<Record<'x' | 'scale' | 'shift', V>> =>
  Object.fromEntries([['x', x], ...given.split(' ').map((name, i) => [name, rest[i]])]);

export function op(list: readonly Tensor[], options: Options) {
  const { x, scale, shift } = named(list, options);
  return layerNorm(x!, { scale, shift, epsilon: options.epsilon });
}

export function reference(list: readonly Doubles[], options: Options): Doubles {
  const { x, scale, shift } = named(list, options);
  const C = x!.shape.at(-1)!;
  const y = zeros(...x!.shape);
  for (let first = 0; first < y.data.length; first += C) {
    const row = x!.data.subarray(first, first + C);
    const mean = row.reduce((sum, v) => sum + v, 0) / C;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / C;
    row.forEach((v, c) => {
      const h = (v - mean) / Math.sqrt(variance + (options.epsilon ?? 1e-5));
      y.data[first + c] = h * (scale?.data[c] ?? 1) + (shift?.data[c] ?? 0);
    });
  }
  return y;
}

/** x far from zero: a variance from squares would be lost. */
export const fill = (i: number, shape: readonly number[]) =>
  i > 0
    ? undefined
    : Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, (_, j) => 20 + Math.sin(j * j + 1));

const one = (shape: number[], given = 'scale shift', epsilon?: number): Case => {
  const C = shape.at(-1)!;
  return {
    name: `[${shape}] ${given} ${epsilon ?? ''}`,
    shapes: [
      shape,
      ...given
        .split(' ')
        .filter(Boolean)
        .map(() => [C]),
    ],
    options: { given, epsilon },
  };
};

export const cases: Case[] = [
  one([1], 'scale shift', 0.5),
  one([3], ''),
  one([3, 3]),
  one([2, 5, 63], 'scale'),
  one([7, 64], 'shift'),
  one([4, 65]),
  one([70, 9], ''),
  one([300, 8], 'scale shift', 0.1),
  one([2, 1025]),
  ...[5, 64].flatMap((C) => [
    { ...one([3, C], '', 0), size: 1e20, name: `1e20, ${C}` },
    { ...one([3, C], '', 0), size: 1e-20, name: `1e-20, ${C}` },
    { ...one([3, C], ''), size: 1e-20, name: `1e-20 beside epsilon, ${C}` },
    {
      ...one([4, C], ''),
      name: `NaN, infinities, one value, ${C}`,
      values: [
        [
          ...[NaN, Infinity, -Infinity].flatMap((value) => [...Array<number>(C - 1).fill(1), value]),
          ...Array<number>(C).fill(7),
        ],
      ],
    },
  ]),
];

export const tolerance = 2e-5;
