// The public names in Node, where WebGPU comes from Dawn (npm `webgpu`).

import { nodeGpu } from './gpu/node';
import { provideGpu } from './gpu/open';

provideGpu(nodeGpu);

export * from './index';
