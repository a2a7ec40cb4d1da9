// The bench's results as one JSON object: the cases' rows, and rows of the same kind for what is no case.
// Made here, and read and checked here when they come from a file.

import { fail } from '../graph/check';
import type { Limit } from './case';
import type { Ceiling } from './ceiling';
import type { Metric } from './metrics';
import type { Row } from './measure';
import type { RivalRow } from './peers';
import { rangeOf } from './spread';

/** A kernel's part in a case. */
export interface KernelRow {
  readonly kernel: string;
  /** The shader's file. */
  readonly file: string;
  readonly launches: number;
  /** All its launches in one run, in milliseconds. */
  readonly ms: number;
}

/** What a row has no number for is null. */
export interface ReportRow {
  readonly name: string;
  readonly about: string;
  readonly ms: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** The same round by round; none where it was not kept. */
  readonly samples: readonly number[];
  readonly gflops: number | null;
  readonly gbps: number | null;
  readonly limit: Limit | null;
  /** 0 to 1. */
  readonly ofCeiling: number | null;
  /** Only of a row that is a size. */
  readonly bytes: number | null;
  /** Only of a row that is neither a time nor a size: `min` and `max` are then in its unit. */
  readonly value: number | null;
  readonly unit: Metric['unit'] | null;
  readonly error: number | null;
  readonly dispatches: number | null;
  readonly firstMs: number | null;
  readonly hostUs: number | null;
  readonly bestRival: string | null;
  readonly bestRivalMs: number | null;
  /** The best rival's time over ours, both in the page that they share: above 1 we are faster. */
  readonly ratio: number | null;
  readonly rivals: readonly RivalRow[];
  readonly kernels: readonly KernelRow[];
}

/** A run of the bench, as it is kept in a file. */
export interface Report {
  readonly adapter: string;
  /** ISO 8601. */
  readonly date: string;
  /** What the engine ran in: a browser, Node, Deno, and on what. */
  readonly runtime: string;
  readonly rounds: number;
  /** Which kernels the adapter got, by a measurement when it was opened: `direct with quads`, `workgroup`. */
  readonly family: string;
  /** Null when nothing was measured that needs it. */
  readonly ceiling: Ceiling | null;
  readonly rows: readonly ReportRow[];
}

/** Names of the rows that are no cases. */
export const FIRST_RESULT = 'time to first result';
/** The name of the row that says what a page downloads. */
export const BUNDLE_SIZE = 'bundle size';

const NOTHING: Omit<ReportRow, 'name' | 'about'> = {
  ms: null,
  min: null,
  max: null,
  samples: [],
  gflops: null,
  gbps: null,
  limit: null,
  ofCeiling: null,
  bytes: null,
  value: null,
  unit: null,
  error: null,
  dispatches: null,
  firstMs: null,
  hostUs: null,
  bestRival: null,
  bestRivalMs: null,
  ratio: null,
  rivals: [],
  kernels: [],
};

/** The row of a case. */
export const caseRow = ({ name, about, kernels, ...row }: Row): ReportRow => ({
  name,
  about,
  ...NOTHING,
  ...row,
  // What multiplies nothing has no FLOP/s.
  gflops: row.gflops || null,
  kernels: kernels.map((one) => ({ ...one, file: `${one.kernel}.wgsl` })),
});

/** The row of times that are no case, in milliseconds. */
export function timeRow(name: string, about: string, samples: readonly number[]): ReportRow {
  const { median: ms, ...range } = rangeOf(samples);
  return { name, about, ...NOTHING, ms, ...range, samples: [...samples] };
}

/** The row of a metric. */
export function metricRow({ name, about, unit }: Metric, samples: readonly number[]): ReportRow {
  const { median: value, ...range } = rangeOf(samples);
  return { name, about, ...NOTHING, value, unit, ...range, samples: [...samples] };
}

/** The row of a size in bytes, which is shown in KiB. */
export const sizeRow = (name: string, about: string, bytes: number): ReportRow => ({
  name,
  about,
  ...NOTHING,
  bytes,
});

/** The same row with what the rivals took beside ours, in one page: the ratio is of the times in there. */
export function withRivals(row: ReportRow, rivals: readonly RivalRow[]): ReportRow {
  const [best] = rivals
    .filter(({ ms, ratio }) => ms !== undefined && ratio !== undefined)
    .sort((one, other) => one.ms! - other.ms!);
  if (!best) return { ...row, rivals };
  return {
    ...row,
    rivals,
    bestRival: `${best.name} ${best.version}`,
    bestRivalMs: best.ms!,
    ratio: best.ratio!,
  };
}

const numberOrNull = (value: unknown): boolean => value === null || typeof value === 'number';

/** What a text holds that the bench once wrote; `from` names it in the error when it is something else. */
export function readReport(text: string, from: string): Report {
  const refuse = (given: string): never =>
    fail(`bench: ${from} is no result of the bench.`, {
      given,
      fix: 'give a file that `npx seqgpu bench --out FILE` wrote.',
    });
  let found: Partial<Report> | null = null;
  try {
    found = JSON.parse(text);
  } catch (error) {
    refuse(`it is not JSON: ${(error as Error).message}`);
  }
  if (typeof found !== 'object' || !found || !Array.isArray(found.rows)) return refuse('it has no rows');
  for (const key of ['adapter', 'date', 'runtime'] as const) {
    if (typeof found[key] !== 'string') refuse(`its ${key} is ${JSON.stringify(found[key])}`);
  }
  found.rows.forEach((row: Partial<ReportRow> | null, i) => {
    const wrong = typeof row?.name !== 'string' ? 'name' : WANTED.find((key) => !numberOrNull(row[key]));
    if (wrong) refuse(`the ${wrong} of row ${i + 1} is ${JSON.stringify(row?.[wrong] ?? null)}`);
  });
  // Files of before a field was there have null in it.
  const rows = found.rows.map((row) => ({ ...NOTHING, about: '', ...row }));
  return { rounds: 0, family: '', ceiling: null, ...found, rows } as Report;
}

const WANTED = ['ms', 'min', 'max', 'ofCeiling'] as const;
