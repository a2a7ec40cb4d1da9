// What the buffers of a kernel of one's own hold before its first run: the same numbers on every machine.

import { fail } from '../../graph/check';
import type { Binding } from '../../graph/kernel';
import { anything, checked, count, finite, whole, type Rules } from '../../graph/options';
import { noise } from '../case';

/** Nothing but zeros; random numbers, equally likely from `low` up to, but not, `high`; or 0, 1, 2 … */
export type Fill = 'zeros' | 'uniform' | 'ramp';

/** A buffer that a kernel binds. */
export interface KernelBuffer {
  /** How many numbers it holds, also where it is an array of vectors. */
  readonly size: number;
  /** What it holds before the first run: a way to fill it, or its numbers. Default: zeros. */
  readonly fill?: Fill | ArrayLike<number>;
  /** Which random numbers; default: 1. */
  readonly seed?: number;
  /** The ends of the random numbers; default: −1 and 1, and 0 and 16 where the buffer holds integers. */
  readonly low?: number;
  readonly high?: number;
}

/** Numbers as a buffer holds them. */
export type KernelNumbers = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** 4 GiB, which no adapter binds. */
const MOST = 2 ** 30;

const RULES: Rules<KernelBuffer> = {
  size: (value) =>
    count(value) === true && (value as number) > MOST ? `at most ${MOST}: 4 GiB` : count(value),
  fill: anything,
  seed: whole,
  low: finite,
  high: finite,
};

const ARRAYS = { f32: Float32Array, u32: Uint32Array, i32: Int32Array, mixed: Uint32Array };

/** The numbers of a buffer before the first run; of one that holds several types, its words as u32. */
export function valuesOf({ name, holds }: Binding, given: KernelBuffer): KernelNumbers {
  const { size, fill = 'zeros' } = checked(`bench: ${name}`, given, RULES, 'size');
  const values = new ARRAYS[holds ?? 'f32'](size);
  if (typeof fill !== 'string') return filled(name, values, fill);
  if (fill === 'ramp') values.forEach((_, i) => (values[i] = i));
  else if (fill === 'uniform') randomise(name, values, given);
  else if (fill !== 'zeros')
    fail(`bench: ${name} is filled with "${String(fill)}".`, {
      fix: 'give zeros, uniform, ramp, or its numbers.',
    });
  return values;
}

function filled(name: string, values: KernelNumbers, given: ArrayLike<number>): KernelNumbers {
  if (given.length !== values.length)
    fail(`bench: ${name} has ${given.length} values, but its size is ${values.length}.`, {
      fix: 'give as many as it holds.',
    });
  values.set(given);
  // An array of integers takes whatever it is given, and makes something else of it.
  const changed =
    values instanceof Float32Array ? -1 : values.findIndex((value, i) => value !== Number(given[i]));
  if (changed >= 0)
    fail(`bench: ${name}[${changed}] is filled with ${given[changed]}, but it holds ${typeOf(values)}.`, {
      fix: 'give integers of that type; of a struct of several types, the bits of each as u32.',
    });
  return values;
}

const typeOf = (values: KernelNumbers): string => (values instanceof Int32Array ? 'i32' : 'u32');

function randomise(name: string, values: KernelNumbers, { seed = 1, ...given }: KernelBuffer): void {
  const integers = !(values instanceof Float32Array);
  const { low = integers ? 0 : -1, high = integers ? 16 : 1 } = given;
  const least = values instanceof Int32Array ? -(2 ** 31) : 0;
  const wrong =
    integers && ![low, high].every(Number.isInteger)
      ? 'whole numbers'
      : integers && (low < least || high > least + 2 ** 32)
        ? `ends within those of ${typeOf(values)}`
        : low < high
          ? null
          : 'a low that is below high';
  if (wrong)
    fail(`bench: ${name} is filled with numbers from ${low} up to ${high}.`, { fix: `give ${wrong}.` });
  noise([values.length], seed).data.forEach((value, i) => {
    const drawn = low + ((value + 1) / 2) * (high - low);
    // Rounded to f32, the largest of them would be 1.
    values[i] = integers ? Math.min(Math.floor(drawn), high - 1) : drawn;
  });
}
