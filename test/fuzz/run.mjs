// Loads the fuzzer as the tests load it: TypeScript, and kernels as modules.

import { loadConfigFromFile, runnerImport } from 'vite';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const [kernels] = config.plugins;
await runnerImport('test/fuzz/main.node.ts', { resolve: config.resolve, plugins: [kernels] });
// Dawn's threads would keep the process.
process.exit();
