// Which family of kernels suits an adapter is measured, not looked up: the same number of rounds with and
// without barriers. On a CPU adapter a barrier is a coroutine switch and costs a microsecond or more for a
// workgroup of 64; on a GPU it costs nanoseconds.

import barrierKernel from '../../shaders/barrierProbe.wgsl';
import type { Traits } from '../graph/traits';

/** Microseconds for one barrier of one workgroup above which the barrier-free kernels win. */
const DEAR = 0.5;

export async function chooseFamily(device: GPUDevice): Promise<Traits['family']> {
  return (await barrierMicroseconds(device)) > DEAR ? 'direct' : 'workgroup';
}

/** The cost of one barrier for one workgroup of 64 threads, from wall-clock times. */
export async function barrierMicroseconds(device: GPUDevice): Promise<number> {
  const buffer = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE });
  const time = async (barriers: boolean): Promise<number> => {
    const variant = barrierKernel.with({ BARRIERS: barriers });
    const module = device.createShaderModule({ label: 'barrierProbe', code: variant.code });
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module, entryPoint: 'main' },
    });
    const entries = [{ binding: 0, resource: { buffer } }];
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    let best = Infinity;
    for (let round = 0; round < 4; round++) {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(WORKGROUPS);
      pass.end();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      if (round) best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const free = await time(false);
  const dear = await time(true);
  buffer.destroy();
  const { ROUNDS } = barrierKernel.with().constants;
  return Math.max(0, ((dear - free) * 1000) / (WORKGROUPS * ROUNDS));
}

const WORKGROUPS = 16;
