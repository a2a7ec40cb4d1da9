// A report as one HTML page that needs no other file: sections with pictures and tables, and a foot that says how it
// was made.

import { version } from '../../package.json';
import { numericColumns } from './text.node';

/** A part of a page. */
export interface Section {
  readonly title: string;
  /** Small, beside the title. */
  readonly aside?: string;
  /** HTML. */
  readonly body: string;
}

/** A report as a page of HTML. */
export interface Page {
  readonly title: string;
  /** What is to be seen, in a sentence. */
  readonly remark?: string;
  /** What speaks against the claim, a sentence each. */
  readonly against?: readonly string[];
  readonly sections: readonly Section[];
  /** What a shell needs to do it again. */
  readonly command: string;
  /** E.g. adapter and time. */
  readonly facts: readonly string[];
  /** The version that measured, and when; default: this version, today. */
  readonly made?: string;
  readonly foot?: string;
}

/** What made a page, and the day. */
export const madeNow = (): string => `seqgpu ${version} · ${new Date().toISOString().slice(0, 10)}`;

/** The page as HTML, whole in one file. */
export function htmlPage(page: Page): string {
  const { title, remark, against = [], sections, command, facts, made = madeNow(), foot } = page;
  const body = sections.map(
    (section) => `<section>
<h2>${html(section.title)}${section.aside ? ` <small>${html(section.aside)}</small>` : ''}</h2>
${section.body}
</section>`,
  );
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
${against.length ? `<ul class="against">${against.map((one) => `<li>${html(one)}</li>`).join('\n')}</ul>` : ''}
${body.join('\n')}
<footer>
<p><code>${html(command)}</code></p>
<p>${html([...facts, made].filter(Boolean).join(' · '))}</p>
${foot ? `<p>${html(foot)}</p>` : ''}
</footer>
</body>
</html>
`;
}

/** Columns of a table from which on it is set closer. */
const MANY_COLUMNS = 9;
/** Letters of a word from which on it may break anywhere. */
const LONG_WORD = 32;

/**
 * Cells are text; numbers stand to the right. A row's class colours it: see STYLE. `prose`: cells are sentences, and on
 * a narrow screen stand one below the other.
 */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  classOf: (row: readonly string[], i: number) => string = () => '',
  { prose = false }: { readonly prose?: boolean } = {},
): string {
  const numeric = numericColumns(head, rows);
  const cells = (tag: string, row: readonly string[]) =>
    row
      .map((cell, i) => {
        const isLong = cell.split(/\s/).some(({ length }) => length >= LONG_WORD);
        const names = [numeric[i] && 'number', isLong && 'long'].filter(Boolean).join(' ');
        const label = prose && tag === 'td' ? ` data-head="${html(head[i])}"` : '';
        return `<${tag}${names && ` class="${names}"`}${label}>${html(cell)}</${tag}>`;
      })
      .join('');
  const body = rows.map((row, i) => {
    const name = classOf(row, i);
    return `<tr${name && ` class="${name}"`}>${cells('td', row)}</tr>`;
  });
  const kinds = [prose && 'prose', head.length >= MANY_COLUMNS && 'dense'].filter(Boolean).join(' ');
  return `<div class="wide"><table${kinds && ` class="${kinds}"`}>
<thead><tr>${cells('th', head)}</tr></thead>
<tbody>${body.join('\n')}</tbody>
</table></div>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Words as HTML: what would be markup is escaped. */
export const html = (words: string): string => words.replace(/[&<>"]/g, (letter) => ENTITIES[letter]);

const STYLE = `
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif; color: #2b303b;
  background: #f4f5f8; max-width: 912px; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
h2 small { font-weight: normal; color: #6b7382; margin-left: .5rem; }
.remark { font-size: 1.05rem; margin: 0 0 1rem; }
.against { margin: 0 0 1.5rem; padding: .6rem 1rem .6rem 2rem; background: #fff6ee; border-left: 3px solid #d55e00; }
.against::before { content: 'What speaks against the claim'; display: block; margin-left: -1rem; font-weight: 600; }
section { background: #fff; border: 1px solid #e1e4ea; border-radius: 10px;
  padding: 1.25rem 1.5rem; margin: 0 0 1.5rem; }
section > p { color: #6b7382; margin: -.4rem 0 .6rem; }
section > ul { margin: 0; padding-left: 1.2rem; color: #4b5361; font-size: .92rem; }
figure { margin: 0 -.5rem; }
/* Multiplied, its white lets the shadows through. */
figure svg { width: 100%; min-width: 560px; height: auto; display: block; mix-blend-mode: multiply; }
/* What goes on beyond an edge has a shadow there. */
.wide, figure { overflow-x: auto; background: linear-gradient(to right, #fff 40%, #fff0) left / 2.5rem 100% local,
  linear-gradient(to left, #fff 40%, #fff0) right / 2.5rem 100% local,
  linear-gradient(to right, #2b303b40, #2b303b00) left / .7rem 100% scroll,
  linear-gradient(to left, #2b303b40, #2b303b00) right / .7rem 100% scroll; background-repeat: no-repeat; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin-top: .5rem;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: #6b7382; border-bottom: 1px solid #cfd4dd; }
th, td { padding: .3rem .9rem .3rem 0; vertical-align: top; }
td { border-bottom: 1px solid #edeff3; }
.number { text-align: right; }
td.number { white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
.dense { font-size: .82rem; }
.dense th, .dense td { padding-right: .6rem; }
.long { overflow-wrap: anywhere; min-width: 9rem; }
tr.pale td { color: #7b8494; font-style: italic; }
tr.better td:last-child { color: #00775a; }
tr.worse td:last-child { color: #b34a00; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: #6b7382; }
footer { color: #6b7382; font-size: .85rem; }
footer p { margin: .25rem 0; }
code { overflow-wrap: anywhere; }
@media (max-width: 600px) {
  body { margin: 1.25rem auto; padding: 0 .6rem; }
  section { padding: 1rem .9rem; }
  .prose thead { display: none; }
  .prose tr, .prose td { display: block; text-align: left; white-space: normal; }
  .prose tr { border-bottom: 1px solid #cfd4dd; padding: .5rem 0; }
  .prose td { border: 0; padding: .1rem 0; }
  .prose td::before { content: attr(data-head) ': '; color: #6b7382; }
}
`;
