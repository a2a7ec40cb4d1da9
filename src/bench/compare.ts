// Two reports side by side, row by row: the ratio of the medians, and whether it lies outside the noise,
// which it does when the ranges from the fastest to the slowest round do not meet.

import type { Report, ReportRow } from './report';
import { amount, percent, short, type Words } from './table';

/** What became of a row between two reports. */
export type Verdict = 'better' | 'worse' | 'within noise' | 'noise unknown' | 'new' | 'gone';

/** A row in two reports. */
export interface Change {
  readonly name: string;
  readonly before: ReportRow | null;
  readonly after: ReportRow | null;
  /** New over old: below 1 it has become better. */
  readonly ratio: number | null;
  readonly verdict: Verdict;
}

/** The rows of two reports side by side, in the order of the later one. */
export function compare(before: Report, after: Report): Change[] {
  const old = new Map(before.rows.map((row) => [row.name, row]));
  const changes = after.rows.map((row) => changeOf(old.get(row.name) ?? null, row));
  const names = new Set(after.rows.map(({ name }) => name));
  const gone = before.rows.filter(({ name }) => !names.has(name));
  return [...changes, ...gone.map((row) => changeOf(row, null))];
}

function changeOf(before: ReportRow | null, after: ReportRow | null): Change {
  const name = (after ?? before)!.name;
  const [old, now] = [before, after].map((row) => row && (row.bytes ?? row.value ?? row.ms));
  if (!before || !after || !old || !now) {
    return { name, before, after, ratio: null, verdict: after ? 'new' : 'gone' };
  }
  return { name, before, after, ratio: now / old, verdict: verdictOn(before, after) };
}

function verdictOn(before: ReportRow, after: ReportRow): Verdict {
  if (before.bytes !== null && after.bytes !== null) {
    const more = after.bytes - before.bytes;
    return more < 0 ? 'better' : more > 0 ? 'worse' : 'within noise';
  }
  // A single round has no range.
  if ([before, after].some(({ min, max }) => min === null || max === null || min === max))
    return 'noise unknown';
  if (after.max! < before.min!) return 'better';
  return after.min! > before.max! ? 'worse' : 'within noise';
}

/** A machine that has changed its own speed by more than this changes every time with it. */
const DRIFT = 1.1;

/** What makes the two hard to compare, and how far the machine itself has moved, in lines. */
export function remarksOn(before: Report, after: Report): string[] {
  const remarks = (['adapter', 'runtime', 'family'] as const)
    .filter((key) => before[key] && before[key] !== after[key])
    .map((key) => `The ${key} is another one: before ${before[key]}, now ${after[key]}.`);
  const [old, now] = [before.ceiling, after.ceiling];
  if (old && now) {
    const ratios = [now.fma / old.fma, now.copy / old.copy, now.dispatch / old.dispatch];
    const [fma, copy, dispatch] = ratios.map(short);
    remarks.push(`Ceilings, new / old: FMA ${fma}, copy ${copy}, dispatch ${dispatch}.`);
    if (ratios.some((ratio) => Math.max(ratio, 1 / ratio) > DRIFT)) {
      remarks.push(
        'The adapter itself ran at another speed: trust the shares of the ceiling, not the times.',
      );
    }
  }
  return remarks;
}

/** What there is to say of rows that are faster than the adapter can be. */
export function beyondCeiling({ rows }: Report): string[] {
  const beyond = rows.filter(({ ofCeiling }) => ofCeiling !== null && ofCeiling > DRIFT);
  if (!beyond.length) return [];
  const names = beyond.map(({ name }) => name).join(', ');
  return [
    `Above their ceiling: ${names}. What fits a cache is faster than memory; otherwise the machine was slower ` +
      'while the ceiling was measured: take more rounds, with nothing else running.',
  ];
}

/** Changes as a table. */
export function compareTable(changes: readonly Change[]): Words {
  return {
    head: ['case', 'old ms', 'new ms', 'new / old', 'verdict', 'of ceiling, old', 'new'],
    rows: changes.map(({ name, before, after, ratio, verdict }) => [
      name,
      before ? amount(before) : '–',
      after ? amount(after) : '–',
      ratio === null ? '–' : ratio.toFixed(3),
      { better: '▲ better', worse: '▼ worse' }[verdict as string] ?? verdict,
      percent(before?.ofCeiling ?? null),
      percent(after?.ofCeiling ?? null),
    ]),
  };
}
