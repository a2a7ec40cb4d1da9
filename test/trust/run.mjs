// Loads what is trusted, and tried, as the tests load it: TypeScript, and kernels as modules.

import { fileURLToPath } from 'node:url';
import { loadConfigFromFile, runnerImport } from 'vite';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const kernels = config.plugins.find(({ name }) => name === 'seqgpu:wgsl');
const options = { resolve: config.resolve, plugins: [kernels] };
const { module } = await runnerImport('test/trust/main.node.ts', options);
await module.main(process.argv.slice(2));
