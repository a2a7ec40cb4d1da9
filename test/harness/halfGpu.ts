// A WebGPU whose adapter has shader-f16: the platform's own, or in Node another driver of this machine's.

import { attempts } from '../../src/gpu/device/attempts.node';
import { ask, loadDawn } from '../../src/gpu/device/dawn.node';
import { findGpu } from './gpu';

const has = (adapter: GPUAdapter | null | undefined) => adapter?.features.has('shader-f16') === true;

/** Null where no adapter of this machine has it. */
export async function findHalfGpu(): Promise<GPU | null> {
  const own = await findGpu();
  if (has(await own.requestAdapter())) return own;
  const dawn = await loadDawn([]);
  for await (const attempt of dawn ? attempts([], { when: 'never' }) : []) {
    const { gpu, adapter } = await ask(dawn!, attempt);
    if (has(adapter)) return gpu;
  }
  return null;
}
