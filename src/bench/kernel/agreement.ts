// How far what a kernel wrote is from what it should have written, and where.

import { TOLERANCE } from '../measure';

/** An element of a result that is off. */
export interface Difference {
  readonly index: number;
  readonly found: number;
  readonly wanted: number;
  /** How far it is off; infinite where one of the two is no number and the other is. */
  readonly by: number;
}

/** A result of a kernel beside its reference. */
export interface Agreement {
  /** The binding. */
  readonly name: string;
  /** The largest difference; null where all is equal. */
  readonly absolute: Difference | null;
  /** The largest difference relative to what was wanted there; null where all is equal. */
  readonly relative: Difference | null;
  /** The largest difference relative to the largest value: what is held against a tolerance. */
  readonly error: number;
  /**
   * What of a difference rounding does not explain, relative to the largest change that was wanted of any element: an
   * increment that is forgotten is small beside large values, and all of the change.
   */
  readonly ofChange: number;
  /** Integers are right or wrong: without a tolerance nothing else will do. */
  readonly integers: boolean;
}

/** Results, and what they are held against. */
export interface Compared {
  readonly found: ArrayLike<number>;
  readonly wanted: ArrayLike<number>;
  /** What they were before the run. */
  readonly before: ArrayLike<number>;
  readonly integers: boolean;
}

/** A share of a value of f32 that rounding takes within a kernel: 64 times that of one operation. */
const ROUNDING = 2 ** -18;

/** Compares element by element; equal infinities are equal, and so are two that are no numbers. */
export function agreementOf(name: string, { found, wanted, before, integers }: Compared): Agreement {
  let [absolute, relative]: (Difference | null)[] = [null, null];
  let [largest, change, unexplained] = [0, 0, 0];
  for (let index = 0; index < wanted.length; index++) {
    const [is, should] = [found[index], wanted[index]];
    const wants = Math.abs(should - before[index]);
    if (Number.isFinite(should)) largest = Math.max(largest, Math.abs(should));
    if (Number.isFinite(wants)) change = Math.max(change, wants);
    if (Object.is(is, should) || is === should) continue;
    const gap = Math.abs(is - should);
    const off = Number.isFinite(gap) ? gap : Infinity;
    const share = off / Math.max(Math.abs(should), Number.MIN_VALUE);
    const rounding = ROUNDING * Math.max(Math.abs(should), Math.abs(before[index]));
    unexplained = Math.max(unexplained, Number.isFinite(rounding) ? off - rounding : off);
    if (!absolute || off > absolute.by) absolute = { index, found: is, wanted: should, by: off };
    if (!relative || share > relative.by) relative = { index, found: is, wanted: should, by: share };
  }
  const error = absolute ? absolute.by / Math.max(largest, 1e-30) : 0;
  return { name, absolute, relative, error, ofChange: unexplained / Math.max(change, 1e-30), integers };
}

/** Whether a result is right: by the tolerance if one is given, and otherwise as far as rounding explains. */
export function isRight(
  { absolute, error, ofChange, integers }: Agreement,
  tolerance: number | undefined,
): boolean {
  if (!absolute) return true;
  if (tolerance !== undefined) return error < tolerance;
  return !integers && error < TOLERANCE && ofChange < TOLERANCE;
}

/** A result that is not right in words: where it is off the most, and by how much. */
export function wrongIn(
  { name, absolute, error, ofChange, integers }: Agreement,
  tolerance: number | undefined,
): string {
  const { index, found, wanted } = absolute!;
  const what = `${name}[${index}] is ${digits(found)}, and ${digits(wanted)} is wanted`;
  if (integers && tolerance === undefined) return `${what}: integers have to be equal without a tolerance`;
  const far = `${what}: ${error.toExponential(2)} of the largest value`;
  const allowed = `${tolerance ?? TOLERANCE} are allowed`;
  if (tolerance !== undefined || error >= TOLERANCE) return `${far}, ${allowed}`;
  return `${far}, but ${ofChange.toExponential(2)} of the largest change, ${allowed}`;
}

/** As many as an integer of 32 bits has: enough to tell an f32 from a double that is closest to it. */
export const digits = (value: number): string => String(Number(value.toPrecision(10)));
