// What `tune` has left of an adapter, for `doctor`.

import { cachedTable, measuredHere } from '../../gpu/device/tuningCache.node';
import type { Engine } from '../../gpu/engine';
import { count } from '../../report/text.node';

/** A table of measured kernels in the cache. */
export interface Tuned {
  /** Its file, which may not be there. */
  readonly path: string;
  /** The day, and how many classes of launches it has; absent where it is not taken. */
  readonly date?: string;
  readonly classes?: number;
  /** How many of them were not measured, but take what is the fastest near them. */
  readonly inherited?: number;
  /** Why a table that is there is not taken. */
  readonly refused?: string;
}

/** What the cache has for the engine's adapter. */
export const examineTuning = async (engine: Engine): Promise<Tuned> => examined(await measuredHere(engine));

/** What the cache has for what an adapter is now. */
export function examined(here: Parameters<typeof cachedTable>[0]): Tuned {
  const { path, table, refused } = cachedTable(here);
  if (!table) return { path, refused };
  const { date, kernels, inherited = [] } = table;
  return { path, date, classes: Object.keys(kernels).length, inherited: inherited.length };
}

const MEASURE = 'npx seqgpu tune measures which kernels are the fastest, in 8 minutes';

/** The same in a line. */
export function tuningText({ path, date, classes, inherited = 0, refused }: Tuned): string {
  if (classes !== undefined) {
    const some = inherited ? `, ${count(inherited)} of them by those near them` : '';
    return `${count(classes)} classes of launches, measured on ${date}${some} (${path})`;
  }
  if (refused === undefined) return `none; ${MEASURE}`;
  const where = refused.includes(path) ? '' : ` (${path})`;
  return `not taken, since ${refused.replace(/\.$/, '')}${where}; ${MEASURE}`;
}
