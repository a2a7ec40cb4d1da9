// Reports of runs and studies as they are committed, and all pictures on one page.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Page, Place } from './frame.ts';
import { escape } from './words.ts';

const RESULTS = 'examples/results';
const SEEN = 'examples/live/seen';
const KINDS = ['.html', '.svg', '.mid', '.wav', '.txt'];

/** Copies a file of the repository into the site. */
export function copy(file: string, folder: string, path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  cpSync(file, join(folder, path));
}

/** Copies reports with what they show; gives the reports. */
export function copyReports(folder: string): Place[] {
  const names = readdirSync(RESULTS, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  );
  const kept = names.filter((name) => KINDS.includes(extname(name))).sort();
  for (const name of kept) copy(`${RESULTS}/${name}`, folder, `results/${name}`);
  const reports = kept.filter((name) => name.endsWith('/report.html'));
  return reports.map((name) => ({ title: titleOf(`${RESULTS}/${name}`, name), path: `results/${name}` }));
}

function titleOf(file: string, name: string): string {
  const found = /<title>([^<]*)<\/title>/.exec(readFileSync(file, 'utf8'))?.[1] ?? name;
  return found
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"');
}

/** All pictures: of results, and of the live page in both themes. */
export function galleryPage(folder: string, reports: readonly Place[]): Page {
  const pictures = readdirSync(RESULTS, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.svg'))
    .sort();
  const figures = pictures.map((name) => {
    const report = reports.find(({ path }) => path === `results/${dirname(name)}/report.html`);
    const { title, path } = report ?? {
      title: 'What trained models make',
      path: 'results/generate/index.html',
    };
    const words = `<a href="${path}">${escape(title)}</a>`;
    const alt = escape(`${title}: ${basename(name, '.svg')}`);
    return `<figure><a href="results/${name}"><img src="results/${name}" alt="${alt}" loading="lazy"></a>
<figcaption>${words}</figcaption></figure>`;
  });
  const scenes = existsSync(`${SEEN}/light`) ? readdirSync(`${SEEN}/light`) : [];
  const seen = scenes
    .filter((name) => name.endsWith('-1200.webp'))
    .map((name) => {
      for (const theme of ['light', 'dark'])
        copy(`${SEEN}/${theme}/${name}`, folder, `pictures/${theme}/${name}`);
      const scene = name.replace('-1200.webp', '');
      return `<figure><picture>
<source srcset="pictures/dark/${name}" media="(prefers-color-scheme: dark)">
<img src="pictures/light/${name}" alt="The scene ${scene} of the live page" loading="lazy"></picture>
<figcaption>The live page: ${scene}</figcaption></figure>`;
    });
  const body = `<h1>Gallery</h1>
<p class="lead">What was measured and what was learned, in pictures. Each is drawn from committed numbers.</p>
<div class="gallery">${figures.join('\n')}</div>
<h2 id="live">The live page</h2>
<div class="gallery">${seen.join('\n')}</div>`;
  return { path: 'gallery.html', title: 'Gallery', body };
}
