// How far what a kernel wrote is from what it should have written, and where.

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
  /** The largest difference relative to the largest value: what is held against the tolerance. */
  readonly error: number;
}

/** Compares element by element; equal infinities are equal, and so are two that are no numbers. */
export function agreementOf(name: string, found: ArrayLike<number>, wanted: ArrayLike<number>): Agreement {
  let [absolute, relative]: (Difference | null)[] = [null, null];
  let largest = 0;
  for (let index = 0; index < wanted.length; index++) {
    const [is, should] = [found[index], wanted[index]];
    if (Number.isFinite(should)) largest = Math.max(largest, Math.abs(should));
    if (Object.is(is, should) || is === should) continue;
    const gap = Math.abs(is - should);
    const off = Number.isFinite(gap) ? gap : Infinity;
    const share = off / Math.max(Math.abs(should), Number.MIN_VALUE);
    if (!absolute || off > absolute.by) absolute = { index, found: is, wanted: should, by: off };
    if (!relative || share > relative.by) relative = { index, found: is, wanted: should, by: share };
  }
  const error = absolute ? absolute.by / Math.max(largest, 1e-30) : 0;
  return { name, absolute, relative, error };
}
