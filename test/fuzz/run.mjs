// Loads the fuzzer as the tests load it: TypeScript, and kernels as modules. With --deno the same in Deno, on wgpu.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loadConfigFromFile, runnerImport } from 'vite';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { config } = await loadConfigFromFile({ command: 'build', mode: 'test' });
const kernels = config.plugins.find(({ name }) => name === 'seqgpu:wgsl');
const load = async (path) =>
  (await runnerImport(path, { resolve: config.resolve, plugins: [kernels] })).module;

const given = process.argv.slice(2);
if (given.includes('--deno')) {
  const { vulkanEnvironment } = await load('src/gpu/device/vulkan.node.ts');
  const deno = ['node_modules/deno/bin.cjs', 'run', '--allow-all', '--no-lock', 'test/fuzz/run.mjs'];
  const parameters = given.filter((word) => word !== '--deno');
  const child = spawn(process.execPath, [...deno, ...parameters], {
    stdio: 'inherit',
    env: vulkanEnvironment(),
  });
  child.on('close', (code) => process.exit(code ?? 1));
} else {
  await load('test/fuzz/main.node.ts');
  // Dawn's threads would keep the process.
  process.exit();
}
