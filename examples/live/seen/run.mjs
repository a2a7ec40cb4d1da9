// `node examples/live/seen/run.mjs shots [SCENE …]` looks at every scene in both themes, on a desktop and on a phone;
// `… measure [SCENE …]` says how soon the first curve is there, and how long frames and tasks of the page take while it
// trains; `… restarts` what fifty restarts leave in memory, `… training` what half an hour does. All take the page as
// `npm run live` has built it.

import { fileURLToPath } from 'node:url';
import { loadConfigFromFile, runnerImport } from 'vite';

process.chdir(fileURLToPath(new URL('../../..', import.meta.url)));
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const kernels = config.plugins.find(({ name }) => name === 'seqgpu:wgsl');
const options = { resolve: config.resolve, plugins: [kernels] };
await runnerImport('examples/live/seen/main.node.ts', options);
