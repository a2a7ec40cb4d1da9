// Which kernels suit an adapter is measured, not looked up. Families: how many threads of one workgroup run at once.
// A core of a GPU runs hundreds: work must be spread over threads, which share what they need in workgroup memory.
// A core of a CPU runs as many as a register has lanes, and the others after them: a thread may as well have much to
// do, workgroup memory is memory like any other, and a barrier is a switch between coroutines. Quads: four neighbours
// tell each other who they are.

import quadKernel from '../../shaders/quadProbe.wgsl';
import threadsKernel from '../../shaders/threadsProbe.wgsl';
import type { Variant } from '../graph/kernel';
import type { Traits } from '../graph/traits';

/**
 * A chain of dependent multiply-adds takes as long in 256 threads as in four where they run at once; on a CPU 64 times
 * as long with four lanes in a register, 16 times with sixteen. The smallest GPUs issue for about ten threads a cycle
 * and wait five or more for a result: they, too, are beyond this.
 */
const MANY = 32;

export async function chooseFamily(device: GPUDevice): Promise<Traits['family']> {
  return (await threadsAtOnce(device)) < MANY ? 'direct' : 'workgroup';
}

/** How many threads of a workgroup of 256 run at once, from wall-clock times: roughly, where that is clear. */
export async function threadsAtOnce(device: GPUDevice): Promise<number> {
  const variant = threadsKernel.with();
  const { WORKGROUP } = variant.constants;
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: 4 * (2 + WORKGROUP), usage: STORAGE | COPY_DST });
  const encode = await launcher(device, variant, buffer);
  const time = async (threads: number, rounds: number) => {
    device.queue.writeBuffer(buffer, 0, new Float32Array([rounds, threads]));
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    encode(encoder, 1);
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  // The first launch may compile.
  await time(WORKGROUP, 1);
  let rounds = FIRST_ROUNDS;
  let [none, few, all] = [Infinity, Infinity, Infinity];
  let atOnce = WORKGROUP;
  // In turns, and the best of several: a busy machine delays the short ones most, and so hides the difference.
  for (let turn = 1; turn <= MOST_TURNS; turn++) {
    none = Math.min(none, await time(0, 0));
    few = Math.min(few, await time(FEW, rounds), await time(FEW, rounds));
    all = Math.min(all, await time(WORKGROUP, rounds));
    if (all < Math.max(LONG, Math.min(LAUNCHES * none, 8 * LONG)) && rounds < MOST_ROUNDS) {
      rounds *= 4;
      [few, all, turn] = [Infinity, Infinity, 0];
      continue;
    }
    // A clock too coarse for both has not seen a CPU, which takes milliseconds.
    if (all > none) atOnce = Math.min(WORKGROUP, (WORKGROUP * Math.max(0, few - none)) / (all - none));
    if ((turn >= 2 && atOnce < MANY / 2) || (turn >= TURNS && atOnce > 0.8 * WORKGROUP)) break;
  }
  buffer.destroy();
  return atOnce;
}

/** Every register has as many lanes. */
const FEW = 4;
const FIRST_ROUNDS = 512;
const MOST_ROUNDS = 2 ** 17;
/** Milliseconds; more, up to eight times as many, where a launch takes long enough to hide them. */
const LONG = 0.5;
const LAUNCHES = 8;
/** Turns that all threads need to be taken for simultaneous, and those for answers between. */
const TURNS = 6;
const MOST_TURNS = 16;

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
  return (encoder: GPUCommandEncoder, workgroups: number): void => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(workgroups);
    pass.end();
  };
}
