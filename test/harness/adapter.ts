// Prints the adapter that Node gets, as one line; installs a Chrome for its software GPU when there is no adapter.
// Ends with 1, what was tried and advice when no adapter can be had. Run by run.mjs.

import { findOrInstallChrome } from '../../src/cli/browser/browser.node';
import { nodeGpu } from '../../src/gpu/device/node';

let { gpu, tried } = await nodeGpu();
let adapter = await gpu?.requestAdapter();
if (!adapter) {
  // Standard error: the first line of standard output is the adapter's.
  const log = (line: string) => console.error(line);
  await findOrInstallChrome({ log }).catch((error) => log(String(error)));
  ({ gpu, tried } = await nodeGpu());
  adapter = await gpu?.requestAdapter();
}
if (adapter) {
  const { vendor, architecture, description, device, isFallbackAdapter } = adapter.info;
  const name = [vendor, architecture].filter(Boolean).join(' ') || device;
  console.log(
    `adapter: ${name}${description && ` — ${description}`}${isFallbackAdapter ? ' (software)' : ''}`,
  );
} else {
  console.log('adapter: none');
  for (const line of tried) console.log(`    tried  ${line}`);
  console.log("    fix: install Chrome or Chromium, which bring a software GPU, or the GPU's Vulkan driver.");
  process.exitCode = 1;
}
