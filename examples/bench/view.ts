// The page's table: a row a case with a bar for its share of the ceiling and a plot of its rounds, and under it its
// kernels, each with the texts of it that ran.

import { short, tableOf, type Report, type ReportRow } from '../../src/bench/index';
import { byId, element, pressed, type Content } from './elements';
import { roundsPlot } from './plot';
import { showTexts } from './shaderDialog';
import type { LaunchText } from './texts';

export function showCeilings({ ceiling, family }: Report): void {
  if (!ceiling) return;
  const entries: [string, number | string, string][] = [
    ['FMA in registers', ceiling.fma, 'GFLOP/s'],
    ['copy in a shader', ceiling.copy, 'GB/s'],
    ['one launch', ceiling.dispatch, 'µs'],
    ['kernels', family, ''],
  ];
  byId('ceilings').hidden = false;
  byId('ceilings').replaceChildren(
    ...entries.map(([name, value, unit]) =>
      element(
        'div',
        {},
        element('dt', {}, name),
        element('dd', {}, typeof value === 'string' ? value : `${short(value)} `, element('small', {}, unit)),
      ),
    ),
  );
}

const COLUMNS = ['case', 'fastest ms', 'GFLOP/s', 'GB/s', 'of the ceiling', 'median', 'slowest', 'rounds'];
const isNumber = (column: number): boolean => [1, 2, 3, 5, 6].includes(column);
const kindOf = (column: number) => ({ class: isNumber(column) ? 'number' : 'text' });

/** What the table shows. */
export interface Shown {
  readonly rows: readonly ReportRow[];
  /** Rows to come, shown with dashes. */
  readonly names: readonly string[];
  /** The one that is being measured. */
  readonly running?: string;
  /** The texts that ran, by the names of the rows. */
  readonly texts: ReadonlyMap<string, readonly LaunchText[]>;
}

export function showTable({ rows, names, running = '', texts }: Shown): void {
  const known = new Map(rows.map((row) => [row.name, row]));
  const all = [...names, ...rows.map(({ name }) => name).filter((name) => !names.includes(name))];
  const head = COLUMNS.map((name, column) => element('th', { scope: 'col', ...kindOf(column) }, name));
  const body = all.flatMap((name) => {
    const row = known.get(name);
    const cells = row ? cellsOf(row) : [[name], ...COLUMNS.slice(1).map(() => ['–'])];
    const columns = cells.map((content, column) => element('td', kindOf(column), ...content));
    columns[0].title = row?.about ?? '';
    columns[4].className = 'share';
    const line = element('tr', name === running ? { class: 'running' } : {}, ...columns);
    return [line, ...kernelRows(row, texts.get(name) ?? [])];
  });
  byId('table').replaceChildren(
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
}

function cellsOf(row: ReportRow): Content[][] {
  const { head, rows } = tableOf({ rows: [row] });
  const words = (name: string): Content[] => [rows[0][head.indexOf(name)]];
  return [
    ...['case', 'fastest ms', 'GFLOP/s', 'GB/s'].map(words),
    bar(row),
    ...['median', 'slowest'].map(words),
    roundsPlot(row.samples),
  ];
}

function bar({ ofCeiling, limit }: ReportRow): HTMLElement[] {
  if (ofCeiling === null || !limit) return [];
  const percent = (100 * ofCeiling).toFixed(0);
  const filled = element('div', { class: `bar ${limit}` });
  filled.style.width = `${Math.min(100, 100 * ofCeiling)}%`;
  return [element('div', { class: 'track' }, filled, element('span', {}, `${percent} %`))];
}

/** With the times of the kernels where they were measured, and otherwise as they were launched. */
function kernelRows(row: ReportRow | undefined, texts: readonly LaunchText[]): HTMLElement[] {
  const timed = row?.kernels ?? [];
  const names = timed.length ? timed.map(({ kernel }) => kernel) : texts.map(({ kernel }) => kernel);
  return [...new Set(names)].map((name) => {
    const own = texts.filter(({ kernel }) => kernel === name);
    const parts = timed.filter(({ kernel }) => kernel === name);
    const launches = (parts.length ? parts : own).reduce((sum, one) => sum + one.launches, 0);
    const ms = parts.length ? short(parts.reduce((sum, one) => sum + one.ms, 0)) : '–';
    const file = `${name}.wgsl`;
    const link = own.length ? pressed(file, () => showTexts(own), { class: 'link' }) : file;
    const cells = [
      element('td', {}, link, launches > 1 ? ` × ${launches}` : ''),
      element('td', { class: 'number' }, ms),
    ];
    return element(
      'tr',
      { class: 'kernel' },
      ...cells,
      element('td', { colspan: String(COLUMNS.length - 2) }),
    );
  });
}
