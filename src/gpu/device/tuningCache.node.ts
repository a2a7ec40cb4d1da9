// Tables of measured kernels in the user's cache: a file for each adapter and driver, taken while the driver, the
// processor and the version of the program are those that it was measured with.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../../package.json';
import { cacheFolder } from '../../files/home.node';
import { writeWhole } from '../../files/wholeFile.node';
import { fail } from '../../graph/check';
import { hashOf, type TuningTable } from '../../graph/tuning';
import { identityOf } from './bySpeed.node';
import { nodeGpu } from './node';

/** What a table was measured on. */
export interface MeasuredOn {
  /** The adapter's name. */
  readonly adapter: string;
  /** The driver's library, as it was then, and the processor. */
  readonly driver: string;
  /** The version of the program. */
  readonly seqgpu: string;
}

/** A table as its file has it. */
export interface StoredTable extends TuningTable, MeasuredOn {
  /** The day: 2026-11-28. */
  readonly date: string;
  /** The keys of classes that were not measured, and take what was the fastest way of those near them. */
  readonly inherited?: readonly string[];
}

/** What the cache has for an adapter. */
export interface Cached {
  /** The file, which may not be there. */
  readonly path: string;
  readonly table?: StoredTable;
  /** Why a table that is there is not taken. */
  readonly refused?: string;
}

/** What a table of the engine's adapter is measured on, now; `icd`: the file of its driver, where it is known. */
export async function measuredHere(engine: { readonly name: string }): Promise<MeasuredOn & { icd: string }> {
  const { icd, driver = 'unknown' } = await nodeGpu();
  const known = icd !== undefined && existsSync(icd);
  const now = known ? identityOf(icd) : `${driver}, ${process.platform} ${process.arch}`;
  return { adapter: engine.name, driver: now, seqgpu: version, icd: known ? icd : driver };
}

/** The file of an adapter, for a driver. */
function pathFor({ adapter, icd }: { readonly adapter: string; readonly icd: string }): string {
  const words = adapter.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = `${words.slice(0, 6).join('-')}-${hashOf(`${adapter} ${icd}`)}`;
  return join(cacheFolder(), 'seqgpu', 'tuning', `${name}.json`);
}

/** What the cache has for an adapter, and why it is not taken where it is not. */
export function cachedTable(here: MeasuredOn & { readonly icd: string }): Cached {
  const path = pathFor(here);
  if (!existsSync(path)) return { path };
  let table: Partial<StoredTable>;
  try {
    table = readTable(path);
  } catch (error) {
    return { path, refused: (error as Error).message.split('\n')[0] };
  }
  const { seqgpu, adapter, driver, date } = table;
  if (seqgpu !== here.seqgpu)
    return { path, refused: `it was measured with version ${shown(seqgpu)}, this is ${here.seqgpu}` };
  if (adapter !== here.adapter) return { path, refused: `it was measured on ${shown(adapter)}` };
  if (driver !== here.driver)
    return { path, refused: `the driver or the processor has changed since: ${shown(driver)}` };
  if (typeof date !== 'string' || !DAY.test(date))
    return { path, refused: `it has no day, but ${shown(date)}` };
  return { path, table: table as StoredTable };
}

/** A day as tables have it. */
const DAY = /^\d{4}-\d\d-\d\d$/;

/** What a file says, as a part of a line. */
const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.replace(/\p{Cc}/gu, '?').slice(0, 200);
};

/** Writes a table into the cache; gives the file. */
export function writeCached(here: MeasuredOn & { readonly icd: string }, table: StoredTable): string {
  const path = pathFor(here);
  writeWhole(path, tableText(table));
  return path;
}

/** A table as the text of a file. */
export const tableText = (table: TuningTable): string => `${JSON.stringify(table, null, 2)}\n`;

/** Reads the file of a table; `from`: what named it, for the error where it holds something else. */
export function readTable(path: string, from = 'tuning'): TuningTable & Partial<StoredTable> {
  let content: Partial<StoredTable> | null = null;
  try {
    content = JSON.parse(readFileSync(path, 'utf8')) as Partial<StoredTable> | null;
  } catch (error) {
    fail(`${from}: ${path} cannot be read: ${(error as Error).message}.`, { fix: FIX });
  }
  const { adapter, kernels, inherited = [] } = Object(content) as Partial<StoredTable>;
  const whole = typeof kernels === 'object' && kernels !== null && !Array.isArray(kernels);
  const named = whole && Object.values(kernels).every((way: unknown) => typeof way === 'string');
  if (typeof adapter !== 'string' || !named) {
    const given =
      typeof adapter === 'string' && whole ? 'a kernel of it is no text' : 'it has no adapter or no kernels';
    fail(`${from}: ${path} holds something else.`, { given, fix: FIX });
  }
  if (!Array.isArray(inherited) || !inherited.every((key: unknown) => typeof key === 'string')) {
    fail(`${from}: ${path} holds something else.`, { given: 'inherited is no list of classes', fix: FIX });
  }
  return content as TuningTable;
}

const FIX = 'name a file that is not there yet: it is measured and written.';
