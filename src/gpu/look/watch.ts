// A program in place of each launch of a step, which binds what the launch binds and writes a log. What it overwrites
// are copies, so that the launches after it find what they would.

import type { Tensor } from '../../graph/tensor';
import type { PlannedDispatch } from '../../plan/launch';
import type { CountedDevice } from '../device/device';
import type { Launch } from '../replay/launches';
import type { Replay } from '../replay/replay';
import { useTool, type Arguments, type Step } from '../step';
import { rehearse, upload } from './rehearse';
import { COMPUTE, COPY_DST, COPY_SRC, MAP_READ, READ, STORAGE, UNIFORM } from '../device/usages';

/** A program that runs beside a launch. */
export interface Beside {
  /** Its entry point is `main`; it binds what the kernel does, and its log. */
  readonly code: string;
  /** The number in group 0 of the log. */
  readonly log: number;
  /** 32-bit words of the log, zeros at first. */
  readonly words: number;
  readonly workgroups: number;
  /** What to run once more, after a look at the log; null: the log will do. */
  readonly next?: (log: Uint32Array) => Beside | null;
}

/** A launch, how many of the step are like it, and what the program beside the first of them wrote. */
export interface Watched {
  readonly planned: PlannedDispatch;
  readonly launches: number;
  readonly log: Uint32Array;
}

/**
 * Runs a program beside every launch that differs from those before it in code, size or operations. `beside` makes
 * the program; it is told the device, whose limits it must keep. Of the launches between, those that make integers are
 * run; numbers of other launches are not there. Changes no state, no count and no random draw.
 */
export async function watchStep<R, P extends readonly Tensor[]>(
  step: Step<R, P>,
  beside: (planned: PlannedDispatch, device: GPUDevice) => Beside,
  ...args: Arguments<P>
): Promise<Watched[]> {
  return useTool('watchStep', step, (recordings) =>
    rehearse(recordings, args, async (replay, checked) => {
      upload(replay, checked);
      return watchAll(replay, recordings.place.counted, beside);
    }),
  );
}

async function watchAll(
  replay: Replay,
  counted: CountedDevice,
  beside: (planned: PlannedDispatch, device: GPUDevice) => Beside,
): Promise<Watched[]> {
  const kinds = new Map<string, { first: number; launches: number }>();
  replay.launches.forEach(({ planned }, i) => {
    const { variant, workgroups, flops, bytes, label } = planned;
    const key = JSON.stringify([label, workgroups, flops, bytes, variant.code]);
    const kind = kinds.get(key) ?? { first: i, launches: 0 };
    kind.launches++;
    kinds.set(key, kind);
  });
  const watched: Watched[] = [];
  let done = 0;
  for (const { first, launches } of kinds.values()) {
    run(replay, replay.launches.slice(done, first).filter(makesIntegers));
    done = first;
    const launch = replay.launches[first];
    let program = beside(launch.planned, counted.device);
    for (;;) {
      const log = await watch(replay, launch, counted, program);
      const next = program.next?.(log);
      if (!next) {
        watched.push({ planned: launch.planned, launches, log });
        break;
      }
      program = next;
    }
  }
  return watched;
}

/** Where a kernel reads and writes depends on integers at most: launches that make none are left out. */
const makesIntegers = ({ planned }: Launch): boolean =>
  Object.values(planned.call.outputs).some((made) => made?.dtype === 'u32');

function run(replay: Replay, launches: readonly Launch[]): void {
  if (!launches.length) return;
  const encoder = replay.device.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  replay.encode(pass, launches);
  pass.end();
  replay.device.submit(encoder.finish());
}

async function watch(
  replay: Replay,
  { planned }: Launch,
  counted: CountedDevice,
  { code, log: binding, words, workgroups }: Beside,
): Promise<Uint32Array> {
  const { device } = counted;
  const made: GPUBuffer[] = [];
  const make: Make = (size, usage) => {
    const buffer = device.createBuffer({ size, usage });
    made.push(buffer);
    return buffer;
  };
  try {
    const encoder = device.createCommandEncoder();
    const log = make(words * 4, STORAGE | COPY_SRC);
    const staging = make(words * 4, MAP_READ | COPY_DST);
    counted.guard(`${planned.variant.kernel.name}.wgsl beside ${planned.label}`, () => {
      const entries = [...boundFor(replay, planned, encoder, make), { binding, resource: { buffer: log } }];
      const [group, layout] = layoutsFor(device, planned, binding);
      const module = device.createShaderModule({ code });
      const pipeline = device.createComputePipeline({ layout, compute: { module, entryPoint: 'main' } });
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, device.createBindGroup({ layout: group, entries }));
      pass.dispatchWorkgroups(workgroups);
      pass.end();
    });
    encoder.copyBufferToBuffer(log, 0, staging, 0, words * 4);
    counted.submit(encoder.finish());
    await counted.settle();
    await counted.survive(staging.mapAsync(READ));
    return new Uint32Array(staging.getMappedRange().slice(0));
  } finally {
    made.forEach((buffer) => buffer.destroy());
  }
}

type Make = (bytes: number, usage: GPUBufferUsageFlags) => GPUBuffer;

/** What a launch binds: what it reads, copies of what it writes, and its params. */
function boundFor(
  replay: Replay,
  planned: PlannedDispatch,
  encoder: GPUCommandEncoder,
  make: Make,
): GPUBindGroupEntry[] {
  const { bindings, paramsBytes } = planned.variant.kernel.reflection;
  const entries = planned.bindings.map(({ binding, place, size, writes }): GPUBindGroupEntry => {
    const { buffer, offset } = replay.memory.locate(place);
    const range = { buffer, offset: offset * 4, size: size * 4 };
    if (!writes) return { binding, resource: range };
    const copy = make(range.size, STORAGE | COPY_DST);
    encoder.copyBufferToBuffer(buffer, range.offset, copy, 0, range.size);
    return { binding, resource: { buffer: copy } };
  });
  const params = bindings.find(({ access }) => access === 'params');
  if (!params) return entries;
  const block = make(Math.ceil(paramsBytes / 16) * 16, UNIFORM | COPY_DST);
  replay.device.queue.writeBuffer(block, 0, replay.plan.params, planned.paramsOffset, paramsBytes);
  return [...entries, { binding: params.binding, resource: { buffer: block } }];
}

/** The kernel's own bindings, none of which may vanish because it is not used, and the log. */
function layoutsFor(
  device: GPUDevice,
  { variant }: PlannedDispatch,
  log: number,
): [GPUBindGroupLayout, GPUPipelineLayout] {
  const { bindings } = variant.kernel.reflection;
  const types = bindings.map(({ binding, access }) => [binding, BUFFER_TYPES[access]] as const);
  const group = device.createBindGroupLayout({
    entries: [...types, [log, 'storage'] as const].map(([binding, type]) => ({
      binding,
      visibility: COMPUTE,
      buffer: { type },
    })),
  });
  return [group, device.createPipelineLayout({ bindGroupLayouts: [group] })];
}

const BUFFER_TYPES = {
  params: 'uniform',
  uniform: 'uniform',
  read: 'read-only-storage',
  read_write: 'storage',
} as const;
