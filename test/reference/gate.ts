// y[n,c] = f(x[n,c]) · s(x[n,C+c])

import type { Tensor } from '../../src/index';
import { gate, type GateForm } from '../../src/ops/elementwise/gate';
import { zeros, type Case, type Doubles } from '../harness/reference';

interface Options {
  readonly form: GateForm;
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
const formulas: Record<GateForm, (a: number, b: number) => number> = {
  glu: (a, b) => a * sigmoid(b),
  gtu: (a, b) => Math.tanh(a) * sigmoid(b),
  bilinear: (a, b) => a * b,
};

export const op = ([x]: readonly Tensor[], { form }: Options) => gate(x, form);

export function reference([x]: readonly Doubles[], { form }: Options): Doubles {
  const C = x.shape.at(-1)! / 2;
  const y = zeros(...x.shape.slice(0, -1), C);
  y.data.forEach((_, i) => {
    const at = 2 * C * Math.floor(i / C) + (i % C);
    y.data[i] = formulas[form](x.data[at], x.data[at + C]);
  });
  return y;
}

/** From deep negative to large, where exp would overflow. */
export const fill = (_i: number, shape: readonly number[]) =>
  Float32Array.from(
    { length: shape.reduce((product, n) => product * n, 1) },
    (_, j) => (((j * 37) % 301) - 150) / 12,
  );

const shapes = [[2], [3, 2], [5, 6], [2, 3, 8], [7, 10], [3, 64], [2, 5, 130]];

/** The last two run in wide workgroups, without and with guards. */
export const cases: Case[] = [
  ...(['glu', 'gtu', 'bilinear'] as const).flatMap((form) =>
    shapes.map((shape) => ({ name: `${form} [${shape}]`, shapes: [shape], options: { form } })),
  ),
  { name: 'glu [64,2048]', shapes: [[64, 2048]], options: { form: 'glu' } },
  { name: 'gtu [4099,34]', shapes: [[4099, 34]], options: { form: 'gtu' } },
];

export const tolerance = 2e-5;
