// What is made of a study's findings: the table in the terminal, report.html, results.json and the object of --json.

import { holds, type Findings, type Plan, type Row } from '../runs/study';
import { html, htmlPage, htmlTable, type Section } from '../report/html.node';
import { draw } from '../report/plot.node';
import type { Line } from '../runs/studyFolder.node';
import { duration, figures, plain, table } from '../report/text.node';

export interface Concluded {
  readonly title: string;
  readonly claim: string;
  readonly source: string;
  readonly command: string;
  readonly plan: Plan;
  readonly findings: Findings;
  /** The finished cells. */
  readonly lines: readonly Line[];
}

/** What a study says in a table of its own, or its rows. */
function cellsOf({ table, rows }: Findings): { head: readonly string[]; cells: string[][] } {
  if (!table) return tableOf(rows);
  const text = (cell: string | number | null) =>
    cell === null ? '–' : typeof cell === 'number' ? plain(cell) : cell;
  return { head: table.head, cells: table.rows.map((row) => row.map(text)) };
}

const HEAD = ['task', 'model', 'setting', 'metric', 'ours', 'published', ''];

/** Columns that say nothing are left out. */
function tableOf(rows: readonly Row[]): { head: string[]; cells: string[][] } {
  const cells = rows.map((row) => {
    const { task, model, setting, metric, ours, published, relation } = row;
    const theirs = published === null ? '–' : `${relation === '≤' ? '≤ ' : ''}${plain(published)}`;
    return [task, model, setting, metric, ours === null ? '–' : plain(ours), theirs, verdict(row)];
  });
  const from = rows.some(({ published }) => published !== null) ? HEAD.length : HEAD.length - 2;
  return { head: HEAD.slice(0, from), cells: cells.map((row) => row.slice(0, from)) };
}

/** How ours stands to the published number. */
function verdict(row: Row): string {
  const kept = holds(row);
  if (kept !== null) return kept ? 'holds' : 'does not hold';
  const { ours, published } = row;
  if (ours === null || published === null) return '';
  const difference = ours - published;
  return `${difference < 0 ? '−' : '+'}${figures(Math.abs(difference), 2)}`;
}

export function terminalTable(findings: Findings): string {
  const { head, cells } = cellsOf(findings);
  return table(head, cells);
}

export const adaptersOf = (lines: readonly Line[]): string =>
  [...new Set(lines.map(({ adapter }) => adapter))].join(', ');

/** The object that --json promises. */
export const summaryOf = (name: string, { plan, findings, lines }: Concluded) => ({
  study: name,
  budget: plan.budget,
  adapter: adaptersOf(lines),
  seed: plan.seed,
  rows: findings.rows.map(({ model, task, setting, metric, ours, published }) => ({
    ...{ model, task, setting, metric, ours, published },
  })),
});

export async function studyPage(concluded: Concluded): Promise<string> {
  const { title, claim, source, command, plan, findings, lines } = concluded;
  const { head, cells } = cellsOf(findings);
  const classOf = (_: readonly string[], i: number) => {
    if (findings.table) return '';
    const row = findings.rows[i];
    const kept = holds(row);
    if (kept !== null) return kept ? 'better' : 'worse';
    return row.ours !== null && row.published !== null && row.ours <= row.published ? 'better' : '';
  };
  const sections: Section[] = [];
  const theirs = findings.rows.some(({ published }) => published !== null);
  sections.push({
    title: theirs ? 'Beside the published numbers' : 'Results',
    body: htmlTable(head, cells, classOf),
  });
  for (const figure of findings.figures) {
    const caption = figure.caption ? `<p>${html(figure.caption)}</p>\n` : '';
    sections.push({ title: figure.title, body: `${caption}<figure>${await draw(figure)}</figure>` });
  }
  const notes = findings.notes.map((note) => `<li>${html(note)}</li>`).join('\n');
  const parts = htmlTable(
    ['part', 'settings', 'time'],
    lines.map(({ cell, settings, seconds }) => [cell, settingsText(settings), duration(seconds)]),
  );
  sections.push({
    title: 'How it was made',
    body: `<ul>${notes}</ul>
<details><summary>All ${lines.length} parts with their settings</summary>${parts}</details>`,
  });
  const seconds = lines.reduce((sum, line) => sum + line.seconds, 0);
  return htmlPage({
    title,
    remark: findings.remark,
    sections,
    command,
    facts: [adaptersOf(lines), `budget ${plan.budget}`, `seed ${plan.seed}`, duration(seconds)],
    foot: `Claim: ${claim}. Source: ${source}.`,
  });
}

/** `learningRate 0.02, hidden 128`; lists by their ends. */
function settingsText(settings: unknown): string {
  const text = (value: unknown) =>
    Array.isArray(value) && value.length > 4 ? `${value[0]} … ${value.at(-1)}` : String(value);
  return Object.entries(settings as object)
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(', ');
}
