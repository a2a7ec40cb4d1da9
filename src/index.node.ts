// The public names in Node, where WebGPU comes from Dawn (npm `webgpu`).

import { nodeGpu } from './gpu/device/node';
import { debug } from './gpu/tell/debug';
import { provideGpu } from './gpu/open';

provideGpu(nodeGpu, ['', '0'].includes(process.env.SEQGPU_DEBUG ?? '') ? undefined : debug);

export * from './index';
export { open } from './gpu/openTuned.node';
