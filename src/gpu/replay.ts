// A plan becomes one command buffer, again and again. Everything is created once, in the constructor; a
// replay writes the inputs and the feeds, encodes the launches, and submits once.

import type { HostArray } from '../graph/host';
import type { Plan } from '../graph/plan';
import type { Tensor } from '../graph/tensor';
import type { Buffers } from './buffers';
import type { CountedDevice } from './device';
import { MOST_ROWS } from './feeds';
import { bindLaunches, type Launch } from './launches';
import { Reading } from './reading';
import { ReplayMemory, type Located } from './replayMemory';
import type { Rings } from './rings';
import type { StateCopies } from './stateCopies';

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
  /** As they are bound now: see `catchUp`. */
  launches: readonly Launch[] = [];
  /** Counts replays whose results were handed out. */
  generation = 0;
  /** Counts whatever overwrites results: a reading of an array is only good until the next time. */
  private encodings = 0;
  private readonly memory: ReplayMemory;
  private readonly params: GPUBuffer | null;
  /** One-number results. */
  private readonly numbers: number;
  private readonly rings: Rings | undefined;
  private inputSlots: readonly Located[] = [];
  private outputPlaces: readonly Located[] = [];
  private readonly device: CountedDevice;
  private readonly buffers: Buffers;

  constructor(
    readonly plan: Plan,
    { counted, buffers, rings, copies }: ReplayPlace,
  ) {
    this.device = counted;
    this.buffers = buffers;
    this.memory = new ReplayMemory(plan, buffers, copies);
    this.numbers = plan.outputs.filter((x) => x.size === 1).length;
    this.rings = rings;
    try {
      this.params = this.uploadParams();
      this.catchUp();
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  /** Before every use: binds anew what has been replaced since, and refuses where something is gone. */
  catchUp(): void {
    const { plan, memory } = this;
    if (!memory.moved()) return;
    this.inputSlots = plan.inputs.map((x) => memory.locate(plan.memory.place(x)));
    this.outputPlaces = plan.outputs.map((x) => memory.locate(plan.memory.place(x)));
    this.launches = bindLaunches(plan, memory, this.params, this.device);
  }

  /** How many steps fit into one submit. */
  get most(): number {
    return this.memory.feeds.buffer ? MOST_ROWS : Infinity;
  }

  /** One step: uploads, launches, one submit. Nothing is waited for. */
  run(args: readonly HostArray[]): Reading[] {
    this.uploadInputs(args);
    return this.steps(1);
  }

  /** So many steps on the same inputs in one submit, as so many calls would make; the readings are of the last. */
  steps(times: number): Reading[] {
    const encoder = this.device.device.createCommandEncoder();
    if (times > 1 && this.memory.feeds.buffer) {
      this.memory.feeds.writeRows(times);
      for (let i = 0; i < times; i++) {
        this.memory.feeds.copyRow(encoder, i);
        this.encodeAll(encoder, 1);
      }
      return this.finish(encoder);
    }
    this.memory.feeds.write();
    this.encodeAll(encoder, times);
    const readings = this.finish(encoder);
    this.memory.feeds.advance();
    return readings;
  }

  /** Writes the inputs, and what the host feeds without counting it: for what only measures. */
  upload(args: readonly HostArray[]): void {
    this.uploadInputs(args);
    this.memory.feeds.write();
  }

  /** The launches on what was uploaded, so many times in one submit: for what only measures. */
  submit(times: number): void {
    this.catchUp();
    const encoder = this.device.device.createCommandEncoder();
    this.encodeAll(encoder, times);
    this.device.submit(encoder.finish());
  }

  /** Writes the inputs alone. */
  uploadInputs(args: readonly HostArray[]): void {
    this.catchUp();
    args.forEach(({ data }, i) => {
      const { buffer, offset } = this.inputSlots[i];
      this.buffers.upload(buffer, offset, data);
    });
  }

  /** Gives back the buffers that are this replay's alone. */
  destroy(): void {
    this.memory.free();
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
    const { numbers, encodings } = this;
    const ring = numbers ? this.rings?.of(numbers) : undefined;
    const turn = ring?.take();
    let column = 0;
    const readings = this.plan.outputs.map((x, i) => {
      const from = this.outputPlaces[i];
      const gone = () => this.goneSince(encodings);
      const place = () => (gone() ? null : from);
      if (!ring || !turn || x.size !== 1)
        return new Reading(x, { fetch: this.fetching(from, x), gone, place });
      const at = { buffer: ring.buffer, offset: turn.places[column++] };
      encoder.copyBufferToBuffer(from.buffer, from.offset * 4, at.buffer, at.offset * 4, 4);
      return new Reading(x, { fetch: this.fetching(at, x), gone: turn.gone, place });
    });
    this.device.submit(encoder.finish());
    this.generation++;
    return readings;
  }

  private goneSince(encodings: number): string | null {
    if (this.memory.freed) return 'its recording was freed';
    return this.encodings > encodings ? 'its step had run again and overwritten it' : null;
  }

  private fetching({ buffer, offset }: Located, { size }: Tensor): () => Promise<ArrayBuffer> {
    return () => this.buffers.read(buffer, offset, size);
  }

  private uploadParams(): GPUBuffer | null {
    const { params } = this.plan;
    if (!params.length) return null;
    const buffer = this.memory.own('params', params.length / 4, GPUBufferUsage.UNIFORM);
    this.device.queue.writeBuffer(buffer, 0, params.buffer, params.byteOffset, params.byteLength);
    return buffer;
  }
}
