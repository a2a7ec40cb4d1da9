// `node examples/docs/site/run.mjs [FOLDER]` writes guides, kernels, reports and search into FOLDER/docs, otherwise
// dist/site/docs. `npm run site` builds the live page and the API around it.

import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const folder = process.argv[2] ?? 'dist/site';
process.chdir(fileURLToPath(new URL('../../..', import.meta.url)));
const { writeSite } = (await runnerImport('examples/docs/site/site.node.ts')).module;
const { folder: out, pages } = await writeSite(folder);
process.stdout.write(`${pages} pages in ${out}\n`);
