// What is made of a study's findings: the table in the terminal, report.html, results.json and the object of --json.

import type { Findings, Row, Setup } from '../../runs/study';
import { html, htmlPage, htmlTable, type Section } from '../../report/html.node';
import { draw } from '../../report/plot.node';
import type { Made } from './made';
import { colourOf, importanceTable, studyTable } from './studyTable';
import { duration, table } from '../../report/text.node';

/** A study with its findings, all that its report is made of. */
export interface Concluded {
  readonly title: string;
  readonly claim: string;
  readonly source: string;
  readonly command: string;
  readonly setup: Setup;
  readonly findings: Findings;
  readonly made: Made;
}

/** The table, what was found, and what speaks against the claim. */
export function terminalText(findings: Findings): string {
  const { head, cells } = studyTable(findings);
  const against = (findings.against ?? []).map((one) => `Against the claim: ${one}`);
  const importance = importanceTable(findings);
  const more = importance ? [table(importance.head, importance.cells)] : [];
  return [table(head, cells), ...more, findings.remark, ...against].join('\n');
}

/** The versions that computed the cells, and the days. */
const stampOf = ({ versions, days }: Made): string =>
  [`seqgpu ${versions.join(', ')}`, days.join(' to ')].filter(Boolean).join(' · ');

const plainRow = ({ model, task, setting, metric, ours, published, ...rest }: Row) => {
  const { n, sd, elsewhere, norm, lambda, forget } = rest;
  return { model, task, setting, metric, ours, n, sd, published, elsewhere, norm, lambda, forget };
};

/** The object that --json promises. */
export const summaryOf = (name: string, { setup, findings, made }: Concluded) => ({
  study: name,
  task: setup.task,
  budget: setup.budget,
  adapter: made.adapters.join(', '),
  seed: setup.seed,
  seeds: setup.seeds,
  best: findings.best,
  importance: findings.importance,
  rows: findings.rows.map(plainRow),
});

/** The text of results.json. */
export const resultsText = (name: string, concluded: Concluded): string =>
  `${JSON.stringify(
    { ...summaryOf(name, concluded), findings: concluded.findings, cells: concluded.made.lines },
    null,
    1,
  )}\n`;

/** Tables that are longer stand behind the figures. */
const LONG = 16;

/** The HTML page of a study: table, figures, notes, and the settings and times of all cells. */
export async function studyPage(concluded: Concluded): Promise<string> {
  const { title, claim, source, command, setup, findings, made } = concluded;
  const figures = await figureSections(findings);
  const results = resultsSection(findings);
  const long = studyTable(findings).cells.length > LONG;
  return htmlPage({
    title,
    remark: findings.remark,
    against: findings.against,
    sections: [...(long ? [...figures, results] : [results, ...figures]), howItWasMade(findings, made)],
    command,
    facts: [made.adapters.join(', '), `budget ${setup.budget}`, `seed ${setup.seed}`, duration(made.seconds)],
    made: stampOf(made),
    foot: `Claim: ${claim}. Source: ${source}.`,
  });
}

function resultsSection(findings: Findings): Section {
  const { head, cells } = studyTable(findings);
  const compared = !findings.table && head.includes('published');
  return {
    title: compared ? 'Beside the published numbers' : 'Results',
    body: htmlTable(head, cells, (_, i) => (findings.table ? '' : colourOf(findings.rows[i]))),
  };
}

const figureSections = ({ figures }: Findings): Promise<Section[]> =>
  Promise.all(
    figures.map(async (figure) => {
      const caption = figure.caption ? `<p>${html(figure.caption)}</p>\n` : '';
      return { title: figure.title, body: `${caption}<figure>${await draw(figure)}</figure>` };
    }),
  );

/** What times mean of parts that ran at several times: the machine, or what else it did, was another. */
const timesNote = ({ versions, days }: Made): string[] =>
  versions.length > 1 || days.length > 1
    ? [
        'The parts ran at several times: what two of different times took, or did in a second, is no comparison.',
      ]
    : [];

function howItWasMade({ notes }: Findings, made: Made): Section {
  const { lines, count } = made;
  const which = count > lines.length ? `The first ${lines.length} of ${count}` : `All ${count}`;
  const parts = htmlTable(
    ['part', 'settings', 'time'],
    lines.map(({ cell, settings, seconds }) => [cell, settingsText(settings), duration(seconds)]),
    undefined,
    { prose: true },
  );
  return {
    title: 'How it was made',
    body: `<ul>${[...notes, ...timesNote(made)].map((note) => `<li>${html(note)}</li>`).join('\n')}</ul>
<details><summary>${which} parts with their settings</summary>${parts}</details>`,
  };
}

/** `learningRate 0.02, hidden 128`; lists by their ends. */
function settingsText(settings: unknown): string {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return value.length > 4 ? `${value[0]} … ${value.at(-1)}` : value.join(' ');
    return value && typeof value === 'object' ? `(${settingsText(value)})` : String(value);
  };
  return Object.entries(settings as object)
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(', ');
}
