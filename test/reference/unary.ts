// y = f(x), element by element

import {
  clamp,
  exp,
  gelu,
  log,
  negate,
  relu,
  scale,
  sigmoid,
  sqrt,
  square,
  tanh,
  type Tensor,
} from '../../src/index';
import type { Case, Doubles } from '../harness/reference';

const ops = {
  exp,
  gelu,
  log,
  negate,
  relu,
  sigmoid,
  sqrt,
  square,
  tanh,
  clamp: (x: Tensor) => clamp(x, -0.75, 0.5),
  scale: (x: Tensor) => scale(x, 2.5, -0.25),
};
type Name = keyof typeof ops;

const formulas: Record<Name, (x: number) => number> = {
  clamp: (x) => Math.min(Math.max(x, -0.75), 0.5),
  exp: Math.exp,
  gelu: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  log: Math.log,
  negate: (x) => -x,
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  sqrt: Math.sqrt,
  square: (x) => x * x,
  tanh: Math.tanh,
  scale: (x) => 2.5 * x - 0.25,
};

export const op = ([x]: readonly Tensor[], { name }: { name: Name }) => ops[name](x);
export const reference = ([x]: readonly Doubles[], { name }: { name: Name }): Doubles => ({
  shape: x.shape,
  data: x.data.map(formulas[name]),
});

/** Positive for log and sqrt; for the others from deep negative to large, where exp would overflow. */
export function fill(_i: number, shape: readonly number[], { options }: Case) {
  const size = shape.reduce((product, n) => product * n, 1);
  const positive = options.name === 'log' || options.name === 'sqrt';
  const span = Math.min(size, 301);
  return Float32Array.from({ length: size }, (_, j) =>
    positive ? 0.3 + (j % span) / 7 : ((j % span) - span / 2) / 5 + 0.01,
  );
}

/** Large ones run in wide workgroups, with or without guards. */
const large: Case[] = [[16, 4096], [70003]].map((shape) => ({
  name: `tanh [${shape.join()}]`,
  shapes: [shape],
  options: { name: 'tanh' },
}));

const small: Case[] = (Object.keys(ops) as Name[]).flatMap((name) =>
  [[1], [3], [5, 13], [64], [2, 3, 43]].map((shape) => ({
    name: `${name} [${shape.join()}]`,
    shapes: [shape],
    options: { name },
  })),
);

export const cases: Case[] = [...small, ...large];

export const tolerance = 2e-5;
