// WebGPU in Node.

import { nodeGpu } from './device/node';
import { provideGpu } from './open';
import { debug } from './tell/debug';

/** Lets `open` find Dawn (npm `webgpu`), and listens to SEQGPU_DEBUG: what every entry of the package for Node does. */
export function useDawn(): void {
  provideGpu(nodeGpu, ['', '0'].includes(process.env.SEQGPU_DEBUG ?? '') ? undefined : debug);
}
