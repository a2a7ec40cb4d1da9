// The first page: what there is to read.

import type { Page, Place } from './frame.ts';
import type { Kernel } from './kernels.node.ts';
import { escape } from './words.ts';

const ASIDE = 'results/claims/report.html';

/** The first page. `lists`: pages by part; `parts`: those of the line at the top. */
export function homePage(
  lists: readonly { readonly title: string; readonly places: readonly Place[] }[],
  reports: readonly Place[],
  kernels: readonly Kernel[],
  parts: readonly Place[],
): Page {
  const items = (places: readonly Place[]) =>
    places.map(({ title, path }) => `<li><a href="${path}">${escape(title)}</a></li>`).join('\n');
  const card = (title: string, places: readonly Place[], more = '') =>
    `<section class="card"><h2>${title}</h2>${more}<ul>${items(places)}</ul></section>`;
  const of = (name: string) => lists.find(({ title }) => title === name)!.places;
  const studies = reports.filter(({ path }) => path.includes('/study-'));
  const runs = reports.filter((one) => !studies.includes(one) && one.path !== ASIDE);
  const built = parts.filter(({ title }) => ['API', 'Live page'].includes(title));
  const kinds = [...new Set(kernels.map(({ kind }) => kind))];
  const list = 'kernels/index.html';
  const all = [
    { title: `All ${kernels.length} kernels`, path: list },
    ...kinds.map((kind) => ({ title: kind, path: `${list}#${kind}` })),
  ];
  const body = `<h1>Sequence models, trained on the GPU</h1>
<p class="lead">seqgpu trains sequence models in the browser and in Node, with handwritten WGSL kernels and no ML
framework. Begin with <a href="guides/first-model.html">a first model</a>, in ten minutes. <code>/</code> goes to the search, which finds guides, headings, kernels and reports.</p>
<div class="cards">
${card('Guides', of('Guides'))}
${card('Kernels', [...of('Kernels'), ...all])}
${card('Results', [...of('Results'), { title: 'All claims', path: ASIDE }, { title: 'Gallery', path: 'gallery.html' }])}
${card('Studies', studies)}
${card('Runs', runs)}
${card('More', [...built, ...of('More')])}
</div>`;
  return { path: 'index.html', title: 'Documentation', body };
}
