// A page for every kernel: what its header says, its WGSL, who launches it, what was tried, and what was measured.

import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { lexer, type Token } from 'marked';
import type { Report, ReportRow } from '../../../src/bench/report.ts';
import type { Page, Place } from './frame.ts';
import { linkFrom } from './frame.ts';
import { htmlOf, type Finder } from './markdown.node.ts';
import { ABOUT, ABOUT_KERNELS } from './plan.ts';
import { anchorOf, block, escape } from './words.ts';

/** A kernel of the repository. */
export interface Kernel {
  readonly name: string;
  readonly kind: string;
  readonly file: string;
  readonly path: string;
  /** What it is, in a line. */
  readonly summary: string;
  /** The rest of its header. */
  readonly header: readonly string[];
  readonly code: string;
}

const NOTES = 'shaders/PERFORMANCE.md';
const BENCHES = 'examples/bench/results';

/** All kernels, by their kind and name. */
export function kernelsOf(): Kernel[] {
  const files = readdirSync('shaders', { recursive: true, encoding: 'utf8' });
  const named = files.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.wgsl'));
  return named.sort().map((path) => {
    const text = readFileSync(`shaders/${path}`, 'utf8');
    const lines = text.split('\n');
    const end = lines.findIndex((line) => !line.startsWith('//'));
    const [first, ...header] = lines.slice(0, end).map((line) => line.slice(2).replace(/^ /, ''));
    const [kind, base] = path.split('/');
    const name = posix.basename(base, '.wgsl');
    // Its own name is the heading; a summary of two lines goes on where the first ends.
    const blank = header.findIndex((line) => !line.trim());
    const summary = [first, ...header.slice(0, blank < 0 ? header.length : blank)].join(' ');
    return {
      ...{ name, kind, file: `shaders/${path}`, path: `kernels/${name}.html`, code: text },
      summary: summary.replace(/^\S+ — /, ''),
      header: blank < 0 ? [] : header.slice(blank + 1),
    };
  });
}

/** The header as paragraphs; what is indented stands as it does in the file, in as few blocks as there can be. */
function proseOf(header: readonly string[]): string {
  const parts: { set: boolean; text: string }[] = [];
  for (const text of header.join('\n').split(/\n\s*\n/)) {
    if (!text.trim()) continue;
    const set = text.split('\n').every((line) => line.startsWith('  '));
    const last = parts.at(-1);
    if (set && last?.set) last.text += `\n\n${text}`;
    else parts.push({ set, text });
  }
  const html = ({ set, text }: { set: boolean; text: string }) =>
    set ? block(text.replace(/^ {2}/gm, '')) : `<p>${escape(text)}</p>`;
  return parts.map(html).join('\n');
}

/** By section of PERFORMANCE.md, its parts. */
function notes(): { readonly title: string; readonly parts: readonly Token[] }[] {
  const sections: { title: string; parts: Token[] }[] = [];
  for (const token of lexer(readFileSync(NOTES, 'utf8'))) {
    if (token.type === 'heading') sections.push({ title: token.text ?? '', parts: [] });
    else if (token.type === 'list') sections.at(-1)!.parts.push(...token.items!);
    else sections.at(-1)!.parts.push(token);
  }
  return sections;
}

/** Beginnings of sections that ABOUT names and PERFORMANCE.md has not. */
export const lostSections = (): string[] =>
  ABOUT.map(({ section }) => section).filter(
    (begin) => !notes().some(({ title }) => title.startsWith(begin)),
  );

function triedOf({ name, path }: Kernel, find: Finder): string {
  const own = ABOUT.filter(({ kernels }) => kernels.test(name)).map(({ section }) => section);
  const made = notes().flatMap(({ title, parts }) => {
    const whole = own.some((begin) => title.startsWith(begin));
    const told = whole ? parts : parts.filter(({ raw }) => raw.includes(`\`${name}\``));
    const text = told.map(({ raw }) => raw.trimEnd()).join('\n\n');
    if (!text) return [];
    const place = `${linkFrom(path, 'kernels/performance.html')}#${anchorOf(title.replaceAll('`', ''))}`;
    return [`<h3><a href="${place}">${escape(title)}</a></h3>\n${htmlOf(text, NOTES, find).html}`];
  });
  return made.join('\n') || '<p>Nothing was written down about this kernel yet.</p>';
}

/** The newest measurements first. */
const benches = (): { readonly file: string; readonly report: Report }[] =>
  readdirSync(BENCHES)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
    .map((name) => ({
      file: `${BENCHES}/${name}`,
      report: JSON.parse(readFileSync(`${BENCHES}/${name}`, 'utf8')) as Report,
    }));

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(Number(value.toPrecision(3)));

/** A table with numbers to the right, from its third column on. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (tag: string) => (text: string, i: number) =>
    `<${tag}${i > 1 ? ' class="number"' : ''}>${escape(text)}</${tag}>`;
  const line = (tag: string) => (row: readonly string[]) => `<tr>${row.map(cell(tag)).join('')}</tr>`;
  return `<div class="scrolls" tabindex="0"><table><thead>${line('th')(head)}</thead>
<tbody>${rows.map(line('td')).join('\n')}</tbody></table></div>`;
}

function measuredOf({ name, path }: Kernel, find: Finder): string {
  const made: string[] = [];
  const cases = ABOUT.filter(({ kernels }) => kernels.test(name)).flatMap(({ cases: one }) => one ?? []);
  const told = (file: string, report: Report, what: string) =>
    `<p>${what}, on ${escape(report.adapter)} (kernels: ${escape(report.family)}), ${report.date.slice(0, 10)}: ` +
    `<a href="${find(file)}">${escape(posix.basename(file))}</a>.</p>`;
  const list = benches();
  const alone = list.find(({ report }) => report.rows.some((row) => launchesOf(row, name)));
  if (alone) {
    const rows = alone.report.rows.flatMap((row) => {
      const one = launchesOf(row, name);
      return one ? [[row.name, row.about, String(one.launches), number(one.ms)]] : [];
    });
    made.push(told(alone.file, alone.report, 'This kernel by itself'));
    made.push(table(['case', 'what', 'launches', 'ms'], rows));
  }
  const whole = list.find(({ report }) => report.rows.some((row) => cases.some((one) => one.test(row.name))));
  if (whole) {
    const rows = whole.report.rows
      .filter((row) => row.ms !== null && cases.some((one) => one.test(row.name)))
      .map((row) => [row.name, row.about, number(row.ms), number(row.gflops), number(row.gbps)]);
    made.push(told(whole.file, whole.report, 'Its op, by whichever of its kernels this adapter took'));
    made.push(table(['case', 'what', 'ms', 'GFLOP/s', 'GB/s'], rows));
  }
  const speed = linkFrom(path, 'results/bench.html');
  const how = `<p>On your own adapter: <code>npx seqgpu bench --kernels</code>; <a href="${speed}">how it is read</a>.</p>`;
  return (made.join('\n') || '<p>No committed measurement names this kernel.</p>') + how;
}

const launchesOf = ({ kernels }: ReportRow, name: string) => kernels.find(({ kernel }) => kernel === name);

/** Files of src/ that launch a kernel, by its file. */
function launchers(): (file: string) => string[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = files.map((name) => ({
    name: `src/${name.replaceAll('\\', '/')}`,
    text: readFileSync(`src/${name}`, 'utf8'),
  }));
  return (file) => texts.filter(({ text }) => text.includes(`${file}'`)).map(({ name }) => name);
}

/** The pages of all kernels, and of their list. `find`: gives where a file is found from a page. */
export function kernelPages(kernels: readonly Kernel[], findFrom: (path: string) => Finder): Page[] {
  const usersOf = launchers();
  const pages = kernels.map((kernel): Page => {
    const { name, kind, file, path, summary, header, code } = kernel;
    const find = findFrom(path);
    const users = usersOf(file).map((user) => `<a href="${find(user)}"><code>${user}</code></a>`);
    const body = `<h1>${name}</h1>
<p class="lead">${escape(summary)}</p>
${proseOf(header)}
${users.length ? `<p>Launched by ${users.join(', ')}.</p>` : ''}
<h2 id="measured">Measured</h2>
${measuredOf(kernel, find)}
<h2 id="tried">What it costs, and what was tried</h2>
${triedOf(kernel, find)}
<h2 id="wgsl">WGSL</h2>
<p>A whole program: <a href="${find(`${file}#raw`)}">${file}</a> compiles as it stands.</p>
${block(code.split('\n').slice(headerLines(code)).join('\n').trim(), 'wgsl')}`;
    const places = kernels
      .filter((one) => one.kind === kind)
      .map(({ name: title, path: at }) => ({ title, path: at }));
    return { path, title: name, body, beside: { title: kind, places } };
  });
  return [listPage(kernels), ...pages];
}

const headerLines = (code: string) => code.split('\n').findIndex((line) => !line.startsWith('//'));

function listPage(kernels: readonly Kernel[]): Page {
  const path = 'kernels/index.html';
  const kinds = [...new Set(kernels.map(({ kind }) => kind))];
  const lists = kinds.map((kind) => {
    const rows = kernels
      .filter((one) => one.kind === kind)
      .map(
        (one) =>
          `<dt><a href="${linkFrom(path, one.path)}">${one.name}</a></dt><dd>${escape(one.summary)}</dd>`,
      );
    return `<h2 id="${kind}">${kind}</h2>\n<dl>${rows.join('\n')}</dl>`;
  });
  const about = ABOUT_KERNELS.map(({ path: at }) => linkFrom(path, at));
  const body = `<h1>Kernels</h1>
<p class="lead">${kernels.length} files of WGSL, one kernel each, and each a whole program.
<a href="${about[0]}">Their conventions</a>, and <a href="${about[1]}">what made them fast</a>.</p>
${lists.join('\n')}`;
  const places: Place[] = kinds.map((kind) => ({ title: kind, path: `${path}#${kind}` }));
  return { path, title: 'Kernels', body, beside: { title: 'Kinds', places } };
}
