// w[…,o] = g[o] · v[…,o] / ‖v[…,o]‖

import { weightNorm, type Tensor } from '../../src/index';
import { zeros, type Case, type Doubles } from '../harness/reference';

export const op = ([v, g]: readonly Tensor[]) => weightNorm(v, g);

export function reference([v, g]: readonly Doubles[]): Doubles {
  const O = g.data.length;
  const squares = new Float64Array(O);
  v.data.forEach((value, i) => (squares[i % O] += value ** 2));
  const w = zeros(...v.shape);
  v.data.forEach((value, i) => (w.data[i] = (g.data[i % O] * value) / Math.sqrt(squares[i % O])));
  return w;
}

const shapes = [
  [1],
  [1, 1],
  [3, 3],
  [7, 5, 3],
  [2, 8, 63],
  [3, 10, 64],
  [2, 3, 65],
  [70, 2],
  [1500, 3],
  [2, 2, 2, 5],
  [5, 33, 130],
];

const one = (shape: number[]): Case => ({ name: `[${shape}]`, shapes: [shape, [shape.at(-1)!]] });

/** Both v and its length g at the ends of f32: w is of the size of g, dv of dw. */
const ends = [1e-30, 1e-23, 1e20, 1e30].flatMap((size) =>
  [
    [4, 3],
    [70, 3],
    [1500, 2],
  ].map((shape) => ({ ...one(shape), name: `[${shape}], ${size}`, size })),
);

export const cases: Case[] = [...shapes.map(one), ...ends];
