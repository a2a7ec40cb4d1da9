// Ids that the host has, though a step reads them on the device: what looks them up asks whether they are there.

import type { Tensor } from './tensor';

/** Throws where one of the ids is not below so many rows. */
export type IdCheck = (rows: number) => void;

const checks = new WeakMap<Tensor, IdCheck>();

/** Has `check` asked wherever x, or x in another shape, is looked up in a table. */
export const knowIds = (x: Tensor, check: IdCheck): void => void checks.set(x, check);

/** What looks x up in a table of so many rows. */
export function checkIds(x: Tensor, rows: number): void {
  checks.get(x)?.(rows);
  if (x.call?.op.view) Object.values(x.call.inputs).forEach((viewed) => checkIds(viewed, rows));
}
