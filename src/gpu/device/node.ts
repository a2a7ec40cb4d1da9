// WebGPU in Node: npm's `webgpu` (Dawn), with the real GPU where there is one and a software adapter otherwise.
// The browser has navigator.gpu and never loads this file.
//
// Dawn on Linux needs a Vulkan loader (libvulkan.so.1) and a driver's ICD file. Chrome ships both, so a machine
// that has a Chrome needs nothing installed system-wide; vulkan.node.ts knows the places.

import { isMainThread } from 'node:worker_threads';
import { backOffPolling, type DawnClasses } from './polling.node';
import { hasGpuDevice, hardwareIcds, loadVulkanLoader, softwareIcds, withoutNoise } from './vulkan.node';

/** A WebGPU in Node, or what stands in its way. */
export interface NodeGpu {
  /** Null when not even Dawn or a Vulkan loader is there. */
  gpu: GPU | null;
  /** What was tried, in words: for the error message when there is no adapter. */
  tried: string[];
  /** What to install before anything else can be tried. */
  fix?: string;
}

type Dawn = typeof import('webgpu');

// unsafe APIs: timestamp queries and subgroup features. Quantized timestamps (65 µs) would hide whole kernels.
const ENABLED = ['allow_unsafe_apis'];
const DISABLED = ['timestamp_quantization'];

// SwiftShader clears a workgroup array 10-20 times faster, and compiles it 100 times faster, when Dawn writes the
// zeros into the shader. Both ways are safe; real drivers do better with the extension.
const DISABLED_ON_SOFTWARE = ['use_vulkan_zero_initialize_workgroup_memory_extension'];

// Dawn crashes if an object made by create() is collected while its devices live. Hung on the global object, they
// last as long as the process, and another copy of this module (the built one beside the source) finds them too.
const kept = ((globalThis as { [key: symbol]: unknown })[Symbol.for('seqgpu.nodeGpu')] ??= { all: [] }) as {
  all: GPU[];
  dawn?: Dawn;
  found?: Promise<NodeGpu>;
};

/** The process's WebGPU: the same for every call, once there is an adapter. */
export function nodeGpu(): Promise<NodeGpu> {
  return (kept.found ??= findGpu());
}

async function findGpu(): Promise<NodeGpu> {
  const tried: string[] = [];
  const dawn = (kept.dawn ??= await importDawn(tried));
  let gpu: GPU | null = null;
  for (const { name, software, environment } of dawn ? attempts(tried) : []) {
    Object.assign(process.env, environment);
    gpu = createGpu(dawn!, software);
    const adapter = await requested(gpu);
    // The loader has read the environment by now; programs started later must not inherit it.
    for (const variable in environment) delete process.env[variable];
    const { SEQGPU_ADAPTER: wanted } = process.env;
    const none = wanted ? `no adapter whose name has "${wanted}" (SEQGPU_ADAPTER)` : 'no adapter';
    tried.push(`${name}: ${adapter ? describe(adapter.info) : none}`);
    if (adapter) return { gpu, tried };
  }
  // Look again next time: a driver may have been installed by then.
  kept.found = undefined;
  return { gpu, tried, ...(dawn ? {} : { fix: INSTALL }) };
}

/** It is 130 MB, and a page has no use for it, so it does not come with seqgpu. */
const INSTALL =
  '`npm install webgpu`: in Node, WebGPU is a package of its own (Dawn). Deno and browsers have theirs.';

async function importDawn(tried: string[]): Promise<Dawn | undefined> {
  try {
    const dawn = await import('webgpu');
    Object.assign(globalThis, dawn.globals);
    backOffPolling(dawn.globals as DawnClasses);
    return dawn;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const why = `does not load on ${process.platform} ${process.arch} (${error})`;
    tried.push(`npm's package webgpu ${missing ? 'is not installed' : why}`);
    return undefined;
  }
}

function createGpu(dawn: Dawn, software: boolean): GPU {
  const off = software ? [...DISABLED, ...DISABLED_ON_SOFTWARE] : DISABLED;
  const { SEQGPU_ADAPTER: wanted } = process.env;
  const which = wanted ? [`adapter=${wanted}`] : [];
  const gpu = dawn.create([`enable-dawn-features=${ENABLED}`, `disable-dawn-features=${off}`, ...which]);
  kept.all.push(gpu);
  return gpu;
}

/** Asks for an adapter: the one that has SEQGPU_ADAPTER in its name, without which Dawn rejects. */
async function requested(gpu: GPU): Promise<GPUAdapter | null> {
  const asked = gpu.requestAdapter({ powerPreference: 'high-performance' });
  return process.env.SEQGPU_ADAPTER ? asked.catch(() => null) : asked;
}

const describe = ({ vendor, architecture, device }: GPUAdapterInfo) =>
  [vendor, architecture || device].filter(Boolean).join(' ');

interface Attempt {
  name: string;
  software: boolean;
  environment: Record<string, string>;
}

/** What to try, in order. What is known without asking Dawn goes into `tried` right away. */
function* attempts(tried: string[]): Generator<Attempt> {
  if (process.platform !== 'linux') {
    yield { name: `the drivers of ${process.platform}`, software: false, environment: {} };
    return;
  }
  withoutNoise();
  const loader = loadVulkanLoader();
  tried.push(`Vulkan loader: ${loader ?? 'none (libvulkan.so.1; Debian: libvulkan1)'}`);
  if (!loader) return;

  const chosen = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'SEQGPU_ICD'].find((name) => process.env[name]);
  if (chosen) {
    const icd = process.env[chosen]!;
    // The loader reads the other two by itself.
    const environment: Attempt['environment'] = chosen === 'SEQGPU_ICD' ? { VK_ICD_FILENAMES: icd } : {};
    yield { name: `${chosen}=${icd}`, software: /swiftshader|lvp/i.test(icd), environment };
    return;
  }
  if (!isMainThread) tried.push('a worker thread cannot choose the driver: set VK_ICD_FILENAMES outside it');
  if (hasGpuDevice()) {
    // Lavapipe counts as software and is asked last.
    const environment = { VK_LOADER_DRIVERS_DISABLE: '*lvp*' };
    yield { name: "the system's Vulkan drivers", software: false, environment };
    for (const icd of hardwareIcds()) yield { ...icdAttempt(icd), software: false };
  } else {
    tried.push('GPU under /dev: none');
  }
  const icds = softwareIcds();
  if (icds.length === 0) tried.push('SwiftShader: none (it comes with Chrome and Chromium)');
  yield* icds.map(icdAttempt);
  yield { name: "the system's Vulkan drivers, software too", software: true, environment: {} };
}

const icdAttempt = (icd: string): Attempt => ({
  name: icd,
  software: true,
  environment: { VK_ICD_FILENAMES: icd },
});
