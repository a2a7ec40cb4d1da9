// One engine for all GPU tests of a file, on whatever WebGPU this platform has. No adapter is a failure.

import type { OpenOptions } from '../../src/index';
import { open } from '../../src/index';
import { findGpu } from './gpu';

/** Whether this is the page of headless Chrome, which has the adapter of Node again, behind the same compiler. */
export const CHROME = 'window' in globalThis;

/** The families of kernels in which models take PyTorch's steps: both in Node, one of them in Chrome. */
export const FAMILIES: readonly ('direct' | 'workgroup')[] = CHROME ? ['direct'] : ['direct', 'workgroup'];

export const openTestEngine = async (options: OpenOptions = {}) => open({ gpu: await findGpu(), ...options });

/** Numbers from a small generator, the same everywhere: uniform in [-1, 1). */
export function uniform(seed: number, size: number): Float32Array {
  const values = new Float32Array(size);
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state >>> 8) / 2 ** 23 - 1;
  }
  return values;
}
