// Which kernels suit an adapter is measured, not looked up. Families: the same number of rounds with and
// without barriers. On a CPU adapter a barrier is a coroutine switch and costs a microsecond or more for a
// workgroup of 64; on a GPU it costs nanoseconds. Quads: four neighbours tell each other who they are.

import barrierKernel from '../../shaders/barrierProbe.wgsl';
import quadKernel from '../../shaders/quadProbe.wgsl';
import type { Variant } from '../graph/kernel';
import type { Traits } from '../graph/traits';

/** Microseconds for one barrier of one workgroup above which the barrier-free kernels win. */
const DEAR = 0.5;

export async function chooseFamily(device: GPUDevice): Promise<Traits['family']> {
  return (await barrierMicroseconds(device)) > DEAR ? 'direct' : 'workgroup';
}

/** The cost of one barrier for one workgroup of 64 threads, from wall-clock times. */
export async function barrierMicroseconds(device: GPUDevice): Promise<number> {
  const buffer = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE });
  const kinds = [false, true].map((barriers) => ({
    encode: launcher(device, barrierKernel.with({ BARRIERS: barriers }), buffer),
    best: Infinity,
  }));
  // In turns, and the best of several: a busy machine must not hide the difference.
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of kinds) {
      const start = performance.now();
      const encoder = device.createCommandEncoder();
      kind.encode(encoder, WORKGROUPS);
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      // The first launch compiles.
      if (round) kind.best = Math.min(kind.best, performance.now() - start);
    }
  }
  buffer.destroy();
  const [free, dear] = kinds.map(({ best }) => best);
  const barriers = WORKGROUPS * barrierKernel.with().constants.ROUNDS;
  return Math.max(0, ((dear - free) * 1000) / barriers);
}

const ROUNDS = 6;
const WORKGROUPS = 64;

/** Whether threads 4i … 4i + 3 of a workgroup are a quad, in this order. */
export async function quadsAreNeighbours(device: GPUDevice): Promise<boolean> {
  if (!device.features.has('subgroups')) return false;
  const variant = quadKernel.with();
  const size = variant.constants.WORKGROUP * 4;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  launcher(device, variant, buffer)(encoder, 1);
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const heard = [...new Uint32Array(staging.getMappedRange())];
  [buffer, staging].forEach((one) => one.destroy());
  const first = (i: number) => i - (i % 4);
  return heard.every((value, i) => value === first(i) + 64 * (first(i) + 3));
}

function launcher(device: GPUDevice, variant: Variant, buffer: GPUBuffer) {
  const module = device.createShaderModule({ label: variant.kernel.name, code: variant.code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const entries = [{ binding: 0, resource: { buffer } }];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (encoder: GPUCommandEncoder, workgroups: number): void => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
  };
}
