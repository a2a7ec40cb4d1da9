// What a reference file exports: an op as plain loops on JS numbers (doubles), and the cases to try it on.

import type { Tensor } from '../../src/index';

/** An array in double precision. */
export interface Doubles {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface Case {
  readonly name: string;
  /** Shapes of the inputs; filled with numbers in [-1, 1), or with `fill`. */
  readonly shapes: readonly (readonly number[])[];
  /** What all inputs that are no integers are multiplied with: towards the ends of the range of f32. */
  readonly size?: number;
  /** The inputs themselves, e.g. −FLT_MAX (undefined: as ever); of these the result is tested, but no gradient. */
  readonly values?: readonly (readonly number[] | undefined)[];
  /** Options, handed to `op` and `reference`. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly options?: any;
}

export interface Reference {
  /** The op under test on tensors. Several results come as an array. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  op(inputs: readonly Tensor[], options: any): Tensor | readonly Tensor[];
  /** The same as loops; at most about 20 lines. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  reference(inputs: readonly Doubles[], options: any): Doubles | readonly Doubles[];
  readonly cases: readonly Case[];
  /** Values of input i where [-1, 1) does not do, e.g. positive ones for log, or integer ids. */
  fill?(i: number, shape: readonly number[], c: Case): ArrayLike<number> | undefined;
  /** Inputs that hold integers (u32): they have no gradient. */
  readonly integers?: readonly number[];
  /** Inputs whose gradient is checked; all that are not integers unless given; [] for none. */
  readonly differentiable?: readonly number[];
  /** Relative to the largest value; 1e-5 unless given. */
  readonly tolerance?: number;
}

export const zeros = (...shape: number[]): Doubles => ({
  shape,
  data: new Float64Array(shape.reduce((product, extent) => product * extent, 1)),
});
