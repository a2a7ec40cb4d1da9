// What all pages have: head, a line with search and the parts of the site, and places beside the page.

import { escape } from './words.ts';

/** A place in the list beside a page. */
export interface Place {
  readonly title: string;
  readonly path: string;
}

/** A page of the site. */
export interface Page {
  /** From the folder of the site, with `/`. */
  readonly path: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
  /** What stands beside it, under a heading. */
  readonly beside?: { readonly title: string; readonly places: readonly Place[] };
}

/** A link from one page of the site to another, or to one of its files. */
export function linkFrom(from: string, to: string): string {
  const above = from.split('/').slice(0, -1);
  const [file, anchor] = to.split('#');
  const parts = file.split('/');
  while (above.length && parts.length > 1 && above[0] === parts[0]) {
    above.shift();
    parts.shift();
  }
  return '../'.repeat(above.length) + parts.map(encodeURIComponent).join('/') + (anchor ? `#${anchor}` : '');
}

/** No inline script, no inline style but those of pictures, and nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'";

/** The page as HTML. `parts`: what the line at the top has. */
export function framed({ path, title, body, beside }: Page, parts: readonly Place[]): string {
  const to = (place: string) => linkFrom(path, place);
  const item = ({ title: name, path: at }: Place, on: boolean) =>
    `<a href="${to(at)}"${on ? ' aria-current="page"' : ''}>${escape(name)}</a>`;
  const folder = path.includes('/') ? path.split('/')[0] : path;
  const list = beside
    ? `<nav class="beside" aria-label="${escape(beside.title)}"><strong>${escape(beside.title)}</strong>
${beside.places.map((place) => item(place, place.path === path)).join('\n')}</nav>`
    : '';
  return `<!doctype html>
<html lang="en" data-root="${'../'.repeat(path.split('/').length - 1)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escape(title)} · seqgpu</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${to('docs.css')}">
<script defer src="${to('index.js')}"></script>
<script defer src="${to('search.js')}"></script>
</head>
<body>
<a class="skip" href="#main">To the page</a>
<header>
<a class="brand" href="${to('index.html')}"><strong>seqgpu</strong> documentation</a>
<nav aria-label="Parts">${parts.map((part) => item(part, part.path.split('/')[0] === folder)).join('\n')}</nav>
<search><label for="search">Search</label>
<input id="search" type="search" placeholder="guide, kernel, heading …" autocomplete="off" aria-controls="found">
<ul id="found" hidden></ul></search>
</header>
<div class="columns${list ? ' two' : ''}">
${list}
<main id="main" tabindex="-1">
${body}
</main>
</div>
</body>
</html>
`;
}
