// Which kernels suit an adapter, by what it says and shows, not by its name. Families: how many threads of one
// workgroup run at once; it is measured, unless the adapter says that it is a fallback, which computes on a CPU. A core
// of a GPU runs hundreds: work must be spread over threads, which share what they need in workgroup memory. A core of a
// CPU runs as many as a register has lanes, and the others after them: a thread may as well have much to do, workgroup
// memory is memory like any other, and a barrier is a switch between coroutines. Quads: four neighbours tell each other
// who they are.

import quadKernel from '../../../shaders/probe/quadProbe.wgsl';
import threadsKernel from '../../../shaders/probe/threadsProbe.wgsl';
import type { Kernel } from '../../graph/kernel';
import type { Traits } from '../../graph/traits';
import { Buffers } from './buffers';
import { CountedDevice } from './device';
import { byHost, byTimestamps, type Encode } from './stopwatch';
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
  const { vendor, architecture, device: model, description, isFallbackAdapter } = device.adapterInfo ?? {};
  // Without a measurement there is none that a busy machine could spoil.
  if (isFallbackAdapter) return 'direct';
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
  const { WORKGROUP } = threadsKernel.with().constants;
  const { buffers, buffer, encode, destroy } = await prepared(device, threadsKernel, 2 + WORKGROUP);
  let watch = byTimestamps(device) ?? byHost(device);
  const time = (threads: number, rounds: number) => {
    buffers.upload(buffer, 0, Float32Array.of(rounds, threads));
    return watch.time(encode);
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
  destroy();
  return bounds;
}

/** Whether threads 4i … 4i + 3 of a workgroup are a quad, in this order. */
export async function quadsAreNeighbours(device: GPUDevice): Promise<boolean> {
  if (!device.features.has('subgroups')) return false;
  const { WORKGROUP } = quadKernel.with().constants;
  const { buffers, buffer, encode, destroy } = await prepared(device, quadKernel, WORKGROUP);
  const encoder = device.createCommandEncoder();
  encode(encoder);
  device.queue.submit([encoder.finish()]);
  const heard = new Uint32Array(await buffers.read(buffer, 0, WORKGROUP));
  destroy();
  return heard.every((value, i) => value === (i ^ 1) + 64 * (i ^ 2));
}

/** A launch of one workgroup on a buffer of its own, for a device that is no engine's yet. */
async function prepared(device: GPUDevice, kernel: Kernel, elements: number) {
  const counted = new CountedDevice(device, false);
  // No state is ever in them.
  const buffers = new Buffers(counted, { free: () => {} });
  const buffer = buffers.storage(kernel.name, elements);
  const variant = kernel.with();
  await counted.compile([variant]);
  const pipeline = counted.pipeline(variant);
  const group = counted.createBindGroup(kernel.name, variant, [{ binding: 0, resource: { buffer } }]);
  const encode: Encode = (encoder, timestampWrites) => {
    const pass = encoder.beginComputePass({ timestampWrites });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(1);
    pass.end();
  };
  return { buffers, buffer, encode, destroy: () => counted.destroy() };
}
