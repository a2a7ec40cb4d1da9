// y = a ∘ b with broadcasting

import { add, div, mul, sub, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

const ops = { add, sub, mul, div };
type Name = keyof typeof ops;

export const op = ([a, b]: readonly Tensor[], { name }: { name: Name }) => ops[name](a, b);

export function reference([a, b]: readonly Doubles[], { name }: { name: Name }): Doubles {
  const f = {
    add: (u: number, v: number) => u + v,
    sub: (u: number, v: number) => u - v,
    mul: (u: number, v: number) => u * v,
    div: (u: number, v: number) => u / v,
  }[name];
  const rank = Math.max(a.shape.length, b.shape.length);
  const extent = (x: Doubles, axis: number) => x.shape[x.shape.length - rank + axis] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => Math.max(extent(a, axis), extent(b, axis)));
  const y = zeros(...shape);
  const at = (x: Doubles, index: readonly number[]) =>
    x.data[index.reduce((sum, i, axis) => sum * extent(x, axis) + (extent(x, axis) > 1 ? i : 0), 0)];
  for (let i = 0; i < y.data.length; i++) {
    let rest = i;
    const index = shape.map((_, axis) => {
      const step = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
      const here = Math.floor(rest / step);
      rest %= step;
      return here;
    });
    y.data[i] = f(at(a, index), at(b, index));
  }
  return y;
}

/** Away from zero, so that div is well behaved. */
export const fill = (i: number, shape: readonly number[], c: Case) =>
  i === 1 && c.options.name === 'div'
    ? Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, (_, j) => 0.7 + ((j * 7) % 11) / 5)
    : undefined;

const shapes: [number[], number[]][] = [
  [[1], [1]],
  [[3], [3]],
  [[63], [63]],
  [[65], [1]],
  [[4, 6], [6]],
  [
    [4, 6],
    [4, 1],
  ],
  [
    [2, 3, 5],
    [3, 1],
  ],
  [
    [2, 1, 5],
    [1, 4, 1],
  ],
  [
    [2, 3, 2, 3],
    [3, 1, 3],
  ],
  [[], [7]],
];

const one = (name: Name, a: number[], b: number[]): Case => ({
  name: `${name} [${a}] [${b}]`,
  shapes: [a, b],
  options: { name },
});

export const cases: Case[] = [
  ...(Object.keys(ops) as Name[]).flatMap((name) => shapes.map(([a, b]) => one(name, a, b))),
  ...(Object.keys(ops) as Name[]).flatMap((name) =>
    [1e-16, 1e18].map((size) => ({ ...one(name, [3, 4], [3, 4]), name: `${name}, ${size}`, size })),
  ),
  ...[1e-30, 1e-20, 1e20, 1e30].map((size) => ({
    ...one('div', [3, 4], [4]),
    name: `div broadcast, ${size}`,
    size,
  })),
  // Large ones run in wide workgroups.
  one('sub', [70003], [70003]),
];
