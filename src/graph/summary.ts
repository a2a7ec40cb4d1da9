// What a tensor holds, in a few numbers: what `print` shows and `checkStep` searches for.

import summaryKernel from '../../shaders/probe/summary.wgsl';
import { shapeText } from './check';
import { NONE } from './none';
import { defineOp } from './op';
import { sizeOf, type Shape } from './shape';
import type { Tensor } from './tensor';

/** The numbers in a tensor; least, greatest and mean are of the finite ones, and NaN where there are none. */
export interface Summary {
  readonly shape: Shape;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly nans: number;
  readonly infinities: number;
  /** Index of the first value, in row-major order, that is NaN or infinite; -1 where all are finite. */
  readonly first: number;
}

/** Rows at most, each made by a thread: enough to keep a device busy, few enough to read back. */
const MOST_ROWS = 512;
/** Elements at least in a row. */
const LEAST = 64;
const COLUMNS = 8;

const summaryOp = defineOp<'x', 'y', { integers: number }>({
  name: 'summary',
  inputs: { x: '...' },
  outputs: { y: 'R 8' },
  anyType: true,
  integers: ['y'],
  shape: ({ x }) => ({ y: [rowsOf(sizeOf(x)), COLUMNS] }),
  dispatch: ({ x, y }) => ({
    kernel: summaryKernel.with(),
    params: { size: x.size, rows: y.shape[0] },
    threads: [y.shape[0]],
  }),
});

const rowsOf = (size: number): number => Math.max(1, Math.min(MOST_ROWS, Math.ceil(size / LEAST)));

/** The rows [R, 8] u32 that `summaryFrom` joins on the host. */
export const summaryOf = (x: Tensor): Tensor => summaryOp({ x }, { integers: x.dtype === 'u32' ? 1 : 0 }).y;

/** Joins the rows that the device made of a tensor of this shape. */
export function summaryFrom(shape: Shape, rows: ArrayLike<number>): Summary {
  const words = Uint32Array.from(rows);
  const floats = new Float32Array(words.buffer);
  let [min, max, mean, finite, nans, infinities, first] = [Infinity, -Infinity, 0, 0, 0, 0, NONE];
  for (let at = 0; at < words.length; at += COLUMNS) {
    min = Math.min(min, floats[at]);
    max = Math.max(max, floats[at + 1]);
    mean += floats[at + 2];
    finite += words[at + 3];
    nans += words[at + 4];
    infinities += words[at + 5];
    first = Math.min(first, words[at + 6]);
  }
  const none = finite === 0;
  return {
    shape,
    min: none ? NaN : min,
    max: none ? NaN : max,
    mean: none ? NaN : (mean * sizeOf(shape)) / finite,
    nans,
    infinities,
    first: first === NONE ? -1 : first,
  };
}

/** Whether a tensor holds neither NaN nor infinities. */
export const allFinite = ({ first }: Summary): boolean => first < 0;

/** `[8, 64]  -1.2 to 3.4, mean 0.01, 3 of 512 NaN (first at [0, 7])`. */
export function summaryText({ shape, min, max, mean, nans, infinities, first }: Summary): string {
  const size = sizeOf(shape);
  const range = Number.isNaN(min) ? 'no finite value' : `${short(min)} to ${short(max)}, mean ${short(mean)}`;
  const bad = [nans && `${nans} of ${size} NaN`, infinities && `${infinities} of ${size} infinite`]
    .filter(Boolean)
    .join(', ');
  const where = first < 0 ? '' : ` (first at ${shapeText(placeOf(first, shape))})`;
  return `${shapeText(shape)}  ${range}${bad && `, ${bad}`}${where}`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

function placeOf(index: number, shape: Shape): number[] {
  const place: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(index % shape[axis]);
    index = Math.floor(index / shape[axis]);
  }
  return place;
}
