// y = f(x), element by element

import * as seqgpu from '../../src/index';
import { CURVES, clampTo, curves, rangeOf, type CurveName } from '../fuzz/functions';
import type { Case, Doubles } from '../harness/reference';

const UNARY: Readonly<Record<CurveName, (x: seqgpu.Tensor) => seqgpu.Tensor>> = seqgpu;

/** With numbers of their own. */
const OTHERS = {
  clamp: {
    op: (x: seqgpu.Tensor) => seqgpu.clamp(x, -0.75, 0.5),
    of: clampTo(-0.75, 0.5).of,
  },
  'clamp from below': {
    op: (x: seqgpu.Tensor) => seqgpu.clamp(x, 0.25, Infinity),
    of: clampTo(0.25, Infinity).of,
  },
  'clamp from above': {
    op: (x: seqgpu.Tensor) => seqgpu.clamp(x, -Infinity, 0.25),
    of: clampTo(-Infinity, 0.25).of,
  },
  scale: {
    op: (x: seqgpu.Tensor) => seqgpu.scale(x, 2.5, -0.25),
    of: (x: number) => 2.5 * x - 0.25,
  },
};

const TABLE: Readonly<
  Record<string, { op: (x: seqgpu.Tensor) => seqgpu.Tensor; of: (x: number) => number }>
> = {
  ...Object.fromEntries(CURVES.map((name) => [name, { op: UNARY[name], of: curves[name].of }])),
  ...OTHERS,
};

export const op = ([x]: readonly seqgpu.Tensor[], { name }: { name: string }) => TABLE[name].op(x);
export const reference = ([x]: readonly Doubles[], { name }: { name: string }): Doubles => ({
  shape: x.shape,
  data: x.data.map(TABLE[name].of),
});

/** Positive where nothing else is defined; for the others from deep negative to large, where exp would overflow. */
export function fill(_i: number, shape: readonly number[], { options }: Case) {
  const size = shape.reduce((product, n) => product * n, 1);
  const name = CURVES.find((one) => one === options.name);
  const positive = name && rangeOf(name)[0] > 0;
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

const small: Case[] = Object.keys(TABLE).flatMap((name) =>
  [[1], [3], [5, 13], [64], [2, 3, 43]].map((shape) => ({
    name: `${name} [${shape.join()}]`,
    shapes: [shape],
    options: { name },
  })),
);

export const cases: Case[] = [...small, ...large];

export const tolerance = 2e-5;
