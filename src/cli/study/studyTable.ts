// The table of a study: its rows, each a measured number beside the published one, or the table that it makes itself.

import { holds, type Findings, type Row } from '../../runs/study';
import { count, significant, plain } from '../../report/text.node';

/** A table as text: names of columns, and rows of as many cells. */
export interface StudyTable {
  readonly head: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

/** The table that the findings bring, or one of their rows beside the published numbers. */
export function studyTable({ table, rows }: Findings): StudyTable {
  if (!table) return tableOfRows(rows);
  const text = (cell: string | number | null) =>
    cell === null ? '–' : typeof cell === 'number' ? plain(cell) : cell;
  return { head: table.head, cells: table.rows.map((row) => row.map(text)) };
}

/** What the settings of a search explain; null where there is none. */
export const importanceTable = ({ importance }: Pick<Findings, 'importance'>): StudyTable | null =>
  importance
    ? {
        head: ['setting', 'explains', 'by chance'],
        cells: importance.map(({ setting, explained, chance }) => [
          setting,
          `${count(100 * explained)} %`,
          `${count(100 * chance)} %`,
        ]),
      }
    : null;

const COLUMNS: Readonly<Record<string, (row: Row) => string>> = {
  task: ({ task }) => task,
  model: ({ model }) => model,
  setting: ({ setting }) => setting,
  metric: ({ metric }) => metric,
  ours: ({ ours }) => (ours === null ? '–' : number(ours)),
  '± sd': ({ ours, sd }) => (ours === null || sd === undefined ? '' : spread(sd, number(ours))),
  n: ({ n }) => (n === undefined ? '' : String(n)),
  λ: ({ lambda }) => (lambda === undefined ? '' : lambda === null ? '∞' : significant(lambda, 3)),
  '‖W‖₂': ({ norm }) => (norm === undefined ? '' : significant(norm, 3)),
  F: ({ forget }) => (forget === undefined ? '' : significant(forget, 3)),
  published: publishedText,
  '': verdict,
};

/** Columns that say nothing are left out. */
function tableOfRows(rows: readonly Row[]): StudyTable {
  const told = Object.entries(COLUMNS)
    .map(([name, of]) => ({ name, cells: rows.map(of) }))
    .filter(({ cells }) => cells.some((cell) => cell !== '' && cell !== '–'));
  return {
    head: told.map(({ name }) => name),
    cells: rows.map((_, i) => told.map(({ cells }) => cells[i])),
  };
}

/** Four figures; what counts something is whole. */
const number = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e9 ? count(value) : significant(value);

/** As many places behind the point as the number that it is the spread of. */
function spread(sd: number, mean: string): string {
  if (/e/.test(mean)) return significant(sd, 2);
  return sd.toFixed(mean.split('.')[1]?.length ?? 0);
}

function publishedText({ published, relation, elsewhere }: Row): string {
  if (published === null) return '–';
  const value = relation ? number(published) : publishedNumber(published);
  return `${relation === '≤' ? '≤ ' : ''}${value}${elsewhere ? `, ${elsewhere}` : ''}`;
}

/** As many figures as were published. */
const publishedNumber = (value: number): string =>
  Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential() : String(value);

/** How ours stands to the published number; nothing where the two are of different settings. */
function verdict(row: Row): string {
  const kept = holds(row);
  if (kept !== null) return kept ? 'holds' : 'does not hold';
  const difference = differenceOf(row);
  return difference === null ? '' : `${difference < 0 ? '−' : '+'}${significant(Math.abs(difference), 2)}`;
}

function differenceOf({ ours, published, elsewhere }: Row): number | null {
  return ours === null || published === null || elsewhere !== undefined ? null : ours - published;
}

/** Colours a row: whether a theorem holds, or ours is at least as good as what was published in the same setting. */
export function colourOf(row: Row): '' | 'better' | 'worse' {
  const difference = differenceOf(row);
  const good = holds(row) ?? (difference === null ? null : difference <= 0);
  return good === null ? '' : good ? 'better' : 'worse';
}
