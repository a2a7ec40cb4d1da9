// Which kernels suit an adapter is measured, not looked up. Families: how many threads of one workgroup run at once.
// A core of a GPU runs hundreds: work must be spread over threads, which share what they need in workgroup memory.
// A core of a CPU runs as many as a register has lanes, and the others after them: a thread may as well have much to
// do, workgroup memory is memory like any other, and a barrier is a switch between coroutines. Quads: four neighbours
// tell each other who they are.

import quadKernel from '../../../shaders/probe/quadProbe.wgsl';
import threadsKernel from '../../../shaders/probe/threadsProbe.wgsl';
import type { Variant } from '../../graph/kernel';
import type { Traits } from '../../graph/traits';
import { byHost, byTimestamps } from './stopwatch';
import { threadsByTime, type Bounds } from './threadsByTime';

/**
 * A chain of dependent multiply-adds takes as long in 256 threads as in four where they run at once; on a CPU 64 times
 * as long with four lanes in a register, 16 times with sixteen. The smallest GPUs issue for about ten threads a cycle
 * and wait five or more for a result: they, too, are beyond this.
 */
const MANY = 32;

/** What was measured on an adapter, by its name: it is the same for every device of it. */
const known = new Map<string, Traits['family']>();

/** `direct` if an adapter certainly runs a few threads at once; `workgroup`, which suits GPUs, also when in doubt. */
export async function chooseFamily(device: GPUDevice): Promise<Traits['family']> {
  const { vendor, architecture, device: model, description } = device.adapterInfo ?? {};
  const name = [vendor, architecture, model, description].filter(Boolean).join(' ');
  const kept = known.get(name);
  if (kept) return kept;
  const { least, most } = await measureThreads(device);
  const family = most < MANY ? 'direct' : 'workgroup';
  // A name may be withheld, and what is in doubt is asked again.
  if (name && (most < MANY || least > MANY)) known.set(name, family);
  return family;
}

/** How many threads of a workgroup of 256 run at once: at most. */
export const threadsAtOnce = async (device: GPUDevice): Promise<number> =>
  (await measureThreads(device)).most;

/** Half a millisecond on a GPU. */
const SOME_ROUNDS = 8192;

async function measureThreads(device: GPUDevice): Promise<Bounds> {
  const variant = threadsKernel.with();
  const { WORKGROUP } = variant.constants;
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: 4 * (2 + WORKGROUP), usage: STORAGE | COPY_DST });
  const encode = await launcher(device, variant, buffer);
  let watch = byTimestamps(device) ?? byHost(device);
  const time = (threads: number, rounds: number) => {
    device.queue.writeBuffer(buffer, 0, new Float32Array([rounds, threads]));
    return watch.time((encoder, timestampWrites) => encode(encoder, 1, timestampWrites));
  };
  // The first launch may compile.
  await time(WORKGROUP, 1);
  // Some devices have timestamps, and all of them are alike.
  if (!((await time(WORKGROUP, SOME_ROUNDS)) > 0)) {
    watch.destroy();
    watch = byHost(device);
  }
  const bounds = await threadsByTime(time, watch.step, WORKGROUP, MANY);
  watch.destroy();
  buffer.destroy();
  return bounds;
}

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
  return heard.every((value, i) => value === (i ^ 1) + 64 * (i ^ 2));
}

async function launcher(device: GPUDevice, variant: Variant, buffer: GPUBuffer) {
  const module = device.createShaderModule({ label: variant.kernel.name, code: variant.code });
  const compute = { module, entryPoint: 'main' };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
  const entries = [{ binding: 0, resource: { buffer } }];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (
    encoder: GPUCommandEncoder,
    workgroups: number,
    timestampWrites?: GPUComputePassTimestampWrites,
  ): void => {
    const pass = encoder.beginComputePass({ timestampWrites });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
  };
}
