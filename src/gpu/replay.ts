// A plan becomes one command buffer, again and again. Everything is created once, in the constructor; a
// replay writes the inputs and the feeds, encodes the launches, and submits once.

import { fail } from '../graph/check';
import type { HostArray } from '../graph/host';
import type { Place } from '../graph/memory';
import { statesWritten, type Plan, type PlannedDispatch } from '../graph/plan';
import type { State, Tensor } from '../graph/tensor';
import type { Buffers } from './buffers';
import type { CountedDevice } from './device';
import { Feeds, MOST_ROWS } from './feeds';
import { Reading } from './reading';
import type { Ring, Rings } from './rings';
import type { StateCopies } from './stateCopies';

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

/** Where a replay is made. */
export interface ReplayPlace {
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
  /** Absent: it gives no readings. */
  readonly rings?: Rings;
  /** Stand in for the states that the plan writes: to measure without a trace. */
  readonly copies?: StateCopies;
}

export class Replay {
  readonly launches: readonly Launch[];
  /** Counts replays whose results were handed out. */
  generation = 0;
  /** Counts whatever overwrites results: a reading of an array is only good until the next time. */
  private encodings = 0;
  private readonly slots: readonly GPUBuffer[];
  private readonly feeds: Feeds;
  private readonly params: GPUBuffer | null;
  private readonly ring: Ring | undefined;
  private readonly inputSlots: readonly Located[];
  private readonly outputPlaces: readonly Located[];
  private readonly copies = new Map<State, GPUBuffer>();

  private readonly device: CountedDevice;
  private readonly buffers: Buffers;

  constructor(
    readonly plan: Plan,
    { counted, buffers, rings, copies }: ReplayPlace,
  ) {
    const { memory } = plan;
    this.device = counted;
    this.buffers = buffers;
    this.slots = buffers.slots(memory.slots, memory.kept);
    this.feeds = new Feeds(plan, counted, buffers);
    if (copies) for (const state of statesWritten(plan)) this.copies.set(state, copies.of(state));
    const numbers = plan.outputs.filter((x) => x.size === 1);
    if (numbers.length) this.ring = rings?.of(numbers.length);
    this.inputSlots = plan.inputs.map((x) => this.locate(memory.place(x)));
    this.outputPlaces = plan.outputs.map((x) => this.locate(memory.place(x)));
    this.params = this.uploadParams();
    this.launches = this.makeLaunches(this.params);
  }

  /** How many steps fit into one submit. */
  get most(): number {
    return this.feeds.buffer ? MOST_ROWS : Infinity;
  }

  /** One step: uploads, launches, one submit. Nothing is waited for. */
  run(args: readonly HostArray[]): Reading[] {
    this.uploadInputs(args);
    return this.steps(1);
  }

  /** So many steps on the same inputs in one submit, as so many calls would make; the readings are of the last. */
  steps(times: number): Reading[] {
    const encoder = this.device.device.createCommandEncoder();
    if (times > 1 && this.feeds.buffer) {
      this.feeds.writeRows(times);
      for (let i = 0; i < times; i++) {
        this.feeds.copyRow(encoder, i);
        this.encodeAll(encoder, 1);
      }
      return this.finish(encoder);
    }
    this.feeds.write();
    this.encodeAll(encoder, times);
    const readings = this.finish(encoder);
    this.feeds.advance();
    return readings;
  }

  /** Writes the inputs, and what the host feeds without counting it: for what only measures. */
  upload(args: readonly HostArray[]): void {
    this.uploadInputs(args);
    this.feeds.write();
  }

  /** The launches on what was uploaded, so many times in one submit: for what only measures. */
  submit(times: number): void {
    const encoder = this.device.device.createCommandEncoder();
    this.encodeAll(encoder, times);
    this.device.submit(encoder.finish());
  }

  /** Writes the inputs alone. */
  uploadInputs(args: readonly HostArray[]): void {
    args.forEach(({ data }, i) => {
      const { buffer, offset } = this.inputSlots[i];
      this.buffers.upload(buffer, offset, data);
    });
  }

  /** Gives back the buffers that are this replay's alone. */
  destroy(): void {
    const own = [...this.plan.memory.kept].map((slot) => this.slots[slot]);
    for (const buffer of [...own, this.params]) if (buffer) this.device.destroyBuffer(buffer);
    this.feeds.destroy();
  }

  private encodeAll(encoder: GPUCommandEncoder, times: number): void {
    const pass = encoder.beginComputePass();
    for (let i = 0; i < times; i++) this.encode(pass, this.launches);
    pass.end();
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
    this.encodings++;
  }

  /** Saves one-number results in the ring, submits, and hands out the readings. */
  private finish(encoder: GPUCommandEncoder): Reading[] {
    const { outputs } = this.plan;
    const { ring, encodings } = this;
    const turn = ring?.take();
    const unchanged = () => this.encodings === encodings;
    let column = 0;
    const readings = outputs.map((x, i) => {
      const from = this.outputPlaces[i];
      if (!ring || !turn || x.size !== 1) return this.reading(x, from, unchanged);
      const at = { buffer: ring.buffer, offset: turn.places[column++] };
      encoder.copyBufferToBuffer(from.buffer, from.offset * 4, at.buffer, at.offset * 4, 4);
      return this.reading(x, at, turn.fresh);
    });
    this.device.submit(encoder.finish());
    this.generation++;
    return readings;
  }

  private reading(x: Tensor, { buffer, offset }: Located, fresh: () => boolean): Reading {
    return new Reading(x, () => this.buffers.read(buffer, offset, x.size), fresh);
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
    const copy = home.kind === 'state' && this.copies.get(home.state);
    if (copy) return { buffer: copy, offset };
    if (home.kind === 'state') return { buffer: this.buffers.bind(home.state).buffer, offset };
    if (home.kind === 'constant') return { buffer: this.buffers.constant(home.tensor), offset };
    return { buffer: this.feeds.buffer!, offset: this.feeds.offsetOf(home.tensor) + offset };
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
