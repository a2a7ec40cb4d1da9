// Functions of one tensor, element by element: a table, one row a function.

import unaryKernel from '../../../shaders/elementwise/unary.wgsl';
import unaryDxKernel from '../../../shaders/elementwise/unaryDx.wgsl';
import { check, shown } from '../../graph/check';
import { elementwise } from '../../graph/elementwise';
import { defineOp, type Op } from '../../graph/op';
import type { AnyOp, Tensor } from '../../graph/tensor';

/** What a product can apply to its result while it is still in registers. */
export const ACTIVATIONS = ['none', 'relu', 'tanh', 'sigmoid'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** Params that a function has no use for. */
const NO_NUMBERS = { scale: 1, shift: 0, low: 0, high: 0 };

/** Their WGSL built-ins are not used as they are: a NaN gets lost in them, or small numbers lose their digits. */
const GUARDED: ReadonlySet<string> = new Set(['exp', 'log', 'tanh', 'sigmoid']);

/** `of`: the tensor in which the derivative is written, see unaryDx.wgsl. */
function row(name: string, of: 'x' | 'y'): Op<'x', 'y', object> {
  const FUNCTION = name.toUpperCase();
  const dxOp = unaryDxOp(name);
  return defineOp<'x', 'y'>({
    name,
    inputs: { x: '...' },
    outputs: { y: '...' },
    dispatch: ({ y }) => ({
      ...elementwise(unaryKernel, y.size, { FUNCTION }),
      params: { size: y.size, ...NO_NUMBERS },
    }),
    gradient: ({ x, y, dy }) => ({ x: dxOp({ u: of === 'x' ? x : y, dy }, {}).dx }),
    link: () => ({ does: GUARDED.has(name) ? `${name}Of` : name }),
  });
}

const callOf =
  (op: Op<'x', 'y', object>) =>
  (x: Tensor): Tensor =>
    op({ x }, {}).y;

function unaryDxOp(name: string) {
  return defineOp<'u' | 'dy', 'dx'>({
    name: `${name}Dx`,
    inputs: { u: '...', dy: '...' },
    outputs: { dx: '...' },
    dispatch: ({ dx }) => ({
      ...elementwise(unaryDxKernel, dx.size, { FUNCTION: name.toUpperCase() }),
      params: { size: dx.size, low: 0, high: 0 },
    }),
    link: (through) => (through === 'dy' ? { does: `${name}Dx`, operand: 'u' } : null),
  });
}

const activations = { relu: row('relu', 'y'), tanh: row('tanh', 'y'), sigmoid: row('sigmoid', 'y') };

export const exp = callOf(row('exp', 'y'));
export const log = callOf(row('log', 'x'));
export const sqrt = callOf(row('sqrt', 'y'));
export const square = callOf(row('square', 'x'));
export const relu = callOf(activations.relu);
export const tanh = callOf(activations.tanh);
export const sigmoid = callOf(activations.sigmoid);
/** The tanh form (Hendrycks & Gimpel 2016). */
export const gelu = callOf(row('gelu', 'x'));

/** The activation that an op is; undefined for every other op, whatever its name. */
export const activationOf = (op: AnyOp): Activation | undefined =>
  (['relu', 'tanh', 'sigmoid'] as const).find((name) => activations[name].op === op);

const scaleOp = defineOp<'x', 'y', { scale: number; shift: number }>({
  name: 'scale',
  inputs: { x: '...' },
  outputs: { y: '...' },
  rules: (_d, attrs) =>
    check(
      typeof attrs.scale === 'number' && typeof attrs.shift === 'number',
      `the factor is ${shown(attrs.scale)}, the shift ${shown(attrs.shift)}`,
      'give numbers',
    ),
  dispatch: ({ y }) => ({
    ...elementwise(unaryKernel, y.size, { FUNCTION: 'SCALE' }),
    params: { size: y.size, low: 0, high: 0 },
  }),
  gradient: ({ dy }, _d, { scale: factor }) => ({ x: scale(dy, factor) }),
  link: (_x, attrs) => ({ does: 'scale', pair: [attrs.scale, attrs.shift] }),
});

/** factor · x + shift, with numbers fixed when the step is recorded. */
export const scale = (x: Tensor, factor: number, shift = 0): Tensor =>
  scaleOp({ x }, { scale: factor, shift }).y;

interface Bounds {
  readonly low: number;
  readonly high: number;
}

const clampOp = defineOp<'x', 'y', Bounds>({
  name: 'clamp',
  inputs: { x: '...' },
  outputs: { y: '...' },
  rules: (_d, { low, high }) => check(low <= high, `nothing lies between ${low} and ${high}`),
  dispatch: ({ y }) => ({
    ...elementwise(unaryKernel, y.size, { FUNCTION: 'CLAMP' }),
    params: { size: y.size, scale: 1, shift: 0 },
  }),
  gradient: ({ x, dy }, _d, bounds) => ({ x: clampDxOp({ u: x, dy }, bounds).dx }),
  link: (_x, { low, high }) => ({ does: 'clampTo', pair: [low, high] }),
});

const clampDxOp = defineOp<'u' | 'dy', 'dx', Bounds>({
  name: 'clampDx',
  inputs: { u: '...', dy: '...' },
  outputs: { dx: '...' },
  dispatch: ({ dx }) => ({
    ...elementwise(unaryDxKernel, dx.size, { FUNCTION: 'CLAMP' }),
    params: { size: dx.size },
  }),
});

/** x, but at least `low` and at most `high`. Where x lies outside, no gradient flows back. */
export const clamp = (x: Tensor, low: number, high: number): Tensor => clampOp({ x }, { low, high }).y;

export const negate = (x: Tensor): Tensor => scale(x, -1);

const epilogueDx = { relu: unaryDxOp('relu'), tanh: unaryDxOp('tanh'), sigmoid: unaryDxOp('sigmoid') };

/** dy · act'(x), written in y = act(x): the way back through an epilogue. */
export const multiplyByUnary = (activation: Activation, dy: Tensor, y: Tensor): Tensor =>
  activation === 'none' ? dy : epilogueDx[activation]({ u: y, dy }, {}).dx;
