// Writes the documentation as a folder of plain pages, which any static host serves under any path, and which can be
// read without one: guides, kernels, reports, pictures, and an index to search in.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { framed, linkFrom, type Page, type Place } from './frame.ts';
import { homePage } from './home.ts';
import { joinApi, joinLive } from './joined.node.ts';
import { kernelPages, kernelsOf } from './kernels.node.ts';
import { htmlOf, type Finder, type Heading } from './markdown.node.ts';
import { ABOUT_KERNELS, GUIDES, OTHERS, RESULTS, TEXTS, type Text } from './plan.ts';
import { copy, copyReports, galleryPage } from './results.node.ts';
import { block, escape } from './words.ts';

/** What the site was written as. */
export interface Written {
  readonly folder: string;
  /** How many pages of its own it has. */
  readonly pages: number;
}

/** An entry of the index: what is looked for, where it is, and of what it is a part. */
type Entry = readonly [title: string, path: string, part: string];

const ASSETS = 'examples/docs/site/assets';
const CODE: Readonly<Record<string, string>> = {
  '.ts': 'ts',
  '.tsx': 'ts',
  '.mjs': 'ts',
  '.py': 'py',
  '.wgsl': 'wgsl',
};
const GROUPS = [
  { title: 'Guides', texts: GUIDES },
  { title: 'Kernels', texts: ABOUT_KERNELS },
  { title: 'Results', texts: RESULTS },
  { title: 'More', texts: OTHERS },
];

/** Writes it into `docs` of the site's folder; the API of TypeDoc, if it is there, stays. */
export async function writeSite(site: string): Promise<Written> {
  const folder = join(site, 'docs');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name !== 'api') rmSync(join(folder, name), { recursive: true });
  for (const name of readdirSync(ASSETS)) copy(`${ASSETS}/${name}`, folder, name);

  const reports = copyReports(folder);
  const kernels = kernelsOf();
  const sources = new Set<string>();
  const byFile = new Map<string, string>([
    ...TEXTS.map(({ file, path }) => [file, path] as const),
    ...kernels.map(({ file, path }) => [file, path] as const),
    ['README.md', 'index.html'],
  ]);
  const findFrom =
    (from: string): Finder =>
    (asked) => {
      const [file, part] = asked.split('#');
      const raw = part === 'raw';
      const known = raw ? undefined : (byFile.get(file) ?? byFile.get(posix.join(file, 'README.md')));
      const place = known ?? placeOfFile(file, folder, raw ? null : sources);
      return place && linkFrom(from, place);
    };
  const texts = TEXTS.map((text) => textPage(text, findFrom(text.path)));
  const titles = new Map(texts.map(({ page }, i) => [page.path, TEXTS[i].title ?? page.title]));
  const placesOf = (list: readonly Text[]) => list.map(({ path }) => ({ title: titles.get(path)!, path }));
  const besides = GROUPS.map(({ title, texts: list }) => ({ title, places: placesOf(list) }));
  const pages: Page[] = texts.map(({ page }) => ({
    ...page,
    beside: besides.find(({ places }) => places.some(({ path }) => path === page.path)),
  }));
  pages.push(...kernelPages(kernels, findFrom), galleryPage(folder, reports));
  const api = apiPlaces(folder);
  const parts = partsOf(api.length > 0, existsSync(join(site, 'index.html')));
  pages.push(homePage(besides, reports, kernels, parts));
  for (const file of sources) pages.push(sourcePage(file));
  for (const page of pages) write(folder, page.path, framed(page, parts));
  joinApi(folder);
  joinLive(site);
  const entries: Entry[] = [
    ...texts.flatMap(({ page, headings }) => entriesOf(page, headings)),
    ...kernels.map(({ name, path, summary }): Entry => [`${name} — ${summary}`, path, 'kernel']),
    ...reports.map(({ title, path }): Entry => [title, path, 'report']),
    ...api.map(({ title, path }): Entry => [title, path, 'API']),
    ['Gallery', 'gallery.html', 'pictures'],
  ];
  write(folder, 'index.js', `globalThis.PLACES = ${JSON.stringify(entries)};\n`);
  return { folder, pages: pages.length };
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** The parts in the line at the top; API and live page where they were built. */
function partsOf(api: boolean, live: boolean): Place[] {
  return [
    { title: 'Guides', path: GUIDES[0].path },
    ...(api ? [{ title: 'API', path: 'api/index.html' }] : []),
    { title: 'Kernels', path: 'kernels/index.html' },
    { title: 'Results', path: 'results/index.html' },
    { title: 'Gallery', path: 'gallery.html' },
    ...(live ? [{ title: 'Live page', path: '../index.html' }] : []),
  ];
}

/** Where a file that is no page of its own is found, code as a page if there is a list of such; null: a folder. */
function placeOfFile(file: string, folder: string, sources: Set<string> | null): string | null {
  if (file.startsWith('..') || !existsSync(file)) throw new Error(`${file} is linked, and is not there.`);
  if (statSync(file).isDirectory()) return null;
  if (sources && extname(file) in CODE) {
    sources.add(file);
    return `source/${file}.html`;
  }
  const path = file.startsWith('examples/results/') ? file.replace('examples/', '') : `files/${file}`;
  if (!existsSync(join(folder, path))) copy(file, folder, path);
  return path;
}

function textPage({ file, path }: Text, find: Finder): { page: Page; headings: readonly Heading[] } {
  const { html, headings } = htmlOf(readFileSync(file, 'utf8'), file, find);
  return { page: { path, title: headings[0].title, body: html }, headings };
}

const sourcePage = (file: string): Page => ({
  path: `source/${file}.html`,
  title: file,
  body: `<h1><code>${escape(file)}</code></h1>\n${block(readFileSync(file, 'utf8'), CODE[extname(file)])}`,
});

const entriesOf = ({ path, title }: Page, headings: readonly Heading[]): Entry[] =>
  headings.map(({ title: name, anchor, depth }) =>
    depth === 1 ? [name, path, 'page'] : [name, `${path}#${anchor}`, title],
  );

/** What TypeDoc has pages for. */
function apiPlaces(folder: string): Place[] {
  const api = join(folder, 'api');
  if (!existsSync(api)) return [];
  const kinds = readdirSync(api, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return kinds
    .filter(({ name }) => ['functions', 'classes', 'interfaces', 'types', 'variables'].includes(name))
    .flatMap(({ name: kind }) =>
      readdirSync(join(api, kind)).map((name) => ({
        title: name.replace(/\.html$/, '').replace(/^index\./, ''),
        path: `api/${kind}/${name}`,
      })),
    );
}
