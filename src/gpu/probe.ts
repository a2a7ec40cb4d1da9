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

/** The cost of one barrier for one workgroup of 64 threads, from wall-clock times: roughly, where that is clear. */
export async function barrierMicroseconds(device: GPUDevice): Promise<number> {
  const buffer = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE });
  const variants = [false, true].map((barriers) => barrierKernel.with({ BARRIERS: barriers }));
  const launchers = await Promise.all(variants.map((variant) => launcher(device, variant, buffer)));
  const kinds = launchers.map((encode) => ({ encode, best: Infinity }));
  const time = async ({ encode }: (typeof kinds)[number], workgroups: number) => {
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    encode(encoder, workgroups);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  // The first launch may compile.
  for (const kind of kinds) await time(kind, 1);
  const barriers = WORKGROUPS * barrierKernel.with().constants.ROUNDS;
  let cost = 0;
  // In turns, and the best of several: a busy machine must not hide the difference.
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    for (const kind of kinds) kind.best = Math.min(kind.best, await time(kind, WORKGROUPS));
    const [free, dear] = kinds.map(({ best }) => best);
    cost = Math.max(0, ((dear - free) * 1000) / barriers);
    if (round >= ROUNDS && (cost > CLEARLY * DEAR || cost < DEAR / CLEARLY)) break;
  }
  buffer.destroy();
  return cost;
}

const WORKGROUPS = 32;
/** Rounds that always run, and those where the cost is near the limit. */
const ROUNDS = 3;
const MOST_ROUNDS = 6;
const CLEARLY = 2;

/** Whether threads 4i … 4i + 3 of a workgroup are a quad, in this order. */
export async function quadsAreNeighbours(device: GPUDevice): Promise<boolean> {
  if (!device.features.has('subgroups')) return false;
  const variant = quadKernel.with();
  const size = variant.constants.WORKGROUP * 4;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  (await launcher(device, variant, buffer))(encoder, 1);
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const heard = [...new Uint32Array(staging.getMappedRange())];
  [buffer, staging].forEach((one) => one.destroy());
  const first = (i: number) => i - (i % 4);
  return heard.every((value, i) => value === first(i) + 64 * (first(i) + 3));
}

async function launcher(device: GPUDevice, variant: Variant, buffer: GPUBuffer) {
  const module = device.createShaderModule({ label: variant.kernel.name, code: variant.code });
  const compute = { module, entryPoint: 'main' };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
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
