// One engine for all GPU tests of a file, on whatever WebGPU this platform has. No adapter is a failure.

import type { OpenOptions } from '../../src/index';
import { open } from '../../src/index';
import { findGpu } from './gpu';
import { shared } from './sharedGpu';

/** Whether this is the page of headless Chrome, which has the adapter of Node again, behind the same compiler. */
export const CHROME = 'window' in globalThis;

/** Whether this is Node, and Chrome is asked as well, as in `npm test`: what one of them shows the other need not. */
export const CHROME_TOO = !CHROME && process.env.SEQGPU_NODE_AND_CHROME === '1';

type Family = 'direct' | 'workgroup';

/** The families of kernels, but for the one in which Chrome is asked the same. */
export const familiesBut = (own: Family): readonly Family[] =>
  (['direct', 'workgroup'] as const).filter((family) => !CHROME_TOO || family !== own);

/** The families in which models take PyTorch's steps: one of them in Chrome, in Node the other or both. */
export const FAMILIES: readonly Family[] = CHROME ? ['direct'] : familiesBut('direct');

/** An engine on the device that all such engines share, but for one with a `gpu` or a `device` of its own. */
export const openTestEngine = async (options: OpenOptions = {}) =>
  open({ gpu: shared(await findGpu()), ...options });

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
