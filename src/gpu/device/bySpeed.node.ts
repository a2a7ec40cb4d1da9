// Which of several software drivers is the fastest: each is timed once on a machine, and the user's cache keeps what
// came of it. Where there is one, nothing is timed.

import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../files/home.node';
import { timeProduct, type Shown } from './timeProduct.node';
import { libraryOf, type SoftwareDriver } from './vulkan.node';

/** A driver, and what it has shown: undefined where it was not timed, null where it does not work. */
export interface TimedDriver extends SoftwareDriver {
  readonly shown: Shown | undefined;
}

/** How drivers are timed. */
export interface Timing {
  /** `never`: only what the cache has; `anew`: also what it has; `all`: also one that is alone; default: `needed`. */
  readonly when?: 'never' | 'needed' | 'all' | 'anew';
  readonly time?: (icd: string) => Promise<Shown | undefined>;
  /** The file that keeps what was timed. */
  readonly file?: string;
}

/** By the ICD file: what it was timed as, and what came of it. */
type Cache = Record<string, { readonly as: string; readonly shown: Shown }>;

const cacheFile = () => join(cacheFolder(), 'seqgpu', 'adapters.json');

/** The drivers, the fastest first; those that were not timed in their order behind it; last those that do not work. */
export async function bySpeed(
  drivers: readonly SoftwareDriver[],
  { when = 'needed', time = timeProduct, file = cacheFile() }: Timing = {},
): Promise<TimedDriver[]> {
  const cache = read(file);
  const kept = ({ icd }: SoftwareDriver) => {
    const entry = when === 'anew' ? undefined : cache[icd];
    return entry && entry.as === identityOf(icd) ? entry.shown : undefined;
  };
  const timed: TimedDriver[] = drivers.map((driver) => ({ ...driver, shown: kept(driver) }));
  let news = false;
  // From the end: where there is no other, or none of them works, the first need not be timed.
  for (let i = drivers.length - 1; i >= 0 && when !== 'never'; i--) {
    if (timed[i].shown !== undefined) continue;
    if (i === 0 && when !== 'all' && timed.slice(1).every(({ shown }) => !shown)) continue;
    const shown = await time(drivers[i].icd);
    timed[i] = { ...drivers[i], shown };
    if (shown === undefined) continue;
    cache[drivers[i].icd] = { as: identityOf(drivers[i].icd), shown };
    news = true;
  }
  if (news) write(file, cache);
  return timed.sort((one, other) => rank(other) - rank(one));
}

const rank = ({ shown }: TimedDriver): number => shown?.gflops ?? (shown === undefined ? 0 : -1);

/** What a driver's speed depends on: its library, as it is now, and the processor. */
export function identityOf(icd: string): string {
  const library = libraryOf(icd);
  const { size, mtimeMs } = statSync(library, { throwIfNoEntry: false }) ?? statSync(icd);
  return [library, size, mtimeMs, `${cpus().length} × ${cpus()[0]?.model ?? process.arch}`].join(', ');
}

/** What cannot be read is timed again. */
function read(file: string): Cache {
  try {
    const entries = Object.entries((JSON.parse(readFileSync(file, 'utf8')) ?? {}) as Cache);
    return Object.fromEntries(entries.filter(([, one]) => one?.shown === null || one?.shown?.gflops > 0));
  } catch {
    return {};
  }
}

/** Without a cache it is timed every time. */
function write(file: string, cache: Cache): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const partial = `${file}.${process.pid}.part`;
    writeFileSync(partial, `${JSON.stringify(cache, null, 1)}\n`);
    renameSync(partial, file);
  } catch {
    // A home that cannot be written, as in some containers.
  }
}
