// The parts of the site that others write lead to the rest of it: pages of the API, by TypeDoc, and the live page, by Vite.

import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkFrom } from './frame.ts';

/** What links in typedoc.json begin with: their places are counted from the folder of the documentation. */
const HERE = 'docs:';
const LINK = new RegExp(`<a\\b[^>]*href="${HERE}([^"]*)"[^>]*>[^<]*</a>`, 'g');

/** Has pages of the API link to places of the documentation in `folder`; to those that are not there they do not. */
export function joinApi(folder: string): void {
  const api = join(folder, 'api');
  if (!existsSync(api)) return;
  const names = readdirSync(api, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((one) => one.endsWith('.html'))) {
    const path = `api/${name.replaceAll('\\', '/')}`;
    const text = readFileSync(join(api, name), 'utf8');
    const joined = text.replaceAll(LINK, (link, place: string) =>
      existsSync(join(folder, place)) ? link.replace(HERE + place, linkFrom(path, place)) : '',
    );
    if (joined !== text) writeFileSync(join(api, name), joined);
  }
}

const FOOTER = `<footer class="columns">
      <p class="remark"><a href="docs/index.html">Documentation</a>: guides, kernels, results</p>
    </footer>`;

/** Has the live page of the site, if it is there, link to the documentation beside it. */
export function joinLive(site: string): void {
  const page = join(site, 'index.html');
  if (!existsSync(page)) return;
  const text = readFileSync(page, 'utf8');
  if (!text.includes(FOOTER)) writeFileSync(page, text.replace(/(?=\s*<\/body>)/, `\n    ${FOOTER}`));
}
