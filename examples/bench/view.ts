// The page's table: a row a case with a bar for its share of the ceiling, and under it the kernels, each
// with its shader's text.

import { amount, short, type Report, type ReportRow } from '../../src/bench/index';

const SHADERS = Object.entries(
  import.meta.glob<string>('../../shaders/*/*.wgsl', { query: '?raw', import: 'default', eager: true }),
);

export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;

type Content = string | Node;

export function element(
  tag: string,
  attributes: Record<string, string> = {},
  ...content: Content[]
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

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

const COLUMNS = ['case', 'ms', 'min–max', 'GFLOP/s', 'GB/s', 'of the ceiling'];

/** `names`: rows to come, shown with dashes; `running`: the one that is being measured. */
export function showTable(rows: readonly ReportRow[], names: readonly string[], running = ''): void {
  const known = new Map(rows.map((row) => [row.name, row]));
  const all = [...names, ...rows.map(({ name }) => name).filter((name) => !names.includes(name))];
  const numeric = (column: number) => (column > 0 && column < 5 ? { class: 'number' } : { class: 'text' });
  const head = COLUMNS.map((name, column) => element('th', numeric(column), name));
  const body = all.flatMap((name) => {
    const row = known.get(name);
    const cells: Content[] = row
      ? [name, amount(row), rangeOf(row), short(row.gflops), short(row.gbps)]
      : [name, '–', '–', '–', '–'];
    const columns = cells.map((cell, column) => element('td', numeric(column), cell));
    columns[0].title = row?.about ?? '';
    const share = element('td', { class: 'share' }, ...(row ? bar(row) : []));
    const line = element('tr', name === running ? { class: 'running' } : {}, ...columns, share);
    return [line, ...(row ? kernelRows(row) : [])];
  });
  byId('table').replaceChildren(
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
}

const rangeOf = ({ min, max }: ReportRow): string => (min === null ? '–' : `${short(min)}–${short(max)}`);

function bar({ ofCeiling, limit }: ReportRow): HTMLElement[] {
  if (ofCeiling === null || !limit) return [];
  const percent = (100 * ofCeiling).toFixed(0);
  const width = Math.min(100, 100 * ofCeiling);
  const filled = element('div', { class: `bar ${limit}`, style: `width: ${width}%` });
  return [element('div', { class: 'track' }, filled, element('span', {}, `${percent} %`))];
}

function kernelRows({ kernels }: ReportRow): HTMLElement[] {
  return kernels.map(({ file, launches, ms }) => {
    const link = element('a', { href: '#' }, file.replace('shaders/', ''));
    link.addEventListener('click', (event) => {
      event.preventDefault();
      showShader(file);
    });
    const times = launches > 1 ? ` × ${launches}` : '';
    const cells = [element('td', {}, link, times), element('td', { class: 'number' }, short(ms))];
    return element('tr', { class: 'kernel' }, ...cells, element('td', { colspan: '4' }));
  });
}

function showShader(file: string): void {
  byId('file').textContent = file;
  byId('wgsl').textContent =
    SHADERS.find(([path]) => path.endsWith(`/${file}`))?.[1] ?? 'This kernel is not in shaders/.';
  byId<HTMLDialogElement>('shader').showModal();
  byId('shader').scrollTop = 0;
}
