// A report as people read it: rows of words for a table, and Markdown that a formatter would leave as it is.

import type { Limit } from './case';
import type { PeerRow } from './peers';
import type { Report, ReportRow } from './report';

/** A table in words. */
export interface Words {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const LIMITS: Readonly<Record<Limit, string>> = { fma: 'FMA', copy: 'copy', dispatch: 'dispatch' };

/** Three figures: 0.0123, 1.23, 45.6, 1,234; a dash where there is none. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value < 1e-3 && value > 0 ? value.toExponential(1) : value.toPrecision(3);
}

/** A share as `42 %`; a dash where there is none. */
export const percent = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(0)} %`;

/** What a row measures: milliseconds, unless it is a size or a figure and says so. */
export function amount({ ms, bytes, value, unit }: ReportRow): string {
  if (bytes !== null) return kibibytes(bytes);
  return value === null ? short(ms) : inUnit(unit, value);
}

/** A time or figure of a row: milliseconds without their name, whatever else with its unit. */
function inUnit(unit: ReportRow['unit'], value: number | null): string {
  return unit === null || value === null ? short(value) : [short(value), unit].join(unit === '×' ? '' : ' ');
}

const FASTEST = 'fastest ms';

/** Bytes as `1.5 KiB`. */
export const kibibytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

/** `FMA 62.2 GFLOP/s, copy 3.93 GB/s, dispatch 53.3 µs`. */
export function ceilingLine({ ceiling }: Pick<Report, 'ceiling'>): string {
  if (!ceiling) return 'not measured';
  const { fma, copy, dispatch } = ceiling;
  return `FMA ${short(fma)} GFLOP/s, copy ${short(copy)} GB/s, dispatch ${short(dispatch)} µs`;
}

/** What a table shows beside the times. */
export interface TableOptions {
  /** Also a row for every kernel, under its case. */
  readonly kernels?: boolean;
  /** Also what a case is: its shapes. */
  readonly about?: boolean;
}

/** A report as a table. */
export function tableOf({ rows }: Pick<Report, 'rows'>, options: TableOptions = {}): Words {
  const rivals = rows.some(({ bestRival }) => bestRival !== null);
  const columns: [string, (row: ReportRow) => string][] = [
    ['case', (row) => (row.bytes === null ? row.name : `${row.name}: ${amount(row)}`)],
    ...(options.about ? [['what', ({ about }: ReportRow) => about] as [string, () => string]] : []),
    // What stands beside each other is of one round, the fastest.
    [FASTEST, (row) => inUnit(row.unit, row.min)],
    ['GFLOP/s', ({ gflops }) => short(gflops)],
    ['GB/s', ({ gbps }) => short(gbps)],
    ['of ceiling', ({ ofCeiling }) => percent(ofCeiling)],
    ['which', ({ limit }) => (limit ? LIMITS[limit] : '–')],
    ['median', (row) => inUnit(row.unit, row.value ?? row.ms)],
    ['slowest', (row) => inUnit(row.unit, row.max)],
  ];
  if (rivals) {
    columns.push(['best rival', ({ bestRival }) => bestRival ?? '–']);
    columns.push(['its ms', ({ bestRivalMs }) => short(bestRivalMs)]);
    columns.push(['its ms / ours', ({ ratio }) => short(ratio)]);
  }
  const head = columns.map(([name]) => name);
  const lines = rows.flatMap((row) => [
    columns.map(([, words]) => words(row)),
    ...(options.kernels ? kernelLines(row, head) : []),
  ]);
  return { head, rows: lines };
}

const kernelLines = ({ kernels }: ReportRow, head: readonly string[]): string[][] =>
  kernels.map(({ file, launches, ms }) =>
    head.map((column) =>
      column === 'case'
        ? `  ${file}${launches > 1 ? ` × ${launches}` : ''}`
        : column === FASTEST
          ? short(ms)
          : '–',
    ),
  );

/** Every rival in every case. */
export function rivalTable(rows: readonly PeerRow[]): Words {
  return {
    head: ['case', 'ours, ms', 'rival', 'its ms', 'its ms / ours', 'remark'],
    rows: rows.flatMap(({ name, oursMs, rivals }) =>
      rivals.map(({ name: rival, version, ms, ratio, note }) => [
        name,
        short(oursMs),
        `${rival} ${version}`,
        short(ms),
        short(ratio),
        note ?? '',
      ]),
    ),
  };
}

/** A report as Markdown, with where and when it was measured. */
export function markdown(report: Report, options: TableOptions = {}): string {
  const { adapter, runtime, family, date, rounds } = report;
  const when = `${date.slice(0, 10)}, ${rounds} round${rounds === 1 ? '' : 's'}`;
  const lines = [
    `${adapter}; ${runtime}; kernels: ${family}; ${when}.`,
    `Measured ceilings: ${ceilingLine(report)}.`,
    '',
    markdownTable(tableOf(report, options)),
  ];
  return lines.join('\n');
}

/** Columns of numbers stand to the right. */
export function markdownTable({ head, rows }: Words): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.trim().replaceAll('|', '\\|')));
  const right = head.map(
    (_, c) => c > 0 && cells.slice(1).every((row) => /^[\d.,e+–-]*( %| µs|×)?$/.test(row[c])),
  );
  const widths = head.map((_, c) => Math.max(3, ...cells.map((row) => [...row[c]].length)));
  const pad = (cell: string, c: number) =>
    right[c]
      ? ' '.repeat(widths[c] - [...cell].length) + cell
      : cell + ' '.repeat(widths[c] - [...cell].length);
  const line = (row: readonly string[]) => `| ${row.map(pad).join(' | ')} |`;
  const rule = widths.map((width, c) => (right[c] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(cells[0]), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)].join('\n');
}
