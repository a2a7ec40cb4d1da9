// Numbers as the host has them, made into what a kernel reads: f32 or u32.

import { check, shown } from './check';
import type { DType, TypedArray } from './shape';

/** What numbers come in: lists, and every typed array. */
export type Numbers = readonly number[] | (ArrayBufferView & (ArrayLike<number> | ArrayLike<bigint>));

/** A list or a typed array; a DataView is neither. */
export const isNumbers = (value: unknown): value is Numbers =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** Int32Array, Uint8Array, BigInt64Array … of this page or of another. */
const isIntegers = (data: unknown): boolean => /[Ii]nt\d/.test(Object.prototype.toString.call(data));

/** Integers become u32, all other numbers f32. */
export const dtypeOf = (data: Numbers): DType =>
  data instanceof Float32Array || !isIntegers(data) ? 'f32' : 'u32';

/** What holds numbers of a type. */
const ARRAYS = { f32: Float32Array, u32: Uint32Array };

/** Bytes from a device as the numbers that they are. */
export const typedOf = (bytes: ArrayBuffer, dtype: DType): TypedArray => new ARRAYS[dtype](bytes);

/** Whether a device can be given these as they are: they may not be another thread's to change. */
const isReady = (data: unknown, dtype: DType): data is TypedArray =>
  data instanceof ARRAYS[dtype] && data.buffer instanceof ArrayBuffer;

/**
 * The same numbers as f32 or u32; itself where they are that. Fractions are rounded to f32, as everywhere; but integers
 * must stay what they are, and nothing may become infinite.
 */
export function asTyped(data: Numbers, dtype: DType, what: string): TypedArray {
  if (isReady(data, dtype)) return data;
  check(
    isNumbers(data),
    `${what} is ${shown(data)}`,
    'give a list of numbers, a Float32Array or a Uint32Array',
  );
  const exact = isIntegers(data);
  const typed = new ARRAYS[dtype](data.length);
  for (let i = 0; i < data.length; i++) {
    const given = data[i];
    const value = typeof given === 'bigint' ? Number(given) : given;
    typed[i] = value;
    const kept =
      typeof value === 'number' &&
      (dtype === 'u32' || exact ? typed[i] === value : Number.isFinite(typed[i]) || !Number.isFinite(value));
    if (kept) continue;
    check(false, `value ${i} of ${what} is ${shown(given)}, which ${dtype} cannot hold`, HOLDS[dtype]);
  }
  return typed;
}

const HOLDS = {
  u32: 'give whole numbers from 0 to 2^32 - 1, or a Float32Array',
  f32: 'give numbers up to 3.4e38, integers up to 2^24',
};

/** What may be wrong where numbers are missing. */
export const detachedText = (data: Numbers): string =>
  ArrayBuffer.isView(data) && !data.length && (data.buffer as { detached?: boolean }).detached
    ? ' (their buffer was transferred and is empty now)'
    : '';
