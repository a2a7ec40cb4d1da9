// What `import … from 'seqgpu'` means in the tests: the sources, with this platform's WebGPU.

import { provideGpu } from '../../src/gpu/open';
import { findGpu } from './gpu';

provideGpu(async () => ({ gpu: await findGpu(), tried: [] }));

export * from '../../src/index';
