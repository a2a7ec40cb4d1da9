// Values on the host: what a step is called with, and what is written to a state. All of it is checked here.

import { check, shapeText, shown } from './check';
import { asTyped, detachedText, dtypeOf, isNumbers, type Numbers } from './numbers';
import { State } from './state';
import { checkShape, sizeOf, type DType, type Shape, type TypedArray } from './shape';

/** An array with a shape. */
export interface HostArray {
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** Numbers in lists of lists, the innermost along the last axis. */
export type Nested = Numbers | readonly Nested[];

/**
 * An argument of a step: a number, an array with a shape, or numbers alone, whose shape is then their length, or that
 * of lists of lists. Integers (Int32Array, Uint8Array …) are u32, other numbers f32.
 */
export type Argument = number | Nested | { readonly shape: Shape; readonly data: Numbers };

/** Wraps numbers as a host array: u32 if they come as integers (Uint32Array, Uint8Array …), otherwise f32. */
export function array(shape: Shape, data: Numbers): HostArray {
  checkShape(shape);
  return { shape, data: filling(shape, data, 'array') };
}

/** Argument `i` of a step, from 0, as an array. What is one already is returned as it is. */
export function hostArray(value: Argument, i: number): HostArray {
  const what = `argument ${i + 1} of the step`;
  if (typeof value === 'number') return { shape: [], data: asTyped([value], 'f32', what) };
  if (isNumbers(value)) return nested(value, what);
  const { shape, data } = (value ?? {}) as HostArray;
  check(
    Array.isArray(shape) && data,
    `${what} is ${shown(value)}`,
    'give numbers, { shape, data } or a gpuArray',
  );
  const typed = filling(shape, data, what);
  return typed === data ? (value as HostArray) : { shape, data: typed };
}

/** `data` as f32 or u32 of as many values as the shape has. */
function filling(shape: Shape, data: Numbers, what: string): TypedArray {
  const typed = asTyped(data, dtypeOf(data), what);
  if (typed.length !== sizeOf(shape)) {
    const text = `${what}: ${typed.length} values${detachedText(data)} do not fill the shape ${shapeText(shape)}`;
    check(false, text, `give ${sizeOf(shape)} values, or another shape`);
  }
  return typed;
}

/** Lists of lists, which must all be of one length. */
function nested(value: Nested, what: string): HostArray {
  const shape: number[] = [];
  let dtype: DType = 'f32';
  for (let at: unknown = value; isNumbers(at); at = at[0]) {
    shape.push(at.length);
    dtype = dtypeOf(at);
  }
  checkShape(shape);
  const flat: unknown[] = [];
  const collect = (at: unknown, depth: number): void => {
    if (depth === shape.length) return void flat.push(at);
    const fits = isNumbers(at) && at.length === shape[depth];
    check(
      fits,
      `${what} has lists of different lengths`,
      `give ${shape[depth]} values everywhere on axis ${depth}`,
    );
    for (let i = 0; i < at.length; i++) collect(at[i], depth + 1);
  };
  collect(value, 0);
  return { shape, data: asTyped(flat as number[], dtype, what) };
}

/** Only a state has a value between two steps. */
export const checkState = (what: string, state: unknown): void =>
  check(state instanceof State, `${what}: ${shown(state)} is not a State`, 'give a State or a Parameter');

/** What `engine.write` puts into a state: as many values as it holds, or a part of it from element `start` on. */
export function writable(state: State, data: Numbers, start?: number): TypedArray {
  checkState('write', state);
  const { name, shape, size, dtype } = state;
  const holds = `write: ${name} ${shapeText(shape)} holds ${size} values`;
  const from = start ?? 0;
  check(
    Number.isInteger(from) && from >= 0 && from < size,
    `${holds}, there is no element ${from}`,
    `start at 0 to ${size - 1}`,
  );
  const typed = asTyped(data, dtype, `what is written to ${name}`);
  const fits = start === undefined ? typed.length === size : from + typed.length <= size;
  const where = start === undefined ? '' : ` from element ${start} on`;
  check(fits, `${holds}, ${typed.length}${detachedText(data)} were given${where}`);
  return typed;
}
