// The claims as a page and as tables in Markdown.

import { markdownTable } from '../../bench/table';
import { fail } from '../../graph/check';
import { htmlPage, htmlTable, html } from '../../report/html.node';
import { count, duration } from '../../report/text.node';
import { RESULTS } from '../../tasks/bai2018';
import { VERDICTS, verdictsOf, type Claim, type Evidence } from '../../studies/claims/claim';
import { testOf, type RunSource } from '../../studies/claims/sources';

const HEAD = ['experiment', 'ours', 'published', 'command', 'time', 'verdict'];

const cellsOf = ({ experiment, ours, published, verdict, command, seconds }: Evidence): string[] => [
  experiment,
  ours,
  published,
  command,
  duration(seconds),
  verdict,
];

/** The HTML page of the claims, a table of experiments for each; `command` makes it again. */
export function claimsPage(claims: readonly Claim[], command: string): string {
  const sections = claims.map((claim) => ({
    title: claim.title,
    aside: verdictsOf(claim),
    body: htmlTable(HEAD, claim.evidence.map(cellsOf), (row) => COLOURS[row[5]] ?? '', { prose: true }),
  }));
  const words = Object.entries(VERDICTS).map(([verdict, meaning]) => `<li>${verdict}: ${html(meaning)}</li>`);
  return htmlPage({
    title: 'The claims of the article',
    remark:
      'J. Miller, “When Recurrent Models Don’t Need to be Recurrent” (2018): what it claims, what was measured here, ' +
      'what was published, and what the numbers make of it.',
    sections: [...sections, { title: 'What the verdicts mean', body: `<ul>${words.join('\n')}</ul>` }],
    command,
    facts: ['drawn from the results in the folders beside this one, which say when and by which version'],
    made: '',
  });
}

const COLOURS: Readonly<Record<string, string>> = {
  shown: 'better',
  'shown in small': 'better',
  contradicted: 'worse',
};

/** A line for each claim: how its verdicts stand. */
export const claimsSummary = (claims: readonly Claim[]): string =>
  markdownTable({
    head: ['the article', 'here'],
    rows: claims.map((claim) => [claim.title, verdictsOf(claim)]),
  });

/** A line for each experiment; the claim stands at its first. */
export function claimsMarkdown(claims: readonly Claim[]): string {
  const rows = claims.flatMap(({ title, evidence }) =>
    evidence.map(({ experiment, ours, published, verdict, folder, page = `${folder}/report.html` }, i) => [
      i ? '' : `**${title}**`,
      `[${experiment}](${page})`,
      ours,
      published,
      verdict,
    ]),
  );
  return markdownTable({ head: ['the article', 'measured here', 'ours', 'published', 'verdict'], rows });
}

/** Single runs: a line each. */
export function runsMarkdown(runs: ReadonlyMap<string, RunSource>): string {
  const rows = [...runs].map(([folder, run]) => {
    const { settings, title, parameters, steps, seconds } = run;
    return [
      `[${title}](${folder.split('/')[0]}/report.html)`,
      String(settings.model).toUpperCase(),
      count(parameters),
      count(steps),
      duration(seconds),
      `${valueText(testOf(run))} ${run.metric}`,
      partOf(settings),
      valueText(Math.min(...run.anchors.map(({ value }) => value))),
      publishedText(settings),
    ];
  });
  return markdownTable({
    head: [
      'task',
      'model',
      'parameters',
      'steps',
      'time',
      'test',
      'of the split',
      'no learning',
      'published',
    ],
    rows,
  });
}

function valueText(value: number): string {
  if (value < 1e-3) return value.toExponential(1);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(4);
}

/** Table 1 of Bai et al. 2018, where the run is of its task at its length. */
function publishedText({ task, model, length, evaluationImages }: RunSource['settings']): string {
  const rows: Readonly<Record<string, object>> = RESULTS;
  const elsewhere = task === 'wikitext2' || evaluationImages || (length && length !== LENGTHS[String(task)]);
  if (elsewhere) return '–';
  const value = new Map(Object.entries(rows[String(task)] ?? {})).get(String(model));
  return typeof value === 'number' ? String(value) : '–';
}

/** T of its table 1. */
const LENGTHS: Readonly<Record<string, number>> = { copy: 1000, adding: 600 };

/** Which part of the test split was measured. */
function partOf({ evaluationImages, evaluationTokens }: RunSource['settings']): string {
  if (evaluationImages) return `${count(Number(evaluationImages))} images`;
  return evaluationTokens ? `first ${count(Number(evaluationTokens))} tokens` : 'all';
}

/** The text of a file with these tables between their marks. */
export function between(file: string, text: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((made, [name, table]) => {
    const open = `<!-- ${name}: written by \`npx seqgpu claims --readme\` -->`;
    const close = `<!-- /${name} -->`;
    const [start, end] = [made.indexOf(open), made.indexOf(close)];
    if (start < 0 || end < start) {
      fail(`claims: ${file} has no place for the ${name}.`, {
        fix: `put these two lines in: ${open} and ${close}.`,
      });
    }
    return `${made.slice(0, start)}${open}\n\n${table}\n\n${made.slice(end)}`;
  }, text);
}
