// A plan becomes one command buffer, again and again. Everything is created once, in the constructor; a
// replay writes the inputs and the feeds, encodes the launches, and submits once.

import { fail, shapeText } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Place } from '../graph/memory';
import type { Plan, PlannedDispatch } from '../graph/plan';
import { aligned, type Tensor } from '../graph/tensor';
import type { Buffers } from './buffers';
import type { CountedDevice } from './device';
import { Reading } from './reading';

export interface Launch {
  readonly planned: PlannedDispatch;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly offsets: readonly number[];
}

/** A tensor's buffer, and where in it the tensor starts, in elements. */
interface Located {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** Values of a one-number result that can still be read, however many steps have run since. */
const RING = 1024;

export class Replay {
  readonly launches: readonly Launch[];
  /** Counts replays; a reading of an array is only good until the next one. */
  generation = 0;
  private readonly slots: readonly GPUBuffer[];
  private readonly feedBuffer: GPUBuffer | null;
  private readonly feedOffsets = new Map<Tensor, number>();
  private readonly feedValues: Float32Array<ArrayBuffer>;
  private readonly params: GPUBuffer | null;
  private readonly ring: GPUBuffer | null;
  private readonly inputSlots: readonly Located[];
  private readonly outputPlaces: readonly Located[];

  constructor(
    readonly plan: Plan,
    private readonly device: CountedDevice,
    private readonly buffers: Buffers,
  ) {
    const { memory } = plan;
    this.slots = buffers.slots(memory.slots, memory.kept);
    let feedSize = 0;
    for (const feed of plan.feeds) {
      this.feedOffsets.set(feed, feedSize);
      feedSize += aligned(feed.size);
    }
    this.feedValues = new Float32Array(feedSize);
    this.feedBuffer = feedSize ? buffers.storage('feeds', feedSize, GPUBufferUsage.UNIFORM) : null;
    this.ring = plan.outputs.length ? buffers.storage('readings', RING * plan.outputs.length) : null;
    this.inputSlots = plan.inputs.map((x) => this.locate(memory.place(x)));
    this.outputPlaces = plan.outputs.map((x) => this.locate(memory.place(x)));
    this.params = this.uploadParams();
    this.launches = this.makeLaunches(this.params);
  }

  /** One step: uploads, launches, one submit. Nothing is waited for. */
  run(args: readonly HostArray[]): Reading[] {
    this.upload(args);
    return this.submit(1);
  }

  /** All launches, so many times one after the other, in one submit; the readings are of the last time. */
  submit(times: number): Reading[] {
    const encoder = this.device.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < times; i++) this.encode(pass, this.launches);
    pass.end();
    return this.finish(encoder);
  }

  /** Writes this step's inputs and feeds. */
  upload(args: readonly HostArray[]): void {
    this.uploadInputs(args);
    for (const [feed, offset] of this.feedOffsets) {
      if (feed.source.kind !== 'feed') continue;
      const values = feed.source.next();
      if (feed.dtype === 'u32') new Uint32Array(this.feedValues.buffer).set(values, offset);
      else this.feedValues.set(values, offset);
    }
    if (this.feedBuffer) this.buffers.upload(this.feedBuffer, 0, this.feedValues);
  }

  /** Writes the inputs alone: nobody outside notices, as they would if they were asked for what they feed. */
  uploadInputs(args: readonly HostArray[]): void {
    args.forEach(({ data }, i) => {
      const { buffer, offset } = this.inputSlots[i];
      this.buffers.upload(buffer, offset, data);
    });
  }

  /** Gives back the buffers that are this replay's alone. */
  destroy(): void {
    const own = [...this.plan.memory.kept].map((slot) => this.slots[slot]);
    for (const buffer of [...own, this.params, this.feedBuffer, this.ring]) {
      if (buffer) this.device.destroyBuffer(buffer);
    }
  }

  encode(pass: GPUComputePassEncoder, launches: readonly Launch[]): void {
    let pipeline: GPUComputePipeline | undefined;
    for (const launch of launches) {
      if (launch.pipeline !== pipeline) pass.setPipeline((pipeline = launch.pipeline));
      pass.setBindGroup(0, launch.group, launch.offsets);
      const [x, y, z] = launch.planned.workgroups;
      pass.dispatchWorkgroups(x, y, z);
    }
    this.device.stats.dispatches += launches.length;
  }

  /** Saves one-number results in the ring, submits, and hands out the readings. */
  finish(encoder: GPUCommandEncoder): Reading[] {
    const { outputs } = this.plan;
    const places = this.outputPlaces;
    const turn = this.generation % RING;
    outputs.forEach((x, i) => {
      const { buffer, offset } = places[i];
      if (x.size === 1) encoder.copyBufferToBuffer(buffer, offset * 4, this.ring!, (i * RING + turn) * 4, 4);
    });
    this.device.submit(encoder.finish());
    const generation = ++this.generation;
    return outputs.map((x, i) => {
      const single = x.size === 1;
      const at = single ? { buffer: this.ring!, offset: i * RING + turn } : places[i];
      const fresh = () => this.generation - generation < (single ? RING : 1);
      return new Reading(x, () => this.buffers.read(at.buffer, at.offset, x.size), fresh);
    });
  }

  private uploadParams(): GPUBuffer | null {
    const { params } = this.plan;
    if (!params.length) return null;
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer('params', params.length, usage);
    this.device.queue.writeBuffer(buffer, 0, params.buffer, params.byteOffset, params.byteLength);
    return buffer;
  }

  private makeLaunches(params: GPUBuffer | null): Launch[] {
    const groups = new Map<string, GPUBindGroup>();
    const ids = new Map<object, number>();
    const idOf = (object: object) => ids.get(object) ?? (ids.set(object, ids.size), ids.size - 1);
    return this.plan.dispatches.map((planned, i) => {
      const { variant, bindings, label } = planned;
      const located = bindings.map((binding) => ({ ...binding, ...this.locate(binding.place) }));
      refuseConflicts(planned, located);
      const key = located.map(({ buffer, offset, size }) => `${idOf(buffer)}:${offset}:${size}`).join();
      const name = `${idOf(variant.kernel)} ${key}`;
      let group = groups.get(name);
      if (!group) {
        const entries: GPUBindGroupEntry[] = located.map(({ binding, buffer, offset, size }) => ({
          binding,
          resource: { buffer, offset: offset * 4, size: size * 4 },
        }));
        const block = variant.kernel.reflection.bindings.find(({ access }) => access === 'params');
        const size = Math.ceil(variant.kernel.reflection.paramsBytes / 16) * 16;
        if (block) entries.push({ binding: block.binding, resource: { buffer: params!, size } });
        group = this.device.createBindGroup(`#${i} ${label}`, variant, entries);
        groups.set(name, group);
      }
      const offsets = planned.paramsOffset < 0 ? [] : [planned.paramsOffset];
      return { planned, pipeline: this.device.pipeline(variant), group, offsets };
    });
  }

  private locate({ home, offset }: Place): Located {
    if (home.kind === 'slot') return { buffer: this.slots[home.slot], offset };
    if (home.kind === 'state') return { buffer: this.buffers.bind(home.state).buffer, offset };
    if (home.kind === 'constant') return { buffer: this.buffers.constant(home.tensor), offset };
    return { buffer: this.feedBuffer!, offset: this.feedOffsets.get(home.tensor)! + offset };
  }
}

/** WebGPU forbids one buffer as both read-only and writable in a dispatch, even in disjoint parts. */
function refuseConflicts(
  { label, variant }: PlannedDispatch,
  bound: readonly { buffer: GPUBuffer; writes: boolean }[],
): void {
  const written = new Set(bound.filter(({ writes }) => writes).map(({ buffer }) => buffer));
  if (bound.some(({ buffer, writes }) => !writes && written.has(buffer))) {
    fail(`${label}: ${variant.kernel.name}.wgsl would read and write one buffer through two bindings.`, {
      fix: 'declare the shared tensor as inPlace, or copy it first.',
    });
  }
}

/** Says which argument of a step does not fit, before anything is uploaded. */
export function checkArgs(inputs: readonly Tensor[], args: readonly HostArray[], at: () => string): void {
  inputs.forEach((x, i) => {
    const given = args[i].data instanceof Uint32Array ? 'u32' : 'f32';
    if (given === x.dtype && args[i].data.length === x.size) return;
    const text = `argument ${i + 1} of the step has ${args[i].data.length} ${given} values`;
    fail(`${text}, its shape ${shapeText(x.shape)} needs ${x.size} ${x.dtype}.`, { at: at() });
  });
}
