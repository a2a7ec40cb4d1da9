// A report of one run or of several side by side: one HTML page that needs no other file.

import { version } from '../../package.json';
import { chart } from './chart.node';
import type { Outcome } from './outcome.node';
import { kebabCase } from './flags';
import { count, duration, figures, measure } from './text.node';

export interface Report {
  readonly title: string;
  /** What a shell needs to do it again. */
  readonly command: string;
  /** Of one task or of several: each task has its own picture. */
  readonly outcomes: readonly Outcome[];
  /** What is to be seen, in a sentence. */
  readonly remark?: string;
}

export async function reportPage({ title, command, outcomes, remark }: Report): Promise<string> {
  const sections: string[] = [];
  for (const task of new Set(outcomes.map(({ settings }) => settings.task))) {
    const runs = outcomes.filter(({ settings }) => settings.task === task);
    sections.push(`<section>
<h2>${html(runs[0].title)} <small>${html(runs[0].metric)}</small></h2>
<figure>${await chart(runs)}</figure>
${results(runs)}
<details${outcomes.length === 1 ? ' open' : ''}><summary>Settings</summary>${settingsTable(runs)}</details>
</section>`);
  }
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  const adapters = [...new Set(outcomes.map(({ adapter }) => adapter))].join(', ');
  const date = new Date().toISOString().slice(0, 10);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${html(title)}</h1>
${remark ? `<p class="remark">${html(remark)}</p>` : ''}
${sections.join('\n')}
<footer>
<p><code>${html(command)}</code></p>
<p>${html(adapters)} · ${duration(seconds)} · seqgpu ${version} · ${date}</p>
<p>Validation chose the parameters; the test split was measured once, with those.
Rows in quotes take no network.</p>
</footer>
</body>
</html>
`;
}

function results(runs: readonly Outcome[]): string {
  const [{ metric, anchors, test }] = runs;
  const others = Object.keys(test).filter((name) => name !== metric);
  const head = ['model', 'parameters', 'validation', 'test', ...others, 'steps', 'steps/s', 'time'];
  const rows = runs.map((run) => [
    run.settings.model.toUpperCase(),
    count(run.parameters),
    figures(run.valid[metric]),
    figures(run.test[metric]),
    ...others.map((name) => measure(name, run.test[name])),
    count(run.steps),
    figures(run.stepsPerSecond, 3),
    duration(run.seconds),
  ]);
  const none = head.slice(4).map(() => '');
  const floor = anchors.map(({ name, value }) => [`“${name}”`, '', '', figures(value), ...none]);
  return htmlTable(head, [...rows, ...floor], runs.length);
}

function settingsTable(runs: readonly Outcome[]): string {
  const all = runs.map(({ settings }) => settings as unknown as Record<string, unknown>);
  const names = [...new Set(all.flatMap((settings) => Object.keys(settings)))];
  const rows = names
    .filter((name) => name !== 'task' && name !== 'model')
    .map((name) => [wordsOf(name), ...all.map((settings) => text(settings[name]))]);
  rows.push(['adapter', ...runs.map(({ adapter }) => adapter)]);
  return htmlTable(['', ...runs.map(({ settings }) => settings.model.toUpperCase())], rows, rows.length);
}

const wordsOf = (name: string) =>
  name === 'sha256' ? 'sha256 of the data' : kebabCase(name).replaceAll('-', ' ');
const text = (value: unknown): string => (value === undefined ? '–' : String(value));

/** `strong` rows are ours, the rest are there to compare with. */
function htmlTable(head: readonly string[], rows: readonly string[][], strong: number): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${html(cell)}</${tag}>`).join('');
  const body = rows.map((row, i) => `<tr${i < strong ? '' : ' class="pale"'}>${cells('td', row)}</tr>`);
  return `<div class="wide"><table>
<thead><tr>${cells('th', head)}</tr></thead>
<tbody>${body.join('\n')}</tbody>
</table></div>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const html = (words: string): string => words.replace(/[&<>"]/g, (letter) => ENTITIES[letter]);

const STYLE = `
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif; color: #2b303b;
  background: #f4f5f8; max-width: 912px; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
h2 small { font-weight: normal; color: #6b7382; margin-left: .5rem; }
.remark { font-size: 1.05rem; margin: 0 0 1.5rem; }
section { background: #fff; border: 1px solid #e1e4ea; border-radius: 10px;
  padding: 1.25rem 1.5rem; margin: 0 0 1.5rem; }
figure { margin: 0 -.5rem; }
figure svg { width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin-top: .5rem;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: #6b7382; border-bottom: 1px solid #cfd4dd; }
th, td { padding: .3rem .9rem .3rem 0; white-space: nowrap; }
td { border-bottom: 1px solid #edeff3; }
tr.pale td { color: #7b8494; font-style: italic; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: #6b7382; }
footer { color: #6b7382; font-size: .85rem; }
footer p { margin: .25rem 0; }
`;
