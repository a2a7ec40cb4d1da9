// Checks of an adapter: each computes something whose result is known, and says how far it is off. All run in both
// families of kernels, whichever the adapter would get.

import type { Engine } from '../gpu/engine';
import type { Traits } from '../graph/traits';
import type { Case } from './case';
import { firstRun, TOLERANCE } from './measure';
import { inTime, reasonOf, type PartTime, type Sheet } from './parts';
import { short } from './table';

/** Something whose result is known. */
export interface Check {
  readonly name: string;
  /** The largest error that rounding explains. */
  readonly allowed: number;
  /** How wrong the result is; it throws where there is none. */
  run(engine: Engine): Promise<number>;
}

/** What becomes of a check in a family of kernels. */
export interface Checked {
  readonly name: string;
  readonly family: Traits['family'];
  readonly allowed: number;
  /** Null where it failed. */
  readonly error: number | null;
  readonly failed?: string;
}

/** A case of the bench as a check: its first run, against doubles. */
export const caseCheck = (one: Case): Check => ({
  name: one.name,
  allowed: TOLERANCE,
  run: async (engine) => (await firstRun(engine, one)).error,
});

/** Both families of kernels. */
export const FAMILIES: readonly Traits['family'][] = ['direct', 'workgroup'];

/** Opens an engine with kernels of a family. */
export type OpenFamily = (family: Traits['family']) => Promise<Engine>;

/** An engine keeps the parameters of all it has built: the next check gets another when these are many. */
const MOST_BYTES = 2 ** 30;

/** Runs checks in families as long as there is time; a line for each, and a finding for each that is wrong. */
export async function runChecks(
  checks: readonly Check[],
  open: OpenFamily,
  { sheet, time }: { readonly sheet: Sheet; readonly time: PartTime },
  families: readonly Traits['family'][] = FAMILIES,
): Promise<void> {
  sheet.head = ['check', ...families, 'allowed'];
  const all: Checked[] = [];
  sheet.values.checks = all;
  const engines = new Map<Traits['family'], Engine>();
  const close = (family: Traits['family']) => {
    engines.get(family)?.destroy();
    engines.delete(family);
  };
  const jobs = checks.flatMap((check) => families.map((family) => ({ check, family })));
  const nameOf = ({ check, family }: (typeof jobs)[number]) => `${check.name} (${family})`;
  await inTime(jobs, nameOf, { sheet, time }, async ({ check, family }) => {
    const found = await checkOn(check, family, engines, open);
    all.push(found);
    const wrong = wrongness(found);
    if (wrong) sheet.findings.push(wrong);
    sheet.rows = tableOf(all, families);
    if (found.failed || (engines.get(family)?.stats.bytes ?? 0) > MOST_BYTES) close(family);
  });
  families.forEach(close);
}

/** A line for each check, with its errors in the families. */
function tableOf(all: readonly Checked[], families: readonly Traits['family'][]): string[][] {
  const names = [...new Set(all.map(({ name }) => name))];
  return names.map((name) => {
    const own = all.filter((one) => one.name === name);
    const cell = (family: Traits['family']) => {
      const found = own.find((one) => one.family === family);
      return found ? (found.error?.toExponential(1) ?? 'failed') : '–';
    };
    return [name, ...families.map(cell), short(own[0].allowed)];
  });
}

async function checkOn(
  { name, allowed, run }: Check,
  family: Traits['family'],
  engines: Map<Traits['family'], Engine>,
  open: OpenFamily,
): Promise<Checked> {
  try {
    if (!engines.has(family)) engines.set(family, await open(family));
    return { name, family, allowed, error: await run(engines.get(family)!) };
  } catch (error) {
    return { name, family, allowed, error: null, failed: reasonOf(error) };
  }
}

/** What is wrong with it, in a sentence; nothing where it is right. */
function wrongness({ name, family, allowed, error, failed }: Checked): string | undefined {
  if (failed !== undefined) return `${name} (${family}) failed: ${failed}`;
  if (error! < allowed) return undefined;
  return `${name} (${family}) is wrong: off by ${error!.toExponential(1)}, ${short(allowed)} is allowed.`;
}
