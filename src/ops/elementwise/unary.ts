// Functions of one tensor, element by element: a table, a row a function. A new one is a row here and two functions of
// chain.wgsl, `nameOf` and `nameDx`; everything that this file exports is public.

import kernel from '../../../shaders/elementwise/chain.wgsl';
import { check, shown } from '../../graph/check';
import { defineOp, type Op } from '../../graph/op';
import { launchStep } from '../../graph/steps';
import type { Link, Tensor } from '../../graph/tensor';
import { slopeOf, slopes, type Slope } from './slopes';

/** A function of a tensor's elements: x [...] to y [...]. */
export interface Unary {
  (x: Tensor): Tensor;
  /** What calls hold. */
  readonly op: Op<'x', 'y', object>['op'];
  readonly back: Slope;
}

/** The row of a function. `of`: the tensor in which its derivative is written. */
/* @__NO_SIDE_EFFECTS__ */
function unary(name: string, of: 'x' | 'y', back = slopeOf(name, kernel)): Unary {
  const link: Link = { does: `${name}Of`, kernel };
  const own = defineOp<'x', 'y'>({
    name,
    inputs: { x: '...' },
    outputs: { y: '...' },
    dispatch: ({ x, y }) => launchStep(link, x, y),
    gradient: ({ x, y, dy }) => ({ x: back(of === 'x' ? x : y, dy) }),
    link: () => link,
  });
  return Object.assign((x: Tensor) => own({ x }, {}).y, { op: own.op, back });
}

/** eˣ */
export const exp = unary('exp', 'y');
/** The natural logarithm; of a negative number NaN. */
export const log = unary('log', 'x');
/** √x */
export const sqrt = unary('sqrt', 'y');
/** x² */
export const square = unary('square', 'x');
/** max(x, 0) */
export const relu = unary('relu', 'y', slopes.relu);
/** The hyperbolic tangent. */
export const tanh = unary('tanh', 'y', slopes.tanh);
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = unary('sigmoid', 'y', slopes.sigmoid);
/** The tanh form (Hendrycks & Gimpel 2016). */
export const gelu = unary('gelu', 'x');
/** x · sigmoid(x), also called swish (Hendrycks & Gimpel 2016; Elfwing, Uchibe & Doya 2017). */
export const silu = unary('silu', 'x');

interface Line {
  readonly scale: number;
  readonly shift: number;
}

const scaleLink = (attrs: Line): Link => ({ does: 'scale', kernel, pair: [attrs.scale, attrs.shift] });

const scaleOp = defineOp<'x', 'y', Line>({
  name: 'scale',
  inputs: { x: '...' },
  outputs: { y: '...' },
  rules: (_d, attrs) =>
    check(
      typeof attrs.scale === 'number' && typeof attrs.shift === 'number',
      `the factor is ${shown(attrs.scale)}, the shift ${shown(attrs.shift)}`,
      'give numbers',
    ),
  dispatch: ({ x, y }, _d, attrs) => launchStep(scaleLink(attrs), x, y),
  gradient: ({ dy }, _d, { scale: factor }) => ({ x: scale(dy, factor) }),
  link: (_x, attrs) => scaleLink(attrs),
});

/** factor · x + shift, with numbers fixed when the step is recorded. Default: no shift. */
export const scale = (x: Tensor, factor: number, shift = 0): Tensor =>
  scaleOp({ x }, { scale: factor, shift }).y;

/** −x */
export const negate = (x: Tensor): Tensor => scale(x, -1);

interface Bounds {
  readonly low: number;
  readonly high: number;
}

const clampLink = ({ low, high }: Bounds): Link => ({ does: 'clampTo', kernel, pair: [low, high] });
const clampDxLink = ({ low, high }: Bounds): Link => ({
  does: 'clampDx',
  kernel,
  operand: 'u',
  pair: [low, high],
});

const clampOp = defineOp<'x', 'y', Bounds>({
  name: 'clamp',
  inputs: { x: '...' },
  outputs: { y: '...' },
  rules: (_d, { low, high }) => check(low <= high, `nothing lies between ${low} and ${high}`),
  dispatch: ({ x, y }, _d, bounds) => launchStep(clampLink(bounds), x, y),
  gradient: ({ x, dy }, _d, bounds) => ({ x: clampDxOp({ u: x, dy }, bounds).dx }),
  link: (_x, bounds) => clampLink(bounds),
});

const clampDxOp = defineOp<'u' | 'dy', 'dx', Bounds>({
  name: 'clampDx',
  inputs: { u: '...', dy: '...' },
  outputs: { dx: '...' },
  dispatch: ({ u, dy, dx }, _d, bounds) => launchStep(clampDxLink(bounds), dy, dx, { operand: u }),
  link: (through, bounds) => (through === 'dy' ? clampDxLink(bounds) : null),
});

/** x, but at least `low` and at most `high`, which may be infinite. Where x lies outside, no gradient flows back. */
export const clamp = (x: Tensor, low: number, high: number): Tensor => clampOp({ x }, { low, high }).y;
