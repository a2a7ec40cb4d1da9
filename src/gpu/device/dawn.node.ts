// Dawn, npm's `webgpu`: loaded once, and asked for an adapter in the environment that its Vulkan loader reads.

import { backOffPolling, type DawnClasses } from './polling.node';

/** A driver, or several, and what the Vulkan loader has to find in the environment so that it takes them. */
export interface Drivers {
  readonly software: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** The package `webgpu`. */
export type Dawn = typeof import('webgpu');

// unsafe APIs: timestamp queries and subgroup features. Quantized timestamps (65 µs) would hide whole kernels.
const ENABLED = ['allow_unsafe_apis'];
const DISABLED = ['timestamp_quantization'];

// SwiftShader clears a workgroup array 10-20 times faster, and compiles it 100 times faster, when Dawn writes the
// zeros into the shader. Both ways are safe; real drivers do better with the extension.
const DISABLED_ON_SOFTWARE = ['use_vulkan_zero_initialize_workgroup_memory_extension'];

// Dawn crashes if an object made by create() is collected while its devices live. Hung on the global object, they
// last as long as the process, and another copy of this module (the built one beside the source) finds them too.
const kept = ((globalThis as { [key: symbol]: unknown })[Symbol.for('seqgpu.dawn')] ??= { all: [] }) as {
  all: GPU[];
  dawn?: Dawn;
};

/** Dawn; undefined where it cannot be loaded, which `tried` then says. */
export async function loadDawn(tried: string[]): Promise<Dawn | undefined> {
  try {
    return (kept.dawn ??= await importDawn());
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const why = `does not load on ${process.platform} ${process.arch} (${error})`;
    tried.push(`npm's package webgpu ${missing ? 'is not installed' : why}`);
    return undefined;
  }
}

async function importDawn(): Promise<Dawn> {
  const dawn = await import('webgpu');
  Object.assign(globalThis, dawn.globals);
  backOffPolling(dawn.globals as DawnClasses);
  return dawn;
}

/** Options of Dawn's `create`. */
export function dawnOptions(software: boolean, name?: string): string[] {
  const off = software ? [...DISABLED, ...DISABLED_ON_SOFTWARE] : DISABLED;
  const which = name === undefined ? [] : [`adapter=${name}`];
  return [`enable-dawn-features=${ENABLED}`, `disable-dawn-features=${off}`, ...which];
}

/** A WebGPU and its adapter: the one that Dawn has under the name, without one the strongest; null where none is. */
export async function ask(
  dawn: Dawn,
  { software, environment }: Drivers,
  name?: string,
): Promise<{ gpu: GPU; adapter: GPUAdapter | null }> {
  Object.assign(process.env, environment);
  try {
    const gpu = dawn.create(dawnOptions(software, name));
    kept.all.push(gpu);
    return { gpu, adapter: await gpu.requestAdapter({ powerPreference: 'high-performance' }) };
  } finally {
    // The loader has read the environment by now; programs started later must not inherit it.
    for (const variable in environment) delete process.env[variable];
  }
}

/** The names of all adapters that a driver has: Dawn lists them when it is asked for one that nobody has. */
export async function namesOf(dawn: Dawn, drivers: Drivers): Promise<string[]> {
  try {
    await ask(dawn, drivers, 'none of this name');
    return [];
  } catch (error) {
    return [...String(error).matchAll(/ name: '([^\n]*)'/g)].map(([, name]) => name);
  }
}

/** An adapter in a few words. */
export const describe = ({ vendor, architecture, device }: GPUAdapterInfo): string =>
  [vendor, architecture || device].filter(Boolean).join(' ');
