// A plan becomes one command buffer, again and again. Everything is created once, in the constructor; a
// replay writes the inputs and the feeds, encodes the launches, and submits once.

import type { Plan } from '../../plan/plan';
import type { Buffers } from '../device/buffers';
import type { CountedDevice } from '../device/device';
import { check } from '../../graph/check';
import { GpuArray, type Given } from './gpuArray';
import { bindLaunches, type Launch } from './launches';
import { Reading } from './reading';
import { ReplayMemory, type Located, type MemoryOptions } from './replayMemory';
import type { Rings } from './rings';
import { UNIFORM } from '../device/usages';

/** Where a replay is made. */
export interface ReplayPlace extends MemoryOptions {
  readonly counted: CountedDevice;
  readonly buffers: Buffers;
  /** Absent: it gives no readings. */
  readonly rings?: Rings;
}

/** A plan with its buffers, pipelines and bind groups: what is run at every call. */
export class Replay {
  /** As they are bound now: see `catchUp`. */
  launches: readonly Launch[] = [];
  /** Counts replays whose results were handed out. */
  generation = 0;
  /** Counts whatever overwrites results: a reading of an array is only good until the next time. */
  private encodings = 0;
  readonly memory: ReplayMemory;
  private readonly paramsBuffer: GPUBuffer | null;
  /** One-number results. */
  private readonly numbers: number;
  private readonly rings: Rings | undefined;
  inputSlots: readonly Located[] = [];
  private outputPlaces: readonly Located[] = [];
  readonly device: CountedDevice;
  private readonly buffers: Buffers;

  constructor(
    readonly plan: Plan,
    { counted, buffers, rings, ...options }: ReplayPlace,
  ) {
    this.device = counted;
    this.buffers = buffers;
    this.memory = new ReplayMemory(plan, buffers, options);
    this.numbers = plan.outputs.filter((x) => x.size === 1).length;
    this.rings = rings;
    try {
      this.paramsBuffer = this.uploadParams();
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
    this.launches = bindLaunches(plan, memory, this.paramsBuffer, this.device);
  }

  /** One step: uploads, launches, one submit. Nothing is waited for. */
  run(args: readonly Given[]): Reading[] {
    this.uploadInputs(args);
    const encoder = this.device.device.createCommandEncoder();
    this.copyInputs(encoder, args);
    const { feeds } = this.memory;
    feeds.write();
    this.encodeAll(encoder, 1);
    const readings = this.finish(encoder);
    feeds.advance();
    return readings;
  }

  /** Writes the inputs that the host has. */
  uploadInputs(args: readonly Given[]): void {
    this.catchUp();
    args.forEach((given, i) => {
      if (given instanceof GpuArray) return;
      const { buffer, offset } = this.inputSlots[i];
      this.buffers.upload(buffer, offset, given.data);
    });
  }

  /** Records that the inputs that are on the device are copied to their slots. */
  copyInputs(encoder: GPUCommandEncoder, args: readonly Given[]): void {
    args.forEach((given, i) => {
      if (given instanceof GpuArray) given.copy(encoder, this.inputSlots[i]);
    });
  }

  /** Gives back the buffers that are this replay's alone. */
  destroy(): void {
    this.memory.free();
  }

  /** Records the launches, so many times. */
  encodeAll(encoder: GPUCommandEncoder, times: number): void {
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

  /** Submits, and hands out the readings. */
  finish(encoder: GPUCommandEncoder): Reading[] {
    const readings = this.results(encoder);
    this.device.submit(encoder.finish());
    this.generation++;
    return readings;
  }

  /** Records that one-number results are saved in the ring, and hands out the readings. */
  results(encoder: GPUCommandEncoder, arrived?: () => Promise<void>): Reading[] {
    const ring = this.numbers ? this.rings?.of(this.numbers) : undefined;
    const before = this.encodings;
    const turn = ring?.take();
    let column = 0;
    return this.plan.outputs.map((x, i) => {
      const from = this.outputPlaces[i];
      const gone = () => this.goneSince(before);
      const place = (on: CountedDevice) => this.placeOf(i, on);
      // Copied at once, before the next step: nothing may be waited for first.
      const fetching =
        ({ buffer, offset }: Located) =>
        async () => {
          const values = this.buffers.read(buffer, offset, x.size);
          return arrived ? (await Promise.all([values, arrived()]))[0] : values;
        };
      if (!ring || !turn || x.size !== 1) return new Reading(x, { fetch: fetching(from), gone, place });
      const at = { buffer: ring.buffer, offset: turn.places[column++] };
      encoder.copyBufferToBuffer(from.buffer, from.offset * 4, at.buffer, at.offset * 4, 4);
      return new Reading(x, { fetch: fetching(at), gone: turn.gone, place });
    });
  }

  private placeOf(output: number, on: CountedDevice): Located {
    check(!this.memory.freed, 'bufferOf of a result: its recording was freed', 'call the step again');
    check(on === this.device, 'bufferOf: a result of another engine', 'ask that one');
    return this.outputPlaces[output];
  }

  private goneSince(encodings: number): string | null {
    if (this.memory.freed) return 'its recording was freed';
    return this.encodings > encodings ? 'its step had run again and overwritten it' : null;
  }

  private uploadParams(): GPUBuffer | null {
    const { params } = this.plan;
    if (!params.length) return null;
    const buffer = this.memory.own('params', params.length / 4, UNIFORM);
    this.buffers.upload(buffer, 0, params);
    return buffer;
  }
}
